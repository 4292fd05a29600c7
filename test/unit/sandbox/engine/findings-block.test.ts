import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from '../../../../src/core/anchor.ts';
import { parseFindings } from '../../../../src/core/findings-parse.ts';
import { placeSnippet } from '../../../../src/core/findings-place.ts';
import { VERIFY_QUESTION, aboutFinding, changesPrompt, reviewPrompt } from '../../../../src/core/findings-prompt.ts';
import { ask, fileOf } from './support.ts';

const SERVER = readFileSync(
  join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'workspace', 'app', 'server.py'),
  'utf8',
);
const server = fileOf('server.py', SERVER, 'python', 'text/x-python');
const other = fileOf('other.py', 'x = eval(text)\n', 'python');
const REVIEW = reviewPrompt([{ path: 'app/server.py', attachedAs: 'server.py' }]);

describe('findings in the format that a client asks for', () => {
  it('are those of the named file, each with code that is in it', async () => {
    const parsed = parseFindings(await ask(REVIEW, { files: [other, server] }));
    assert.equal(parsed?.unread, 0);
    assert.ok(parsed.findings.length >= 4, String(parsed.findings.length));
    for (const { file, snippet, line, rule, explanation } of parsed.findings) {
      assert.equal(file, 'server.py');
      // The line of the answer is left out of account: the code leads there.
      assert.equal(placeSnippet(linesOf(SERVER.split('\n')), snippet)?.first, line, rule);
      assert.ok(explanation.length > 40, rule);
    }
    const sql = parsed.findings.find(({ rule }) => rule === 'python/sql-injection');
    assert.match(sql?.fix ?? '', /WHERE customer = \?", \(customer,\)/);
    assert.ok(!JSON.stringify(parsed).includes('demo-not-a-real-key-7f3a9c2e5b1d'), 'a secret is masked');
  });

  it('of a diff are those of its new lines, by the names in it', async () => {
    const diff = [
      'diff --git a/src/app.py b/src/app.py',
      '--- a/src/app.py',
      '+++ b/src/app.py',
      '@@ -1,3 +1,3 @@',
      ' old = eval(one)',
      '-x = 1',
      '+new = eval(two)',
      ' z = 3',
      'diff --git a/web/page.js b/web/page.js',
      '--- a/web/page.js',
      '+++ b/web/page.js',
      '@@ -1 +1,2 @@',
      ' const a = 1;',
      '+out.innerHTML = text;',
      '',
    ].join('\n');
    const answer = await ask(changesPrompt('working-tree.diff'), {
      files: [fileOf('working-tree.diff', diff, 'diff')],
    });
    assert.deepEqual(
      parseFindings(answer)?.findings.map(({ file, snippet, line }) => [file, snippet, line]),
      [
        ['src/app.py', 'new = eval(two)', undefined],
        ['web/page.js', 'out.innerHTML = text;', undefined],
      ],
    );
  });

  it('are an empty list where nothing fires', async () => {
    const calm = fileOf('server.py', 'x = 1\n', 'python');
    assert.deepEqual(parseFindings(await ask(REVIEW, { files: [calm] })), { findings: [], unread: 0 });
  });

  it('are verified by looking again', async () => {
    const question = (rule: string): string =>
      `In \`other.py:1\` (attached as \`other.py:1-1\`):\n\n${aboutFinding({ rule, severity: 'high', title: 't', explanation: 'e' })}\n\n${VERIFY_QUESTION}`;
    const lines = fileOf('other.py:1-1', 'x = eval(text)', 'python');
    assert.match(await ask(question('python/eval'), { files: [lines] }), /^Verdict: confirmed$/m);
    assert.match(await ask(question('python/sql-injection'), { files: [lines] }), /^Verdict: cannot tell$/m);
  });
});
