/** Incremental Markdown equals one render of the whole, wherever the text was cut. In Chromium: no other DOM is the one that we ship to. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import * as fc from 'fast-check';
import { markdownDocument } from './support/markdown-documents.ts';
import { openProbe } from './support/probe-page.ts';
import { everyCut } from './support/probe-runs.ts';
import type { Probe } from './support/probe.ts';

declare const probe: Probe;

const SEED = Number(process.env['SEED'] ?? 20_261_121);
const DOCUMENTS = Number(process.env['DOCUMENTS'] ?? 300);

/** Examples of the specification, from its text: fenced by 32 backticks, source and HTML parted by a dot, tabs written as arrows. */
function commonMarkExamples(): string[] {
  const file = join(createRequire(import.meta.url).resolve('commonmark-spec/package.json'), '../spec.txt');
  const text = readFileSync(file, 'utf8').replaceAll('→', '\t');
  return [...text.matchAll(/^`{32} example\n([\s\S]*?)^\.\n[\s\S]*?^`{32}$/gm)].map((match) => match[1] ?? '');
}

test.beforeEach(async ({ page }) => openProbe(page));

test('all 652 examples of CommonMark, cut at every place', async ({ page }) => {
  const examples = commonMarkExamples();
  expect(examples).toHaveLength(652);
  expect(await everyCut(page, examples)).toEqual([]);
});

test('tables, tasks, fences and late link definitions, cut at every place', async ({ page }) => {
  const row = '| `a|b` | **x** | 12 |\n';
  expect(
    await everyCut(page, [
      '| a | b | c |\n|:--|--:|:-:|\n' + row.repeat(3) + '\nafter',
      'before\n| a | b | c |\n|---|---|---|\n' + row.repeat(2) + '> quote\n',
      '- [ ] open\n- [x] done\n  - [X] deep\n\n1. [ ] no\n',
      '```js\nlet a;\n  ```\n\n~~~\n``` \n~~~~\ntext\n',
      '   ```\n   a\n  b\n     c\n```\n',
      '[late] and [other][late]\n\n> [late]\n\n- [late]\n\n[late]: https://a.example/x "t"\n\n[late]: /no\n',
      "[foo]: /url\n'title\nmore'\n\n[foo]\n\n[foo]: /second\n",
      'a\r\nb\r\n\r\n# c\r\n\r\n- d\r- e\r\n',
      'src/app.ts:12:3 and `lib/x.py:4` in [x](src/a.ts#L3) \u202eevil\u202c ![alt](https://e.example/a.png)\n',
      '❤️ 👩‍💻 1️⃣ a\u200bb \ufefftext\n\n```\n\u202e// x\n```\n',
    ]),
  ).toEqual([]);
});

test('big tables and fences go their fast ways and end the same', async ({ page }) => {
  const rows = Array.from(
    { length: 120 },
    (_, at) => `| ${at.toString()} | cell ${'x'.repeat(at % 7)} | [l][r] |`,
  ).join('\n');
  const code = Array.from({ length: 200 }, (_, at) => `  line ${at.toString()} \`\`\` <b>`).join('\n');
  const documents = [
    `# Head\n\n| n | text | link |\n|--:|---|---|\n${rows}\n\nAfter\n\n[r]: https://e.example/\n`,
    `| n | text | link |\n|--:|---|---|\n${rows}\n# no row\n${rows}`,
    `text\n\n\`\`\`html\n${code}\n\`\`\`\n\nafter\n`,
    `   ~~~~ py extra\n   ${code}\n~~~\n~~~~\n- after`,
  ];
  const faults = await page.evaluate((sources) => {
    const found: string[] = [];
    for (const source of sources) {
      const whole = probe.oneShot(source);
      for (const size of [1, 7, 50, 333, 5000]) {
        const pieces = source.match(new RegExp(`[^]{1,${size.toString()}}`, 'g')) ?? [];
        const streamed = probe.pieces(pieces);
        if (streamed !== whole) found.push(`${size.toString()}: ${probe.findFirstDifference(streamed, whole)}`);
      }
    }
    return found;
  }, documents);
  expect(faults).toEqual([]);
});

