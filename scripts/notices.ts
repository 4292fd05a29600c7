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
  // As permissive as MIT, and written by lawyers: sax.
  'BlueOak-1.0.0',
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
  const faults: string[] = [];
  const parts = [...bundledPackages()].map(([folder, inputs]) => {
    const about = packageJson.parse(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
    const title = `${about.name} ${about.version}`;
    const taken = takenLicence(about.license ?? '');
    if (taken === undefined) faults.push(`${title}: the licence "${about.license ?? 'none'}" is not allowed`);
    const text = licenceText(join(root, folder), about, taken) ?? headerText(inputs, taken);
    if (text === undefined) faults.push(`${title}: has no licence text`);
    const chosen = taken === about.license ? '' : ` (of ${about.license ?? 'none'})`;
    return `${rule}\n${title}\nLicence: ${taken ?? '?'}${chosen}\n\n${text ?? ''}\n`;
  });
  if (parts.some((part) => part.includes(apacheBelow))) {
    parts.push(`${rule}\nThe Apache License 2.0, for the packages above that refer to it\n\n${ownLicence()}\n`);
  }
  const head = 'Sec-Gemini (community) contains the following third-party software.\nMade by scripts/notices.ts.\n\n';
  return { text: head + parts.join('\n'), faults };
}

const rule = '-'.repeat(80);
const apacheBelow = 'Licensed under the Apache License, Version 2.0; its text is at the end of this file.';

/** Our own licence is the Apache License 2.0, word for word. */
function ownLicence(): string {
  return readFileSync(join(root, 'LICENSE'), 'utf8').replaceAll('\r\n', '\n').trim();
}

/** The folders (from the root) of the packages of which bytes are in a bundle, sorted, with those source files. */
function bundledPackages(): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const file of globSync('dist/meta-*.json', { cwd: root }).toSorted()) {
    const { outputs } = metafile.parse(JSON.parse(readFileSync(join(root, file), 'utf8')));
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
        if (folder !== undefined && bytesInOutput > 0) folders.set(folder, [...(folders.get(folder) ?? []), path]);
      }
    }
  }
  return new Map([...folders].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * For a package that carries its licence in its source files only: their different headers. Undefined when a part of the
 * licence is not to be found there.
 */
function headerText(inputs: readonly string[], taken: string | undefined): string | undefined {
  const headers = new Set<string>();
  for (const path of inputs) {
    const header = /^(?:\/\/[^\n]*\n)+/.exec(readFileSync(join(root, path), 'utf8'))?.[0] ?? '';
    if (/Copyright/.test(header)) headers.add(header.replaceAll(/^\/\/ ?/gm, '').trim());
  }
  const text = [...headers].toSorted().join('\n\n');
  const isApache = taken?.includes('Apache-2.0') === true && /Apache License, Version 2\.0/.test(text);
  const isBsd =
    taken?.includes('BSD-3-Clause') !== true || /Redistribution and use in source and binary forms/.test(text);
  return isApache && isBsd ? `${text}\n\n${apacheBelow}` : undefined;
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
