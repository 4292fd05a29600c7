// Figure 1 of the speed targets: the bytes that every activation loads (`npm run bench` builds for production first).
import { statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

for (const [name, file] of [
  ['entry bundle', 'extension.cjs'],
  ['lazy host bundle', 'host.cjs'],
  ['page script', join('webview', 'main.js')],
] as const) {
  const value = statSync(join(root, 'dist', file)).size;
  console.log(JSON.stringify({ name, value, unit: 'bytes', n: 1, min: value, max: value }));
}
