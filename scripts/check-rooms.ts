// Proves that the rooms' walls stand: plants forbidden imports into a copy of the tree and asserts that lint or the
// type check rejects each one (and that what is allowed passes).
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Counts, countChecks, countsLine } from './lib/counts.ts';
import { root, tool, toolEnvironment } from './lib/paths.ts';
import { run } from './lib/run.ts';

interface Plant {
  readonly room: string;
  readonly source: string;
  readonly allowed?: true;
}

const side = (specifier: string): string => `import '${specifier}';\n`;
const lazy = (specifier: string): string => `export const planted = (): Promise<unknown> => import('${specifier}');\n`;

/** Every wall at least once. `planted-target.ts` is put into each room, so that a plant fails for the wall alone. */
const plants: readonly Plant[] = [
  { room: 'core', source: side('vscode') },
  { room: 'core', source: side('node:fs') },
  { room: 'core', source: `export const planted = process.pid;\n` },
  { room: 'core', source: `export const planted = document.title;\n` },
  { room: 'core', source: lazy('node:net') },
  { room: 'core', source: lazy('vscode') },
  ...['client', 'panel', 'host', 'webview', 'sandbox', 'scan'].flatMap((room): Plant[] => [
    { room: 'core', source: side(`../${room}/planted-target.ts`) },
    { room: 'core', source: lazy(`../${room}/planted-target.ts`) },
  ]),
  { room: 'scan', source: side('vscode') },
  { room: 'scan', source: side('node:fs') },
  ...['core', 'client', 'panel', 'host', 'webview', 'sandbox'].map((room) => ({
    room: 'scan',
    source: side(`../${room}/planted-target.ts`),
  })),
  { room: 'client', source: side('vscode') },
  ...['panel', 'host', 'webview', 'sandbox', 'scan'].map((room) => ({
    room: 'client',
    source: side(`../${room}/planted-target.ts`),
  })),
  { room: 'client', source: lazy('../host/planted-target.ts') },
  { room: 'panel', source: side('vscode') },
  { room: 'panel', source: side('node:fs') },
  ...['client', 'host', 'webview', 'sandbox', 'scan'].map((room) => ({
    room: 'panel',
    source: side(`../${room}/planted-target.ts`),
  })),
  { room: 'panel', source: lazy('../host/planted-target.ts') },
  { room: 'webview', source: side('vscode') },
  { room: 'webview', source: side('node:fs') },
  ...['client', 'host', 'sandbox', 'scan', 'panel'].map((room) => ({
    room: 'webview',
    source: side(`../${room}/planted-target.ts`),
  })),
  { room: 'webview', source: lazy('../host/planted-target.ts') },
  { room: 'host', source: side('../sandbox/planted-target.ts') },
  { room: 'host', source: side('../webview/planted-target.ts') },
  { room: 'host', source: side('../client/planted-target.ts') },
  { room: 'host', source: lazy('../sandbox/planted-target.ts') },
  { room: 'sandbox', source: side('vscode') },
  ...['panel', 'host', 'webview', 'client'].map((room) => ({
    room: 'sandbox',
    source: side(`../${room}/planted-target.ts`),
  })),
  { room: 'sandbox', source: lazy('../host/planted-target.ts') },
  { room: 'core', source: side('./planted-target.ts'), allowed: true },
  { room: 'client', source: side('../core/planted-target.ts') + side('node:fs'), allowed: true },
  { room: 'panel', source: side('../core/planted-target.ts'), allowed: true },
  { room: 'webview', source: side('../core/planted-target.ts'), allowed: true },
  { room: 'host', source: side('../core/planted-target.ts') + side('vscode'), allowed: true },
  { room: 'sandbox', source: side('../core/planted-target.ts') + side('node:fs'), allowed: true },
  { room: 'host', source: side('../client/create-client.ts') + side('../scan/planted-target.ts'), allowed: true },
  { room: 'sandbox', source: side('../scan/planted-target.ts'), allowed: true },
  { room: 'webview', source: side('../panel/protocol.ts') + side('../panel/rpc.ts'), allowed: true },
];

const copied = ['src', 'package.json', '.oxlintrc.json', 'tsconfig.json', 'tsconfig.base.json'];

/** Plants, checks and counts. The checkout itself is not touched. */
export async function checkRooms(): Promise<Counts> {
  const copy = mkdtempSync(join(tmpdir(), 'sg-rooms-'));
  try {
    for (const entry of copied) {
      if (existsSync(join(root, entry))) cpSync(join(root, entry), join(copy, entry), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const rooms = readdirSync(join(copy, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    for (const { name } of rooms)
      writeFileSync(join(copy, 'src', name, 'planted-target.ts'), 'export const target = 1;\n');
    // The doors in the walls, for as long as a room does not have them.
    for (const door of ['client/create-client.ts', 'panel/protocol.ts', 'panel/rpc.ts']) {
      const path = join(copy, 'src', door);
      mkdirSync(dirname(path), { recursive: true });
      if (!existsSync(path)) writeFileSync(path, 'export const door = 1;\n');
    }
    const files = plants.map(({ room, source }, index) => {
      const path = `src/${room}/planted-${String(index)}.ts`;
      writeFileSync(join(copy, path), source);
      return path;
    });
    const options = { cwd: copy, env: toolEnvironment() };
    const lint = await run([...tool('oxlint/bin/oxlint'), '--format=unix', 'src'], options);
    const types: string[] = [];
    for (const { name } of rooms) {
      const checked = await run([...tool('typescript/bin/tsc'), '-b', join('src', name), '--pretty', 'false'], options);
      types.push(checked.output);
    }
    const said = `${lint.output}\n${types.join('\n')}`.replaceAll('\\', '/');
    return countChecks(
      plants.map(({ room, source, allowed }, index) => {
        const rejected = said.includes(files[index] ?? '');
        const name = `${room}: ${source.trim().replaceAll('\n', ' ')} is ${allowed ? 'allowed' : 'rejected'}`;
        const fault = allowed ? 'lint or types reject it' : 'neither lint nor types reject it';
        return [name, rejected === (allowed ?? false) ? [fault] : []] as const;
      }),
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const counts = await checkRooms();
  console.log(countsLine(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
