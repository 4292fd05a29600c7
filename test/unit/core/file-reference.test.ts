import assert from 'node:assert/strict';
import { parseReference } from '../../../src/core/file-reference.ts';

describe('file references', () => {
  it('reads paths with lines, columns and ranges', () => {
    assert.deepEqual(parseReference('src/app.py:12:3'), { path: 'src/app.py', line: 12, column: 3 });
    assert.deepEqual(parseReference('app.py:10-42'), { path: 'app.py', line: 10, column: 1, endLine: 42 });
    assert.deepEqual(parseReference('app.py#L5-L9'), { path: 'app.py', line: 5, column: 1, endLine: 9 });
    assert.deepEqual(parseReference('.\\src\\a b.ts'), { path: 'src/a b.ts', line: 1, column: 1 });
    assert.deepEqual(parseReference('app.py:0'), { path: 'app.py', line: 1, column: 1 });
  });

  it('refuses what leads out of the workspace', () => {
    for (const text of [
      '/etc/passwd',
      '../x',
      'a/../../x',
      '~/.ssh/id_rsa',
      'C:\\x',
      'file:///etc/passwd',
      'a\u0000b',
      '',
      '.',
      'x'.repeat(1001),
    ])
      assert.equal(parseReference(text), undefined, text.slice(0, 20));
  });
});
