import assert from 'node:assert/strict';
import { checkedOptions, optionWords, promptMeta } from '../../../src/core/session-options.ts';
import { isSecGeminiError } from '../../../src/core/errors.ts';

describe('session options', () => {
  const system = (): Record<string, string> => ({ sys_os: 'linux 6', evil: 'x' });

  it('become the meta keys of v3', () => {
    const options = { harness: 'secgemini-fast', mode: 'dfir', logging: false, skills: ['a.md', 'b.md'] } as const;
    assert.deepEqual(promptMeta(options, system), {
      'config.harness': 'secgemini-fast',
      'config.mode': 'dfir',
      disable_logging: 'true',
      forced_skills: 'a.md,b.md',
    });
    assert.equal(promptMeta(undefined, system), undefined);
    assert.equal(promptMeta({}, system), undefined);
  });

  it('tell about this machine only when that was turned on, and only what is named sys_*', () => {
    let asked = 0;
    const counted = (): Record<string, string> => {
      asked += 1;
      return system();
    };
    assert.equal(promptMeta({ mode: 'dfir' }, counted)?.['sys_os'], undefined);
    assert.equal(asked, 0);
    assert.deepEqual(promptMeta({ systemInfo: true }, counted), { sys_os: 'linux 6' });
  });

  it('refuse words that the wire would read differently', () => {
    for (const options of [{ mode: 'a b' }, { harness: '\u202Ex' }, { skills: ['a,b'] }, { skills: [' '] }])
      assert.throws(
        () => checkedOptions(options),
        (error) => isSecGeminiError(error, 'invalidArgument') && error.message.includes('"'),
      );
    assert.equal(checkedOptions({ skills: [] }), undefined);
    assert.deepEqual(checkedOptions({ skills: ['a', 'a'], systemInfo: true }), { skills: ['a'], systemInfo: true });
  });

  it('are said in words, what touches privacy first', () => {
    assert.deepEqual(optionWords({ harness: 'secgemini-fast', skills: ['x'], systemInfo: true, logging: false }), [
      'tells about this machine',
      'asks for no logging',
      'Sec-Gemini Fast',
      'skill x',
    ]);
    assert.deepEqual(optionWords(undefined), []);
  });
});
