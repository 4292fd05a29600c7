import assert from 'node:assert/strict';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { checkServerName, checkServerUrl, serverEntries, serverRow } from '../../../src/core/mcp-servers.ts';
import type { SessionMcpServer } from '../../../src/core/model-agent.ts';
import { checkSkill, skillNameProblem, skillTemplate } from '../../../src/core/skill-name.ts';

const refused = (run: () => unknown, words: RegExp): void =>
  assert.throws(run, (error) => isSecGeminiError(error, 'invalidArgument') && words.test(error.message));

describe('addresses of tool servers', () => {
  it('are https, without a user, not this machine, and normalised', () => {
    assert.equal(checkServerUrl(' https://Tools.Example.com/mcp#x '), 'https://tools.example.com/mcp');
    assert.equal(checkServerUrl('https://bücher.example/'), 'https://xn--bcher-kva.example/');
    for (const text of [
      '',
      'tools.example.com',
      'http://tools.example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
    ])
      refused(() => checkServerUrl(text), /address/);
    refused(() => checkServerUrl('https://user:pass@tools.example.com/'), /user or a password/);
    for (const host of [
      'localhost',
      '127.0.0.1',
      '127.1',
      '[::1]',
      '0.0.0.0',
      'a.localhost',
      'LOCALHOST.',
      '2130706433',
    ])
      refused(() => checkServerUrl(`https://${host}/mcp`), /this machine/);
  });

  it('have names of one visible line', () => {
    assert.equal(checkServerName('  Case tools '), 'Case tools');
    for (const name of ['', ' ', 'a\nb', 'a\u202Eb', 'x'.repeat(81)]) refused(() => checkServerName(name), /name/);
  });
});

describe('tool servers in the view', () => {
  const live = (over: Partial<SessionMcpServer>): SessionMcpServer => ({
    id: '1',
    name: 'One',
    url: 'https://one.example/mcp',
    state: 'running',
    tools: [],
    skills: [],
    ...over,
  });

  it('are ticked when the session uses their address; those of the session alone are there, too', () => {
    const account = [live({}), live({ id: '2', name: 'Two', url: 'https://two.example/mcp' })];
    const session = [live({}), live({ id: '', name: 'Other', url: 'https://other.example/' })];
    const entries = serverEntries(account, session);
    assert.deepEqual(
      entries.map(({ name, used, inAccount }) => [name, used, inAccount]),
      [
        ['One', true, true],
        ['Two', false, true],
        ['Other', true, false],
      ],
    );
    assert.deepEqual(
      serverEntries(account, undefined).map(({ used }) => used),
      [undefined, undefined],
    );
  });

  it('say what does not run, and hide nothing of what they call themselves', () => {
    const tools = [{ name: 't', description: '' }];
    const [entry] = serverEntries([live({ name: 'a\u202Eb' })], [live({ state: 'unreachable', tools })]);
    assert.ok(entry !== undefined);
    const row = serverRow(entry);
    assert.equal(row.label, 'a⟦U+202E⟧b');
    assert.equal(row.description, 'not reachable · 1 tool · one.example');
    assert.equal(
      row.accessibleLabel,
      'Tool server a⟦U+202E⟧b, used by the session, not reachable, 1 tool, one.example',
    );
  });
});

describe('skills', () => {
  it('have names that a prompt can ask for and a list can show', () => {
    for (const name of ['triage.md', 'Log analysis (v2).md', '分析.md', '_x'])
      assert.equal(skillNameProblem(name), undefined);
    for (const name of [
      '',
      'a,b',
      '../x',
      'a\\b',
      'c:x',
      '.hidden',
      'end.',
      'x\u200by',
      ' a',
      'a ',
      '-x',
      'x'.repeat(129),
    ])
      assert.notEqual(skillNameProblem(name), undefined, name);
  });

  it('are checked before they are uploaded', () => {
    checkSkill('a.md', skillTemplate('a.md'));
    checkSkill('a.md', 'no front matter');
    refused(() => checkSkill('a,b', 'x'), /comma/);
    refused(() => checkSkill('a.md', ' \n'), /empty/);
    refused(() => checkSkill('a.md', '---\nname: a\n\n# A'), /front matter/);
    assert.throws(
      () => checkSkill('a.md', 'x'.repeat(1024 * 1024 + 1)),
      (error) => isSecGeminiError(error, 'tooLarge'),
    );
  });
});
