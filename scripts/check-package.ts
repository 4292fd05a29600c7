// Checks the packaged extension: two builds with the same bytes, the exact list of files, no secrets, no maps, licences,
// sizes, and (check-floors.ts) known advisories. `--update` writes the list of files anew.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator as secretRules } from '@secretlint/secretlint-rule-preset-recommend';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { build } from './build.ts';
import { checkFloors } from './check-floors.ts';
import { type Counts, countChecks, countsLine, sum } from './lib/counts.ts';
import { root } from './lib/paths.ts';
import { makeNotices } from './notices.ts';
import { noticesPath, pack } from './package.ts';

const listPath = join(root, 'test', 'package-files.txt');

/** Bytes; speed.md figure 1. */
const entryLimit = 25_000;
/** What the first gesture loads, over v1 or without a connection. */
const hostLimit = 300_000;

/** Builds, packs and checks. Leaves the checked VSIX in out/. */
export async function checkPackage(update = false): Promise<Counts> {
  mkdirSync(join(root, 'out'), { recursive: true });
  await build(true);
  const notices = makeNotices();
  const first = await pack(join(root, 'out', 'checked.vsix'));
  await build(true);
  const second = await pack(join(root, 'out', 'again.vsix'));
  const files = unzipSync(readFileSync(first.file));
  const names = Object.keys(files).filter((name) => !name.endsWith('/'));
  // A chunk's name has its content's hash, and how many chunks there are is the bundler's business.
  const listed = `${names
    .map((name) => name.replace(/chunk-\w+(\.c?js)$/, 'chunk-HASH$1'))
    .toSorted()
    .join('\n')}\n`;
  if (update) writeFileSync(listPath, listed);
  const expected = existsSync(listPath) ? readFileSync(listPath, 'utf8').replaceAll('\r\n', '\n') : '';
  const packed = countChecks([
    [
      'two builds of the VSIX are the same bytes',
      first.sha256 === second.sha256 ? [] : [`${first.sha256} and ${second.sha256}`],
    ],
    ['its files are those of test/package-files.txt', difference(expected, listed)],
    [
      'no map, environment file, test or source in it but the types of the API',
      names.filter(
        (name) => /\.map$|(^|\/)\.env|\/(test|src)\/|\.ts$/.test(name) && !name.endsWith('/src/api/sec-gemini.d.ts'),
      ),
    ],
    ['no secrets in it', await findSecrets(files)],
    ['every bundled package has an allowed licence and its text', notices.faults],
    ['ThirdPartyNotices.txt is up to date (npm run package makes it)', sameText(noticesPath, notices.text)],
    [
      'no zod locales (write import * as z: the named import brings all of them, 360 kB)',
      ['host', 'sandbox', 'webview'].filter((name) => hasLocales(name)),
    ],
    ['neither all of zod nor its JSON schemas are loaded with the host', zodAtOnce()],
    [
      'the entry is small',
      statSync(join(root, 'dist', 'extension.cjs')).size <= entryLimit ? [] : [`over ${String(entryLimit)} bytes`],
    ],
    [
      'so is what the first gesture loads',
      bytesOfHost() <= hostLimit
        ? []
        : [`${String(bytesOfHost())} bytes: what can wait belongs into scripts/lib/on-call-modules.ts`],
    ],
  ]);
  return sum([packed, await checkFloors()]);
}

const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })),
      imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })),
    }),
  ),
});

const outputsOf = (name: string) =>
  metafile.parse(JSON.parse(readFileSync(join(root, 'dist', `meta-${name}.json`), 'utf8'))).outputs;

/** The outputs that the first gesture loads at once. */
function hostAtOnce(): ReadonlySet<string> {
  const outputs = outputsOf('host');
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? [])
      if (external !== true && kind !== 'dynamic-import') visit(next);
  };
  visit('dist/host.cjs');
  return seen;
}

const bytesOfHost = (): number => [...hostAtOnce()].reduce((sum, path) => sum + statSync(join(root, path)).size, 0);

/** What the host loads at once of the parts of zod that only few need (scripts/lib/zod-copies.ts). */
function zodAtOnce(): string[] {
  const outputs = outputsOf('host');
  return [...hostAtOnce()]
    .flatMap((path) => Object.entries(outputs[path]?.inputs ?? {}))
    .filter(([path, { bytesInOutput }]) => bytesInOutput > 0 && /zod\/v4\/(?:classic|core\/.*json-schema)/.test(path))
    .map(([path]) => path);
}

/** Whether a bundle holds zod's German words; English is its default. */
function hasLocales(name: string): boolean {
  const outputs = outputsOf(name);
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs.some(([path, { bytesInOutput }]) => /zod\/v4\/locales\/de\.js(?:\?|$)/.test(path) && bytesInOutput > 0);
}

function sameText(path: string, text: string): string[] {
  if (!existsSync(path)) return ['the file is missing'];
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n') === text ? [] : ['the file differs'];
}

/** Lines that only one of two lists has. */
function difference(expected: string, actual: string): string[] {
  const [want, have] = [expected, actual].map((text) => new Set(text.split('\n').filter((line) => line !== '')));
  return [
    ...[...(have ?? [])].filter((line) => !want?.has(line)).map((line) => `unexpected: ${line}`),
    ...[...(want ?? [])].filter((line) => !have?.has(line)).map((line) => `missing: ${line}`),
  ];
}

async function findSecrets(files: Readonly<Record<string, Uint8Array>>): Promise<string[]> {
  const found: string[] = [];
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: secretRules }] };
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes.includes(0)) continue;
    const content = new TextDecoder().decode(bytes);
    const source = { content, contentType: 'text' as const, filePath: name, ext: name.slice(name.lastIndexOf('.')) };
    const { messages } = await lintSource({ source, options: { config, maskSecrets: true } });
    for (const { message, loc } of messages) found.push(`${name}:${String(loc.start.line)}: ${message.slice(0, 200)}`);
  }
  return found;
}

if (import.meta.main) {
  const counts = await checkPackage(process.argv.includes('--update'));
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
