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
