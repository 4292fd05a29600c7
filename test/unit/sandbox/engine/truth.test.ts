/** No answer invents: every line number, hash, file name and quoted text comes from the files or from the session. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { refang } from '../../../../src/sandbox/engine/indicators.ts';
import type { EngineFile } from '../../../../src/sandbox/engine/types.ts';
import { cleanLines } from '../../../corpus/clean-lines.ts';
import { seededSecrets } from '../../../corpus/seeded-secrets.ts';
import { SAMPLES } from './pattern-samples.ts';
import { ask, fileOf } from './support.ts';

const SEED = Number(process.env['FC_SEED'] ?? Date.now() % 2_000_000_000);
const RUNS = Number(process.env['FC_RUNS'] ?? 60);

const LINES: readonly string[] = [
  ...cleanLines(7, 200),
  ...Object.values(SAMPLES).flatMap(([, bad, good]) => [bad, good]),
  ...seededSecrets(7, 2).flatMap(({ text }) => text.split('\n')),
  'hxxps://evil[.]example[.]com/path 198[.]51[.]100[.]4',
  'CVE-2021-44228 someone@example.org',
  '``` | <img src=x onerror=alert(1)> | [x](javascript:y)',
  '# line 99999 of nothing.py, finding 4711',
  '\u202eabc\u0007 def',
];

const NAMES = [
  'app.py',
  'src/main.ts',
  'notes.txt',
  'auth.log',
  'Dockerfile',
  'a b.md',
  'query.sql',
  'mail.eml',
  'pipe|tick`.sh',
  'x.bin',
];

const fileArbitrary: fc.Arbitrary<EngineFile> = fc
  .record({
    name: fc.constantFrom(...NAMES),
    lines: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...LINES) },
        { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 60 }) },
      ),
      { maxLength: 30 },
    ),
    ending: fc.constantFrom('\n', '\r\n'),
    noise: fc.option(fc.uint8Array({ maxLength: 200 }), { freq: 6 }),
  })
  .map(({ name, lines, ending, noise }) => fileOf(name, noise ?? lines.join(ending)));

const filesArbitrary = fc.uniqueArray(fileArbitrary, { maxLength: 4, selector: (file) => file.name });

const promptArbitrary = (files: readonly EngineFile[]): fc.Arbitrary<string> => {
  const name = files.length === 0 ? fc.constant('none.txt') : fc.constantFrom(...files.map((file) => file.name));
  const number = fc.integer({ min: 0, max: 40 });
  return fc.oneof(
    fc.constantFrom(
      'inspect',
      'which files do you have',
      'list the indicators',
      'summarise',
      'what did I ask before',
      'any secrets?',
      'findings as JSON',
      'tell me a story',
      'list all urls',
    ),
    name.map((value) => `sha256 and md5 of "${value}"`),
    fc.tuple(number, name).map(([line, value]) => `what is on line ${line} of ${value}`),
    fc.tuple(number, number, name).map(([from, to, value]) => `lines ${from}-${to} of ${value}`),
    number.map((value) => `explain finding ${value}`),
    fc.tuple(number, name).map(([line, value]) => `explain the problem on line ${line} of ${value}`),
    fc.tuple(name, name).map(([a, b]) => `compare ${a} and ${b}`),
    fc.string({ maxLength: 40 }).filter((text) => !text.startsWith('/')),
  );
};

const textOf = (file: EngineFile): string => new TextDecoder().decode(file.bytes);
const lineCount = (file: EngineFile): number => {
  const text = textOf(file);
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
};

/** What an answer may quote of the files, as they are and refanged, without the signs that are shown as escapes. */
const visibleText = (text: string): string =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

