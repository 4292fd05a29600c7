import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { markdownText, safeMarkdown } from '../../../src/core/safe-markdown.ts';

/** As lenient as a renderer of an editor may be: HTML, automatic links, any address. */
const lenient = new MarkdownIt('default', { html: true, linkify: true, typographer: false });
lenient.validateLink = () => true;

const ATTACKS = [
  '![x](https://evil.example/a.png)',
  '![x][r]\n\n[r]: https://evil.example/a.png "t"',
  '<img src="https://evil.example/a.png">',
  '<https://evil.example/a>',
  'https://evil.example/a?b=c and www.evil.example and me@evil.example',
  '[x](command:workbench.action.quit) [y](vscode://evil.x/y) [z](file:///etc/passwd) [w](javascript:alert(1))',
  '[x][cmd]\n\n[cmd]: command:evil',
  '[`![x](https://evil.example/a.png)`](command:evil)',
  '`` ` `` ![x](https://evil.example/a.png) `',
  '\\`![x](https://evil.example/a.png)\\`',
  '- a\n\n  ```\n  code\n- ![x](https://evil.example/a.png)',
  '> ~~~\n![x](https://evil.example/a.png)',
  '| a | b |\n|---|---|\n| ![x](https://evil.example/a.png) | [l](command:x) |',
  '![![x](https://evil.example/a.png)](https://evil.example/b.png)',
  '&lt;img src=x&gt; &#33;[x](https://evil.example)',
  '$(sync~spin) $(bell)',
  '```js\n![x](https://evil.example/a.png)\n```',
  '<details><summary>x</summary><img src=//evil.example></details>',
];

function dangers(markdown: string): string[] {
  return lenient
    .parse(markdown, {})
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => ['image', 'link_open', 'html_block', 'html_inline'].includes(type))
    .map(({ type, content }) => `${type} ${content}`);
}

describe('Markdown for comments, hovers and tooltips', () => {
  it('holds nothing that fetches, runs or leads away', () => {
    for (const attack of ATTACKS) {
      assert.deepEqual(dangers(safeMarkdown(attack)), [], attack);
      assert.deepEqual(dangers(markdownText(attack)), [], attack);
    }
    // The judge itself sees them in the original.
    assert.ok(ATTACKS.filter((attack) => dangers(attack).length > 0).length >= 13);
  });

  it('holds nothing of the kind however attacks are put together (random documents)', () => {
    const part = fc.oneof(
      fc.constantFrom(
        ...ATTACKS,
        '`',
        '``',
        '```',
        '~~~',
        '\n',
        '\n\n',
        '  ',
        '    ',
        '> ',
        '- ',
        '1. ',
        '\\',
        '|',
        '<',
      ),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const attack = parts.join('');
        const safe = safeMarkdown(attack);
        assert.deepEqual(dangers(safe), [], JSON.stringify({ attack, safe }));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps code and an address beside it apart', () => {
    const image = '![x](https://evil.example/a.png) `';
    const safe = safeMarkdown(
      `\`\` \` \`\` ${image}\`\` \` \`\` ${image}https://evil.example/a?b=c and www.evil.example`,
    );
    assert.deepEqual(dangers(safe), [], safe);
  });

  it('shows what it took out: the address beside the text, the host of an image', () => {
    assert.equal(safeMarkdown('[docs](https://a.example/x)'), 'docs (`https://a.example/x`)');
    assert.equal(safeMarkdown('<https://a.example/x>'), '`https://a.example/x`');
    assert.match(safeMarkdown('![cat](https://a.example/x.png)'), /Image not loaded: cat \(a\.example\)/);
  });

  it('keeps what answers are made of', () => {
    const answer = [
      '## Finding',
      '',
      'The **query** is _built_ from `user` input:',
      '',
      '1. first',
      '   - inner `a|b`',
      '2. second',
      '',
      '```python',
      'cur.execute(f"... {user}")  # ``not a fence``',
      '```',
      '',
      '> quoted',
      '',
      '| Rule | Line |',
      '| --- | --- |',
      '| sql | 3 |',
    ].join('\n');
    const plain = new MarkdownIt('default', { html: false });
    assert.equal(plain.render(safeMarkdown(answer)), plain.render(answer));
  });

  it('keeps code as it is, hidden characters marked', () => {
    assert.ok(safeMarkdown('```\na\u202eb\n```').includes('a⟦U+202E⟧b'));
    const fences = '````md\n```\n![x](https://evil.example)\n```\n````';
    const [fence] = new MarkdownIt().parse(safeMarkdown(fences), {});
    assert.equal(fence?.content, '```\n![x](https://evil.example)\n```\n');
  });

  it('is cut where it would be too long to draw, and says so', () => {
    const long = safeMarkdown('x '.repeat(200_000));
    assert.ok(long.length < 70_000 && long.endsWith('the panel has the whole._'));
  });

  it('comes from one function', () => {
    const root = join(import.meta.dirname, '../../../src');
    const makers = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (path) =>
        path.endsWith('.ts') &&
        /new vscode\.MarkdownString|MarkdownString\(/.test(readFileSync(join(root, path), 'utf8')),
    );
    assert.deepEqual(makers, ['host/safe-markdown.ts']);
  });
});
