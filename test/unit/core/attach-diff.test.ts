import assert from 'node:assert/strict';
import { piecesOf } from '../../../src/core/attach-diff.ts';
import { denyRuleOf } from '../../../src/core/egress-deny.ts';

const piece = (path: string, old = path): string =>
  `diff --git a/${old} b/${path}\nindex 1..2 100644\n--- a/${old}\n+++ b/${path}\n@@ -1 +1 @@\n-old of ${old}\n+new of ${path}\n`;

/** What is left of a diff without the files that the deny list names. */
function filtered(diff: string): { text: string; files: number; left: readonly string[] } {
  const { head, pieces } = piecesOf(diff);
  const free = pieces.filter(({ paths }) => paths.length > 0 && denyRuleOf(paths) === undefined);
  const left = pieces.filter((each) => !free.includes(each)).flatMap(({ paths }) => paths);
  return { text: head + free.map(({ text }) => text).join(''), files: free.length, left };
}

describe('a diff to attach', () => {
  it('stays as it is when nothing in it is kept here', () => {
    const diff = piece('src/app.py') + piece('a b.txt');
    assert.deepEqual(filtered(diff), { text: diff, left: [], files: 2 });
  });

  it('loses the files that the deny list names, and says so', () => {
    const found = filtered(`commit 1\n\n    words\n\n${piece('x.py')}${piece('config/.env')}${piece('y.py')}`);
    assert.equal(found.text, `commit 1\n\n    words\n\n${piece('x.py')}${piece('y.py')}`);
    assert.deepEqual(found.left, ['config/.env']);
    assert.equal(found.files, 2);
  });

  const hidden: readonly [what: string, diff: string][] = [
    [
      'renamed away',
      'diff --git a/.env b/settings.txt\nsimilarity index 90%\nrename from .env\nrename to settings.txt\n@@ -1 +1 @@\n-K=hunter2\n+K=1\n',
    ],
    [
      'deleted',
      'diff --git a/.env b/.env\ndeleted file mode 100644\n--- a/.env\n+++ /dev/null\n@@ -1 +0,0 @@\n-K=hunter2\n',
    ],
    ['added', 'diff --git a/.env b/.env\nnew file mode 100644\n--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+K=hunter2\n'],
    [
      'with a space',
      'diff --git a/my dir/.env b/my dir/.env\n--- a/my dir/.env\t\n+++ b/my dir/.env\t\n@@ -1 +1 @@\n-K=hunter2\n+x\n',
    ],
    [
      'quoted',
      'diff --git "a/\\303\\244/.env" "b/\\303\\244/.env"\n--- "a/\\303\\244/.env"\n+++ "b/\\303\\244/.env"\n@@ -1 +1 @@\n-K=hunter2\n+x\n',
    ],
    ['with another prefix', 'diff --git i/.env w/.env\n--- i/.env\n+++ w/.env\n@@ -1 +1 @@\n-K=hunter2\n+x\n'],
    ['of a merge', 'diff --cc .env\nindex 1,2..3\n--- a/.env\n+++ b/.env\n@@@ -1,1 -1,1 +1,1 @@@\n- K=hunter2\n'],
    ['binary', 'diff --git a/id_rsa b/id_rsa\nindex 1..2 100644\nGIT binary patch\nhunter2\n'],
    ['with CRLF', 'diff --git a/.env b/.env\r\n--- a/.env\r\n+++ b/.env\r\n@@ -1 +1 @@\r\n-K=hunter2\r\n'],
  ];
  for (const [what, diff] of hidden)
    it(`loses a file that is ${what}`, () => {
      const found = filtered(piece('x.py') + diff + piece('y.py'));
      assert.ok(!found.text.includes('hunter2'));
      assert.ok(found.left.length > 0);
      assert.equal(found.files, 2);
    });

  it('is not split by content that looks like a head', () => {
    const diff = `diff --git a/x.md b/x.md\n--- a/x.md\n+++ b/x.md\n@@ -1 +1 @@\n+diff --git a/.env b/.env\n`;
    assert.equal(piecesOf(diff).pieces.length, 1);
  });

  const names: readonly [what: string, diff: string, paths: readonly string[]][] = [
    ['under git’s prefixes', piece('src/x.py'), ['src/x.py']],
    [
      'without prefixes, where a folder may be called a',
      'diff --git a/x.py a/x.py\n--- a/x.py\n+++ a/x.py\n@@ -1 +1 @@\n-1\n+2\n',
      ['a/x.py'],
    ],
    ['only its mode changed', 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n', ['run.sh']],
    ['binary', 'diff --git a/docs/x.png b/docs/x.png\nindex 1..2 100644\nBinary files differ\n', ['docs/x.png']],
    [
      'renamed, both names',
      'diff --git a/old/x.py b/new/y.py\nsimilarity index 100%\nrename from old/x.py\nrename to new/y.py\n',
      ['old/x.py', 'new/y.py'],
    ],
    [
      'of a merge',
      'diff --cc src/x.py\nindex 1,2..3\n--- a/src/x.py\n+++ b/src/x.py\n@@@ -1 -1 +1 @@@\n',
      ['src/x.py'],
    ],
    ['under prefixes of the user’s', 'diff --git old/s/x.py new/s/x.py\nindex 1..2\n', ['s/x.py']],
  ];
  for (const [what, diff, paths] of names)
    it(`names a file ${what}`, () => assert.deepEqual(piecesOf(diff).pieces[0]?.paths, paths));
});
