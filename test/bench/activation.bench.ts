// Activation of our extension against a generated hello-world extension, in the same real editor, the order swapped from
// round to round. "load code" and "call activate" are VS Code's own figures (Developer: Startup Performance).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { helloId, writeHelloExtension } from '../../scripts/rig/hello.ts';
import { runInHost } from '../../scripts/rig/run-in-host.ts';

const root = join(import.meta.dirname, '..', '..');
const ourId = 'secgemini-vscode.sec-gemini';
const rounds = Math.max(5, Number(process.env.SEC_GEMINI_BENCH_ROUNDS ?? '5'));
const results = z.object({ wall: z.record(z.string(), z.number()), perf: z.string() });

const temporary = mkdtempSync(join(tmpdir(), 'sg-bench-'));
const figures = new Map<string, number[]>();
const add = (name: string, value: number): void => {
  figures.set(name, [...(figures.get(name) ?? []), value]);
};
try {
  const testsPath = join(temporary, 'suite.cjs');
  await build({
    entryPoints: [join(root, 'test', 'bench', 'support', 'activation-suite.ts')],
    outfile: testsPath,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'warning',
  });
  const hello = writeHelloExtension(join(temporary, 'hello'));
  // The web editor needs one extension under development to run a suite; the two that are measured are installed.
  const bench = writeHelloExtension(join(temporary, 'bench'), 'bench');
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [helloId, ourId] : [ourId, helloId];
    const file = join(temporary, `round-${String(round)}.json`);
    const env = { SEC_GEMINI_BENCH_ORDER: order.join(','), SEC_GEMINI_BENCH_RESULTS: file };
    const extensionPaths = [bench, root, hello];
    const code = await runInHost({ workspace: hello, extensionPaths, testsPath, trust: true, env });
    if (code !== 0) throw new Error(`the extension host ended with ${String(code)}`);
    const { wall, perf } = results.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const [id, who] of [
      [ourId, 'ours'],
      [helloId, 'hello world'],
    ] as const) {
      add(`activation wall, ${who}`, wall[id] ?? Number.NaN);
      const row = perf.split('\n').find((line) => line.includes(id));
      const [, , load, call] = (row ?? '')
        .split('|')
        .map((cell) => cell.trim())
        .filter((cell) => cell !== '');
      if (load === undefined || call === undefined) throw new Error(`VS Code has no figures of ${id}`);
      add(`load code, ${who}`, Number(load));
      add(`call activate, ${who}`, Number(call));
    }
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
for (const [name, values] of figures) {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)];
  console.log(JSON.stringify({ name, value, unit: 'ms', n: sorted.length, min: sorted[0], max: sorted.at(-1) }));
}
