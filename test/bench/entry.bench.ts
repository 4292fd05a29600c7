// Figure 1 of the speed targets: the bytes that are loaded at activation, on first use, with gRPC, and by the page
// (`npm run bench` builds for production first). What an output loads at once is read from esbuild's metafiles.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({
      inputs: z.record(z.string(), z.unknown()),
      imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })),
    }),
  ),
});

const outputsOf = (meta: string) => metafile.parse(JSON.parse(readFileSync(join(root, 'dist', meta), 'utf8'))).outputs;

/** The bytes of outputs and of what they import; with `lazy` also of what they import later. */
function bytes(meta: string, output: string | readonly string[], lazy = false): number {
  const outputs = outputsOf(meta);
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (external !== true && (lazy || kind !== 'dynamic-import')) visit(imported);
    }
  };
  for (const one of [output].flat()) visit(one);
  return [...seen].reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
}

/** The outputs of the host that hold one of these sources. */
const holding = (...sources: string[]): string[] =>
  Object.entries(outputsOf('meta-host.json'))
    .filter(([, { inputs }]) => sources.some((source) => source in inputs))
    .map(([path]) => path);
const host = 'dist/host.cjs';
const v3 = holding('src/client/v3/client.ts', 'src/client/v3/detect.ts');

for (const [name, value] of [
  ['entry bundle', bytes('meta-extension.json', 'dist/extension.cjs')],
  ['host on first use', bytes('meta-host.json', host)],
  ['host with gRPC', bytes('meta-host.json', [host, ...v3])],
  ['host, what gRPC adds', bytes('meta-host.json', [host, ...v3]) - bytes('meta-host.json', host)],
  ['host with all that is loaded on demand', bytes('meta-host.json', host, true)],
  ['page script', bytes('meta-webview.json', 'dist/webview/main.js')],
  ['page script with lazy renderers', bytes('meta-webview.json', 'dist/webview/main.js', true)],
] as const) {
  console.log(JSON.stringify({ name, value, unit: 'bytes', n: 1, min: value, max: value }));
}
