import assert from 'node:assert/strict';
import fc from 'fast-check';
import { distinctName } from '../../../src/core/attach-names.ts';
import { originOf } from '../../../src/core/attach-source.ts';

describe('names of attachments', () => {
  const cases: readonly [
    name: string,
    folders: readonly string[],
    taken: readonly string[],
    expected: string,
    again?: boolean,
  ][] = [
    ['app.py', ['src', 'web'], [], 'app.py'],
    ['app.py', ['src', 'web'], ['app.py'], 'app (src).py'],
    ['app.py', ['src', 'web'], ['app.py', 'app (src).py'], 'app (src in web).py'],
    ['app.py', ['src', 'web'], ['app.py', 'app (src).py', 'app (src in web).py'], 'app (2).py'],
    ['app.py', [], ['app.py'], 'app (2).py'],
    ['app.py', ['src'], ['app.py'], 'app (2).py', true],
    ['app.py:10-42', ['src'], ['app.py:10-42'], 'app (src).py:10-42'],
    ['nb.ipynb:cells 2-3', ['src'], ['nb.ipynb:cells 2-3'], 'nb (src).ipynb:cells 2-3'],
    ['a.tar.gz', ['src'], ['a.tar.gz'], 'a (src).tar.gz'],
    ['types.d.ts', ['src'], ['types.d.ts'], 'types (src).d.ts'],
    ['Makefile', ['src'], ['Makefile'], 'Makefile (src)'],
    ['.gitignore', ['src'], ['.gitignore'], '.gitignore (src)'],
    ['no ending. really', ['src'], ['no ending. really'], 'no ending. really (src)'],
    ['a.py', ['evil\u0000/..'], ['a.py'], 'a (file).py'],
  ];
  for (const [name, folders, taken, expected, again] of cases)
    it(`${name} beside ${taken.length} of that name becomes ${expected}`, () => {
      assert.equal(distinctName({ name, folders, again }, new Set(taken)), expected);
    });

  it('are always new, short enough and without slashes', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 255 }),
        fc.array(fc.string(), { maxLength: 5 }),
        (raw, folders) => {
          const name = raw.replaceAll(/[/\\\u0000-\u001f\u007f-\u009f]/g, '_');
          const taken = new Set([name]);
          for (let round = 0; round < 8; round += 1) {
            const made = distinctName({ name, folders }, taken);
            assert.ok(!taken.has(made));
            assert.ok(Buffer.byteLength(made) <= Math.max(255, Buffer.byteLength(name)));
            assert.ok(!/[/\\\u0000-\u001f]/.test(made));
            taken.add(made);
          }
        },
      ),
    );
  });

  it('are at most 255 bytes, the ending kept', () => {
    const name = `${'ä'.repeat(125)}.log`;
    const made = distinctName({ name, folders: ['src'] }, new Set([name]));
    assert.ok(Buffer.byteLength(made) <= 255);
    assert.ok(made.endsWith(' (src).log'));
  });
});

describe('the origin of an attachment', () => {
  it('holds what is known and nothing else', () => {
    assert.deepEqual(originOf('id', {}, undefined, 5), { attachmentId: 'id', at: 5 });
    assert.deepEqual(
      originOf('id', { uri: 'file:///a', workspaceFolder: 'file:///', folders: ['x'], lines: [1, 2] }, 'ab', 5),
      { attachmentId: 'id', at: 5, uri: 'file:///a', workspaceFolder: 'file:///', lines: [1, 2], sourceSha256: 'ab' },
    );
  });
});