test('a text of many blocks has the same groups however it came, and a late definition reaches into them', async ({
  page,
}) => {
  const part = (at: number): string =>
    `## Part ${at.toString()}\n\nsee [late] and src/a.ts:${at.toString()}\n\n- one\n- two\n\n> quote\n\n`;
  // 40 blocks stand alone, then 32 in each group: ends on both sides of a border.
  const documents = [10, 11, 18, 19, 26, 60].map((parts) =>
    Array.from({ length: parts }, (_, at) => part(at)).join(''),
  );
  const result = await page.evaluate(
    (sources) =>
      sources.map((source) => {
        const whole = probe.oneShot(source);
        const cuts = [1, 13, 50, 400].map((size) => source.match(new RegExp(`[^]{1,${size.toString()}}`, 'g')) ?? []);
        return {
          groups: whole.split('class="blocks"').length - 1,
          faults: cuts
            .map((pieces) => probe.pieces(pieces))
            .filter((streamed) => streamed !== whole)
            .map((streamed) => probe.findFirstDifference(streamed, whole)),
        };
      }),
    [...documents, ...documents.map((text) => `${text}[late]: https://e.example/\n`)],
  );
  const groups = [0, 1, 1, 2, 2, 7];
  expect(result).toEqual([...groups, ...groups].map((count) => ({ groups: count, faults: [] })));
});

test('a long list shows at every line what one render of it shows, and keeps its items in the page', async ({
  page,
}) => {
  const item = (at: number): string =>
    `- **item ${at.toString()}** in \`a.py:${at.toString()}\` with more words than one\n${at % 3 === 0 ? '  - deep\n    1. deeper\n' : ''}${at % 5 === 4 ? '  ```py\n  x = 1\n\n  ```\n' : ''}`;
  const items = Array.from({ length: 40 }, (_, at) => item(at));
  const documents = [
    items,
    items.map((text) => `${text}\n`),
    // One blank line late makes paragraphs of all before it; a line without a mark belongs to the item above.
    [...items, '\n', ...items, 'lazy\n', '- a | b\n', '|---|---|\n', ...items.slice(0, 5)],
    [...items.map((text, at) => text.replace('-', `${(at + 7).toString()}.`)), '\n', '# Head\n', '\n', 'after\n'],
    [...items, '- [ ] open\n', '- [late] link\n', '- - -\n', '+ another list\n', '\n', '[late]: https://a.example\n'],
  ];
  const faults = await page.evaluate((lists) => {
    const found: string[] = [];
    for (const lines of lists) {
      const source = lines.join('');
      const shown = probe.states(lines);
      // A link that is defined later may be dead until then.
      for (const [at, html] of source.includes('[late]:') ? [] : shown.entries()) {
        const whole = probe.oneShot(lines.slice(0, at + 1).join('')).replace(/>\n+</g, '><');
        if (html !== whole) found.push(`line ${at.toString()}: ${probe.findFirstDifference(html, whole)}`);
      }
      for (const size of [7, 400]) {
        const pieces = source.match(new RegExp(`[^]{1,${size.toString()}}`, 'g')) ?? [];
        const whole = probe.oneShot(source);
        const streamed = probe.pieces(pieces);
        if (streamed !== whole) found.push(`${size.toString()}: ${probe.findFirstDifference(streamed, whole)}`);
      }
    }
    return found.slice(0, 5);
  }, documents);
  expect(faults).toEqual([]);
  // Once the list is long (1,500 characters, about 24 of these items), every item but the last stays the same node until the list is closed.
  const many = Array.from({ length: 120 }, (_, at) => item(at));
  const kept = await page.evaluate((lines) => probe.keptItems(lines), many);
  expect(kept).toBeGreaterThan(90);
});

test('headings stand one level below the last shallower one, beginning with h3', async ({ page }) => {
  const source =
    '#### a\n\n## b\n\n#### c\n\n> ###### d\n\n- ### e\n\n# f\n\nTitle\n---\n\n# g\n\n## h\n### i\n#### j\n##### k\n';
  const levels = (html: string): string =>
    [...html.matchAll(/<h(\d) class="(h\d)">/g)].map((found) => `${found[2] ?? ''}=${found[1] ?? ''}`).join(' ');
  const [whole, pieces] = await page.evaluate(
    (text) => [probe.oneShot(text), probe.pieces([...text])] as const,
    source,
  );
  expect(levels(whole)).toBe('h4=3 h2=3 h4=4 h6=5 h3=4 h1=3 h2=4 h1=3 h2=4 h3=5 h4=6 h5=6');
  expect(levels(pieces)).toBe(levels(whole));
});

