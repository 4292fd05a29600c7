// `npm run package`: builds the bundles for production and packs the VSIX, reproducibly and from an allow-list.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { build } from './build.ts';
import { root, tool, toolEnvironment } from './lib/paths.ts';
import { mustRun, run } from './lib/run.ts';
import { makeNotices } from './notices.ts';

const manifest = z.object({ name: z.string(), version: z.string() });

/** The notices that ship; generated, kept in the repository, compared by the package check. */
export const noticesPath: string = join(root, 'ThirdPartyNotices.txt');

/** Packs what is in dist/ now into a VSIX. Returns its path (in the checkout's root unless told) and its sha256. */
export async function pack(file?: string): Promise<{ file: string; sha256: string }> {
  const { name, version } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const out = file ?? join(root, `${name}-${version}.vsix`);
  const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--no-yarn'];
  await mustRun([...tool('@vscode/vsce/vsce'), 'package', ...flags, '--out', out], {
    env: toolEnvironment({ SOURCE_DATE_EPOCH: await lastCommitTime() }),
  });
  return { file: out, sha256: createHash('sha256').update(readFileSync(out)).digest('hex') };
}

/** Seconds since 1970 of the last commit, so that the same commit makes the same bytes; 1980 (zip's zero) without git. */
async function lastCommitTime(): Promise<string> {
  const { code, stdout } = await run(['git', 'log', '-1', '--format=%ct']);
  return code === 0 && stdout.trim() !== '' ? stdout.trim() : '315532800';
}

if (import.meta.main) {
  await build(true);
  const { text, faults } = makeNotices();
  if (faults.length > 0) throw new Error(`These packages may not be shipped:\n${faults.join('\n')}`);
  writeFileSync(noticesPath, text);
  const { file, sha256 } = await pack();
  console.log(`${file}\nsha256 ${sha256}`);
}