const check = (prompt: string, markdown: string, files: readonly EngineFile[]): void => {
  const all = files.map(textOf).join('\n');
  const longest = Math.max(0, ...files.map(lineCount));
  // Without what is quoted: what a file or the prompt says of lines and hashes is not what the answer says.
  const own = markdown
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
  for (const match of own.matchAll(/\blines? (\d+)(?: to (\d+))?/g)) {
    const before = own.slice(0, match.index);
    if (before.endsWith('has no ') || before.endsWith('There is no finding on ')) continue;
    for (const number of [match[1], match[2]])
      if (number !== undefined) assert.ok(Number(number) >= 1 && Number(number) <= longest, `invents ${match[0]}`);
  }
  const hashes = new Set(
    files.flatMap((file) =>
      ['sha256', 'md5', 'sha1', 'sha512'].map((kind) => createHash(kind).update(file.bytes).digest('hex')),
    ),
  );
  for (const match of markdown.matchAll(/(?<![0-9A-Za-z])[0-9a-f]{12,128}(?![0-9A-Za-z])/g))
    assert.ok(
      [...hashes].some((hash) => hash.startsWith(match[0])) ||
        all.toLowerCase().includes(match[0]) ||
        prompt.includes(match[0]),
      `invents the hash ${match[0]}`,
    );
  for (const match of markdown.matchAll(/^### (`+) ?(.*?) ?\1$/gm))
    assert.ok(
      files.some((file) => file.name === match[2]),
      `invents the file ${match[2]}`,
    );
  for (const match of markdown.matchAll(/^\| (\w+\d?) \| `([^`]*)`( \(was defanged\))? \| ([\d, ]+)/gm)) {
    if (!/^(?:url|domain|ipv[46]|email|sha\d+|md5|cve)$/.test(match[1] ?? '')) continue;
    const value = (match[2] ?? '').replaceAll('\\|', '|').split('…')[0] ?? '';
    for (const number of (match[4] ?? '').split(',')) {
      const held = files.some((file) => {
        const line = (textOf(file).split('\n')[Number(number) - 1] ?? '')
          .replace(/[[({](?:\.|dot)[\])}]/gi, '.')
          .replace(/[[({](?:@|at)[\])}]/gi, '@')
          .replace(/h[tx]{2}p/gi, 'http');
        return refang(line).toLowerCase().includes(value.toLowerCase());
      });
      assert.ok(held, `line ${number} does not hold ${value}`);
    }
  }
};

describe('the truth of answers', () => {
  it(`invents no line, hash or name (seed ${SEED}, ${RUNS} runs)`, async function () {
    this.timeout(120_000);
    const turn = filesArbitrary.chain((files) =>
      fc.tuple(fc.constant(files), fc.array(promptArbitrary(files), { minLength: 1, maxLength: 4 })),
    );
    await fc.assert(
      fc.asyncProperty(turn, async ([files, prompts]) => {
        for (const prompt of prompts) check(prompt, await ask(prompt, { files, earlierPrompts: ['before'] }), files);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it(`quotes lines as they are (seed ${SEED}, ${RUNS} runs)`, async function () {
    this.timeout(120_000);
    const clean = fc.array(fc.constantFrom(...cleanLines(11, 300)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(clean, fc.nat(), async (lines, pick) => {
        const number = 1 + (pick % lines.length);
        const markdown = await ask(`what is on line ${number} of notes.txt`, {
          files: [fileOf('notes.txt', lines.join('\n'))],
        });
        assert.ok(markdown.includes(`\n${visibleText(lines[number - 1] ?? '')}\n`), markdown);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it(`reports findings on lines that hold them (seed ${SEED}, ${RUNS} runs)`, async function () {
    this.timeout(120_000);
    const python = Object.values(SAMPLES).filter(([name]) => name.endsWith('.py'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...python.flatMap(([, bad, good]) => [bad, good])), { maxLength: 20 }),
        async (lines) => {
          const markdown = await ask('inspect', { files: [fileOf('a.py', lines.join('\n'))] });
          for (const match of markdown.matchAll(/^\d+\. \*\*\w+\*\*, `a\.py:(\d+)`: [^`]*(`+) ?(.*?) ?\2 \(`/gm))
            assert.equal(match[3], lines[Number(match[1]) - 1]?.trim());
          assert.equal(
            (markdown.match(/^\d+\. \*\*\w+\*\*, `a\.py:\d+`/gm) ?? []).length,
            (markdown.match(/^\d+\. \*\*/gm) ?? []).length,
          );
          const bad = lines.filter((line) => python.some(([, sample]) => sample === line)).length;
          assert.ok((markdown.match(/^\d+\. \*\*/gm) ?? []).length >= Math.min(25, bad));
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
