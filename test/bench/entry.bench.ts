// Figure 1 of the speed targets: the bytes that are loaded at activation, on first use, with gRPC, and by the page
// (`npm run bench` builds for production first). What an output loads at once is read from esbuild's metafiles.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const metafile = z.object({
  outputs: z.record(
    z.string(),
    z.object({ imports: z.array(z.object({ path: z.string(), kind: z.string(), external: z.boolean().optional() })) }),
  ),
});

/** The bytes of an output and of what it imports; with `lazy` also of what it imports later. */
function bytes(meta: string, output: string, lazy = false): number {
  const { outputs } = metafile.parse(JSON.parse(readFileSync(join(root, 'dist', meta), 'utf8')));
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? []) {
      if (external !== true && (lazy || kind !== 'dynamic-import')) visit(imported);
    }
  };
  visit(output);
  return [...seen].reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
}

for (const [name, value] of [
  ['entry bundle', bytes('meta-extension.json', 'dist/extension.cjs')],
  ['host on first use', bytes('meta-host.json', 'dist/host.cjs')],
  ['host with gRPC', bytes('meta-host.json', 'dist/host.cjs', true)],
  ['page script', bytes('meta-webview.json', 'dist/webview/main.js')],
  ['page script with lazy renderers', bytes('meta-webview.json', 'dist/webview/main.js', true)],
] as const) {
  console.log(JSON.stringify({ name, value, unit: 'bytes', n: 1, min: value, max: value }));
}
