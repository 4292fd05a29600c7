import assert from 'node:assert/strict';
import { linesOf } from '../../../src/core/anchor.ts';
import { applyLines, blockEdit, hunkEdit, parseCode, steersTheEditor } from '../../../src/core/code-blocks.ts';

const FILE = [
  'import db',
  '',
  'def find(user):',
  '    query = f"select * from t where u = {user}"',
  '    return db.run(query)',
  '',
  'def other():',
  '    return 1',
];
const source = linesOf(FILE);
const DIFF = [
  'Two places:',
  '',
  '```diff',
  '--- a/app.py',
  '+++ b/app.py',
  '@@ -30,3 +30,3 @@ def find(user):',
  ' def find(user):',
  '-    query = f"select * from t where u = {user}"',
  '-    return db.run(query)',
  '+    return db.run("select * from t where u = ?", [user])',
  '@@ -90,2 +89,2 @@',
  ' def other():',
  '-    return 1',
  '+    return 2',
  '```',
].join('\n');

describe('code of answers', () => {
  it('is taken out verbatim, whatever fence it stands in', () => {
    const blocks = parseCode(
      'a\n\n~~~py\nx = "```"\n~~~\n\n- list\n\n  ```js x y\n  let a;\n  ```\n\n`inline`\n\n    indented\n',
    );
    assert.deepEqual(
      blocks.map(({ language, code }) => [language, code]),
      [
        ['py', 'x = "```"'],
        ['js', 'let a;'],
        ['', 'indented'],
      ],
    );
  });

  it('replaces the range asked about, with its indentation', () => {
    const edit = blockEdit(source, { first: 4, last: 5 }, 'return db.run("select ?", [user])');
    assert.deepEqual(edit, { first: 4, last: 5, lines: ['    return db.run("select ?", [user])'] });
    assert.deepEqual(applyLines(source, [edit]).slice(2, 5), [
      'def find(user):',
      '    return db.run("select ?", [user])',
      '',
    ]);
  });

  it('that begins and ends with lines of the file replaces those', () => {
    const whole = 'def find(user):\n    check(user)\n    return db.run(query)';
    assert.deepEqual(blockEdit(source, { first: 4, last: 4 }, whole), { first: 3, last: 5, lines: whole.split('\n') });
  });

  it('as a diff fits by its lines, not by its numbers, each hunk on its own', () => {
    const [block] = parseCode(DIFF);
    assert.deepEqual(
      block?.hunks.map(({ path }) => path),
      ['app.py', 'app.py'],
    );
    const edits = block?.hunks.map((hunk) => hunkEdit(source, hunk, 4)) ?? [];
    const changed = applyLines(source, edits);
    assert.deepEqual(changed, [
      ...FILE.slice(0, 3),
      '    return db.run("select * from t where u = ?", [user])',
      '',
      'def other():',
      '    return 2',
    ]);
    assert.deepEqual(applyLines(source, edits.slice(1)), [...FILE.slice(0, 7), '    return 2']);
  });

  it('as a diff that does not fit is refused with a reason', () => {
    const [block] = parseCode('```diff\n-    nothing like it at all\n+    x\n```');
    const [hunk] = block?.hunks ?? [];
    assert.ok(hunk !== undefined);
    assert.throws(() => hunkEdit(source, hunk, 1), /does not fit the file/);
  });

  it('is no diff because of a minus at the start of a line', () => {
    assert.deepEqual(parseCode('```yaml\n- a\n- b\n```')[0]?.hunks, []);
  });

  it('is not offered as a change to files that steer the editor, however they are spelled (trust.md S16)', () => {
    for (const path of [
      '.vscode/settings.json',
      'a/.VSCode/tasks.json',
      '.vscode./settings.json',
      '.git/hooks/pre-commit',
      '.github/workflows/ci.yml',
      'x.code-workspace',
      'x.code-workspace.',
      '.cursor/mcp.json',
      'a/mcp.json',
      '\uff0evscode/settings.json',
    ])
      assert.ok(steersTheEditor(path), path);
    for (const path of ['src/app.py', 'docs/vscode/settings.md', 'a.git.txt']) assert.ok(!steersTheEditor(path), path);
  });

  it('of two parts for the same lines is refused', () => {
    const edit = { first: 2, last: 4, lines: ['x'] };
    assert.throws(() => applyLines(source, [edit, { ...edit, first: 3 }]), /same lines/);
  });
});
