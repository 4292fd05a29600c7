import assert from 'node:assert/strict';
import { type IgnoreFile, IgnoreRules } from '../../../src/core/egress-ignore.ts';

const at = (folder: string, ...lines: string[]): IgnoreFile => ({
  folder,
  name: '.secgeminiignore',
  text: lines.join('\n'),
});
const ignored = (rules: IgnoreRules, paths: readonly string[]): string[] =>
  paths.filter((path) => rules.ruleFor(path) !== undefined);

describe('ignore files', () => {
  it('reads gitignore syntax: comments, folders, anchors, stars, classes', () => {
    const rules = new IgnoreRules([
      at('', '\ufeff# a comment', '', '*.log', 'build/', '/only.txt', 'a/**/z', 'x[0-9].txt', '\\#real'),
    ]);
    assert.deepEqual(
      ignored(rules, [
        'a.log',
        'd/a.log',
        'build/x/y',
        'only.txt',
        'd/only.txt',
        'a/b/c/z',
        'x1.txt',
        'xy.txt',
        '#real',
        'a.txt',
        'src/build',
      ]),
      ['a.log', 'd/a.log', 'build/x/y', 'only.txt', 'a/b/c/z', 'x1.txt', '#real'],
    );
  });

  it('names the file and the line', () => {
    const rules = new IgnoreRules([at('', '*.log'), at('sub', 'plan.*')]);
    assert.equal(rules.ruleFor('a.log'), '.secgeminiignore: *.log');
    assert.equal(rules.ruleFor('sub/plan.md'), 'sub/.secgeminiignore: plan.*');
    assert.equal(rules.ruleFor('plan.md'), undefined);
  });

  it('takes upper and lower case for the same', () => {
    assert.deepEqual(ignored(new IgnoreRules([at('', 'Secret.txt')]), ['SECRET.TXT', 'secret.txt']), [
      'SECRET.TXT',
      'secret.txt',
    ]);
  });

  it('lets the deeper file have the last word, but nothing below an ignored folder comes back', () => {
    const rules = new IgnoreRules([at('sub', '!keep.log'), at('', '*.log', 'build/'), at('build', '!x.txt')]);
    assert.deepEqual(ignored(rules, ['keep.log', 'sub/keep.log', 'sub/other.log', 'build/x.txt']), [
      'keep.log',
      'sub/other.log',
      'build/x.txt',
    ]);
  });

  it('does not let lines that lift a rule count where the workspace is not trusted', () => {
    const files = [at('', '*.log', '!keep.log'), at('sub', '!*.log')];
    const paths = ['keep.log', 'sub/a.log'];
    assert.deepEqual(ignored(new IgnoreRules(files), paths), []);
    assert.deepEqual(ignored(new IgnoreRules(files, { restrictOnly: true }), paths), paths);
  });

  it('takes files with very many lines', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `file-${index}.txt`);
    assert.match(new IgnoreRules([at('', ...lines)]).ruleFor('file-4999.txt') ?? '', /one of its 5000 rules/);
  });

  it('says nothing about paths that are not below its root', () => {
    assert.deepEqual(ignored(new IgnoreRules([at('', '*')]), ['', '..', '../a', 'a/../../b']), []);
  });
});
