// Known advisories, lockfile and runtime dependencies (trust.md S11, S13, S40, S42, S43, S44). `npm audit` needs a
// service that is not everywhere reachable, so the floors are kept here by hand and CI runs the audit beside them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Counts, countChecks, countsLine } from './lib/counts.ts';
import { root, tool } from './lib/paths.ts';
import { run } from './lib/run.ts';

/** When somebody last looked for newer advisories than the table has. */
export const floorsReviewed = '2026-11-21';

interface Floor {
  readonly name: string;
  /** The lowest good version of each release line, the newest last; a major below the first is refused. */
  readonly lowest: readonly string[];
  readonly because: string;
}

const floors: readonly Floor[] = [
  { name: 'markdown-it', lowest: ['14.3.3', '15.0.3'], because: 'S11: CVE-2026-2327, CVE-2026-111766' },
  { name: 'linkify-it', lowest: ['5.0.1'], because: 'S11: CVE-2026-48801' },
  { name: 'dompurify', lowest: ['3.4.17'], because: 'S13: CVE-2026-116803, CVE-2026-109344, CVE-2026-109345' },
  { name: 'ws', lowest: ['8.21.0'], because: 'S42: CVE-2024-37890 and the fragment flood of 8.21.0' },
  { name: '@grpc/grpc-js', lowest: ['1.14.5'], because: 'S40: CVE-2026-48069, CVE-2026-48068, CVE-2024-37168' },
  { name: 'protobufjs', lowest: ['7.5.6', '8.0.2'], because: 'S40: CVE-2026-44291, CVE-2026-44293' },
  { name: '@connectrpc/connect-node', lowest: ['2.2.0'], because: 'S40: the release that was examined' },
  { name: '@connectrpc/connect', lowest: ['2.2.0'], because: 'S40: the release that was examined' },
  { name: '@bufbuild/protobuf', lowest: ['2.17.0'], because: 'S40: the release that was examined' },
];

/** Not considered safe under a sanitiser by DOMPurify's own documentation (S13). */
const banned: readonly string[] = ['happy-dom'];

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
    }),
  ),
});
const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** True when `version` is at least the floor of its release line. Pre-releases count as below their release. */
export function reachesFloor(version: string, lowest: readonly string[]): boolean {
  const [major = 0] = numbers(version);
  const line = lowest.find((floor) => numbers(floor)[0] === major);
  if (line === undefined) return major > (numbers(lowest.at(-1) ?? '')[0] ?? 0);
  const [have, want] = [numbers(version), numbers(line)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return !version.includes('-');
}

function numbers(version: string): number[] {
  return (version.split(/[-+]/)[0] ?? '').split('.').map(Number);
}

/** Checks the lockfile, the floors and the reasons of the runtime dependencies. */
export async function checkFloors(): Promise<Counts> {
  const { packages } = lockfile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const declared = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const entries = Object.entries(packages).flatMap(([path, entry]) =>
    path === ''
      ? []
      : [{ path, name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...entry }],
  );
  const words = new Set(readText('CONTRIBUTING.md').split(/[\s|`,()]+/));
  const lint = await run([
    ...tool('lockfile-lint/bin/lockfile-lint.js'),
    ...['--path', 'package-lock.json', '--type', 'npm', '--validate-https', '--allowed-hosts', 'npm'],
  ]);
  const ranges = [declared.dependencies, declared.devDependencies, declared.optionalDependencies].flatMap((group) =>
    Object.entries(group).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
  );
  return countChecks([
    [
      `floors of known advisories (reviewed ${floorsReviewed})`,
      entries.flatMap(({ name, version = '0.0.0' }) =>
        floors
          .filter((floor) => floor.name === name && !reachesFloor(version, floor.lowest))
          .map(({ lowest, because }) => `${name} ${version} is below ${lowest.join(' / ')} (${because})`),
      ),
    ],
    ['banned packages', entries.filter(({ name }) => banned.includes(name)).map(({ path }) => path)],
    [
      'integrity of every locked package',
      entries.filter(({ integrity, link }) => integrity === undefined && link !== true).map(({ path }) => path),
    ],
    ['lockfile-lint', lint.code === 0 ? [] : [lint.output.trim()]],
    ['exact versions in package.json', ranges.map(([name, version]) => `${name} ${version}`)],
    [
      'no install script in a runtime package',
      entries
        .filter(({ hasInstallScript, dev, optional }) => hasInstallScript && !dev && !optional)
        .map(({ path }) => path),
    ],
    [
      'every runtime dependency has its reason in CONTRIBUTING.md',
      Object.keys(declared.dependencies).filter((name) => !words.has(name)),
    ],
  ]);
}

function readText(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) {
  const counts = await checkFloors();
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
