import assert from 'node:assert/strict';
import { ask, fileOf } from './support.ts';

const LINES = fileOf(
  'server.py:20-22',
  [
    'def orders():',
    '    rows = connect().execute(f"SELECT id FROM orders WHERE customer = \'{customer}\'").fetchall()',
    '    return subprocess.check_output("ping -c 1 " + host, shell=True)',
  ].join('\n'),
  'python',
  'text/x-python',
);
const OTHER = fileOf('other.py', 'x = eval(text)\n', 'python', 'text/x-python');
const about = (question: string): string =>
  `In \`app/server.py:20-22\` (attached as \`server.py:20-22\`):\n\n${question}`;
const files = [OTHER, LINES];

describe('questions at lines of code', () => {
  it('is it exploitable: a verdict on a line of its own, with real line numbers, of those lines only', async () => {
    const text = await ask(about('CodeQL reports `py/sql-injection` (error) on line 21: x\n\nIs this exploitable?'), {
      files,
    });
    assert.match(text, /^Verdict: exploitable$/m);
    assert.match(text, /line 21/);
    assert.ok(!text.includes('python/eval'));
    const calm = fileOf('calm.py:3-3', 'x = 1\n', 'python');
    assert.match(
      await ask('In `calm.py:3-3` (attached):\n\nIs this exploitable?', { files: [calm] }),
      /^Verdict: cannot tell$/m,
    );
  });

  it('fix this: the whole of the lines in one block', async () => {
    const text = await ask(about('Fix this'), { files });
    const code = /```python\n([\s\S]*?)\n```/.exec(text)?.[1];
    assert.equal(
      code,
      [
        'def orders():',
        '    rows = connect().execute("SELECT id FROM orders WHERE customer = ?", (customer,)).fetchall()',
        '    return subprocess.check_output(["ping", "-c", "1", host])',
      ].join('\n'),
    );
  });

  it('any other request works behind the place, too', async () => {
    assert.match(await ask(about('/demo help'), { files }), /\/demo/);
    assert.match(await ask(about('Which files do you have?'), { files }), /other\.py/);
  });

  it('fix a long file: a diff with a hunk for each place', async () => {
    const body = Array.from({ length: 120 }, (_line, index) => `value_${index} = ${index}`);
    body[10] = 'x = eval(text)';
    body[100] = 'app.run(debug=True)';
    const text = await ask('Fix long.py', { files: [fileOf('long.py', body.join('\n'), 'python')] });
    assert.equal(text.match(/^@@ /gm)?.length, 2);
    assert.match(text, /^-x = eval\(text\)\n\+x = ast\.literal_eval\(text\)$/m);
  });

  it('explain a problem of another tool by what the own rules find there, or say that they find nothing', async () => {
    const text = await ask(
      about('Semgrep reports `sqli` (error) on line 21: x\n\nExplain this problem: what is wrong here?'),
      { files },
    );
    assert.match(text, /`sqli`/);
    assert.match(text, /Use parameters/);
    const calm = fileOf('calm.ts:1-1', 'let x: string = 1;\n', 'typescript');
    assert.match(
      await ask(
        'In `calm.ts:1-1` (attached):\n\nts reports `2322` (error) on line 1: x\n\nExplain this problem: what?',
        { files: [calm] },
      ),
      /find nothing/,
    );
  });
});

describe('/demo patch', () => {
  it('proposes a diff with a change at both ends of every file, by the names and lines of the files themselves', async () => {
    const text = await ask(about('/demo patch'), { files });
    assert.match(
      text,
      /^--- a\/other\.py\n\+\+\+ b\/other\.py\n@@ -1,1 \+1,1 @@\n-x = eval\(text\)\n\+x = eval\(text\) # reviewed$/m,
    );
    assert.match(text, /^\+\+\+ b\/server\.py\n@@ -20,1 \+20,1 @@\n-def orders\(\):\n/m);
    assert.match(text, /^@@ -22,1 \+22,1 @@$/m);
    assert.match(await ask('/demo patch', { files: [] }), /No text is attached/);
  });
});