test('footnotes are no part of the dialect: mark and note stay as they were written', async ({ page }) => {
  const source = 'It is signed[^1] and old[^note].\n\n[^1]: By a key that expired.\n[^note]: From 2019.\n';
  const html = await page.evaluate((text) => probe.oneShot(text), source);
  expect(html).toBe('<p>It is signed[^1] and old[^note].</p><p>[^1]: By a key that expired.\n[^note]: From 2019.</p>');
  expect(await everyCut(page, [source])).toEqual([]);
});

test('the browser knows every named character that CommonMark knows, and no other', async ({ page }) => {
  const { resolve } = createRequire(import.meta.url);
  // The whole table stands in prettier; its other words are names that nothing has.
  const words = readFileSync(join(resolve('prettier/package.json'), '../plugins/html.mjs'), 'utf8').match(
    /[A-Za-z][A-Za-z0-9]{1,31}/g,
  );
  const names = [...new Set([...(words ?? []), 'notit', 'ampx', 'semi', 'Tab', 'NewLine'])].map((name) => `&${name};`);
  const { decodeHTMLStrict } = createRequire(resolve('markdown-it'))('entities') as {
    decodeHTMLStrict(text: string): string;
  };
  const decoded = await page.evaluate((all) => all.map((name) => probe.decodeHTMLStrict(name)), names);
  const expected = names.map((name) => decodeHTMLStrict(name));
  expect(expected.filter((text, at) => text !== names[at]).length).toBeGreaterThanOrEqual(2_125);
  expect(names.filter((_, at) => decoded[at] !== expected[at])).toEqual([]);
});

test('generated documents, cut at every place', async ({ page }) => {
  test.setTimeout(600_000);
  console.log(`seed ${SEED.toString()}, ${DOCUMENTS.toString()} documents`);
  const documents = fc.sample(markdownDocument, { seed: SEED, numRuns: DOCUMENTS });
  for (let at = 0; at < documents.length; at += 100)
    expect(await everyCut(page, documents.slice(at, at + 100))).toEqual([]);
});

test('code is verbatim: 1,000 generated blocks', async ({ page }) => {
  const blocks = fc.sample(
    fc.array(
      fc.string({ unit: 'grapheme', maxLength: 40 }).map((line) => line.replace(/[\r\n\0]/g, '')),
      { maxLength: 6 },
    ),
    { seed: SEED, numRuns: 1000 },
  );
  const faults = await page.evaluate((sources) => {
    const found: string[] = [];
    for (const lines of sources) {
      const text = lines.map((line) => `${line}\n`).join('');
      const holder = document.createElement('div');
      holder.innerHTML = probe.oneShot(`\`\`\`\`\`\`\`\`\`js\n${text}\`\`\`\`\`\`\`\`\`\n`);
      if (holder.querySelector('pre code')?.textContent !== text) found.push(JSON.stringify(text));
    }
    return found;
  }, blocks);
  expect(faults).toEqual([]);
});

test('the fence info becomes a harmless class or none', async ({ page }) => {
  const languages = [
    'js',
    'c++',
    'objective-c',
    'x"onclick=alert(1)',
    'a b',
    '<b>',
    'a&amp;b',
    'é',
    'x'.repeat(33),
    'hljs-keyword"',
    'f#',
  ];
  const classes = await page.evaluate(
    (infos) =>
      infos.map((info) => {
        const holder = document.createElement('div');
        holder.innerHTML = probe.oneShot(`\`\`\`${info}\nx\n\`\`\`\n`);
        return holder.querySelector('code')?.className ?? 'none';
      }),
    languages,
  );
  expect(classes).toEqual([
    ...['language-js', 'language-c++', 'language-objective-c', '', 'language-a', '', '', '', '', '', 'language-f#'],
  ]);
});
