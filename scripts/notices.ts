// Makes ThirdPartyNotices.txt from esbuild's metafiles: every package of which bytes are bundled, with its licence text.
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './lib/paths.ts';

const allowed: ReadonlySet<string> = new Set([
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'MIT-0',
]);

const metafile = z.object({
  outputs: z.record(z.string(), z.object({ inputs: z.record(z.string(), z.object({ bytesInOutput: z.number() })) })),
});
const packageJson = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  author: z.union([z.string(), z.object({ name: z.string() })]).optional(),
});

export interface Notices {
  readonly text: string;
  /** Packages that may not be shipped: no licence, one that is not allowed, or no licence text. */
  readonly faults: readonly string[];
}

/** Reads dist/meta-*.json, so the bundles must be built. */
export function makeNotices(): Notices {
  const folders = bundledPackages();
  const faults: string[] = [];
  const parts = folders.map((folder) => {
    const about = packageJson.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
    const title = `${about.name} ${about.version}`;
    const taken = takenLicence(about.license ?? '');
    if (taken === undefined) faults.push(`${title}: the licence "${about.license ?? 'none'}" is not allowed`);
    const text = licenceText(join(root, folder), about, taken);
    if (text === undefined) faults.push(`${title}: has no licence text`);
    return `${'-'.repeat(80)}\n${title}\nLicence: ${taken ?? '?'}${taken === about.license ? '' : ` (chosen from ${String(about.license)})`}\n\n${text ?? ''}\n`;
  });
  const head = 'Sec-Gemini (community) contains the following third-party software.\nMade by scripts/notices.ts.\n\n';
  return { text: head + parts.join('\n'), faults };
}

/** The folders (from the root) of the packages of which bytes are in a bundle, sorted. */
function bundledPackages(): string[] {
  const folders = new Set<string>();
  for (const file of globSync('dist/meta-*.json', { cwd: root })) {
    const { outputs } = metafile.parse(JSON.parse(readFileSync(join(root, file), 'utf8')));
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  return [...folders].toSorted();
}

/** The licence under which we take it: of an OR the first allowed one (DOMPurify: Apache-2.0), of an AND all. */
export function takenLicence(expression: string): string | undefined {
  const bare = expression.replaceAll(/[()]/g, '').trim();
  if (bare.includes(' AND ')) {
    return bare.split(' AND ').every((each) => takenLicence(each) !== undefined) ? bare : undefined;
  }
  return bare.split(' OR ').find((each) => allowed.has(each.trim()));
}

/** The text from the package, or (some say only "MIT" in package.json) the standard words with the author's name. */
function licenceText(
  folder: string,
  about: z.infer<typeof packageJson>,
  taken: string | undefined,
): string | undefined {
  const file = readdirSync(folder)
    .toSorted()
    .find((name) => /^(licen[cs]e|copying)([.-]|$)/i.test(name));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  const readme = readdirSync(folder).find((name) => /^readme\.md$/i.test(name));
  const section =
    readme === undefined
      ? undefined
      : /^#+ *Licen[cs]e[^\n]*\n+([\s\S]+?)(?=\n#|$(?![\s\S]))/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[1];
  if (section !== undefined && section.length > 400) return section.trim();
  const author = typeof about.author === 'string' ? about.author : about.author?.name;
  const standard = join(import.meta.dirname, 'licences', `${String(taken)}.txt`);
  if (author === undefined || !existsSync(standard)) return undefined;
  return readFileSync(standard, 'utf8').replace('<copyright holders>', author).trim();
}
