import assert from 'node:assert/strict';
import { excludeRules, excluder, globExpression } from '../../../src/core/attach-glob.ts';

describe('globs of files.exclude', () => {
  const cases: readonly [pattern: string, path: string, fits: boolean][] = [
    ['**/.git', '.git', true],
    ['**/.git', 'a/b/.git', true],
    ['**/.git', 'a/.github', false],
    ['**/.git', 'a/x.git', false],
    ['**/*.tmp', 'a.tmp', true],
    ['**/*.tmp', 'a/b/c.tmp', true],
    ['*.tmp', 'a.tmp', true],
    ['*.tmp', 'a/b.tmp', false],
    ['out/**', 'out/a/b', true],
    ['out/**', 'output/a', false],
    ['out/', 'out', true],
    ['src/{a,b}/*.ts', 'src/b/x.ts', true],
    ['src/{a,b}/*.ts', 'src/c/x.ts', false],
    ['**/*.{js,jsx}', 'a/b.jsx', true],
    ['file-[0-9].txt', 'file-7.txt', true],
    ['file-[!0-9].txt', 'file-7.txt', false],
    ['?.md', 'a.md', true],
    ['?.md', 'ab.md', false],
    ['a.b', 'axb', false],
    ['a(b)+$', 'a(b)+$', true],
    ['[z-a]', '[z-a]', true],
    ['**', 'any/thing', true],
  ];
  for (const [pattern, path, fits] of cases)
    it(`${pattern} ${fits ? 'fits' : 'does not fit'} ${path}`, () => {
      assert.equal(globExpression(pattern).test(path), fits);
    });

  it('count when they are true, or when the neighbour is there', () => {
    const rules = excludeRules({ '**/*.a': true, '**/*.b': false, '**/*.js': { when: '$(basename).ts' }, '**/*.c': 5 });
    assert.deepEqual(rules, [{ pattern: '**/*.a' }, { pattern: '**/*.js', when: '$(basename).ts' }]);
    const isExcluded = excluder(rules);
    assert.equal(isExcluded('x/y.a', new Set()), true);
    assert.equal(isExcluded('x/y.b', new Set()), false);
    assert.equal(isExcluded('x/y.js', new Set(['y.js'])), false);
    assert.equal(isExcluded('x/y.js', new Set(['y.js', 'y.ts'])), true);
    for (const hostile of [undefined, null, 'x', 5, []]) assert.deepEqual(excludeRules(hostile), []);
  });
});
