// `npm run bench [-- NAME…]`: runs test/bench/*.bench.ts one after another. Each prints one JSON line per figure
// {name, value, unit, n, min, max}; they are checked and printed as they are.
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { build } from './build.ts';
import { node, root } from './lib/paths.ts';
import { run } from './lib/run.ts';

const figure = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.string(),
  n: z.int().positive(),
  min: z.number(),
  max: z.number(),
});

const wanted = process.argv.slice(2);
const files = globSync('test/bench/*.bench.ts', { cwd: root })
  .toSorted()
  .filter((file) => wanted.length === 0 || wanted.some((word) => basename(file).includes(word)));
await build(true);
let failed = files.length === 0;
for (const file of files) {
  const { code, stdout, output } = await run([node.binary, join(root, file)]);
  const figures = stdout.split('\n').filter((line) => line !== '');
  try {
    for (const line of figures) console.log(JSON.stringify(figure.parse(JSON.parse(line))));
    if (code !== 0 || figures.length === 0) throw new Error(`exit code ${String(code)}`);
  } catch (error) {
    failed = true;
    console.error(`${file} failed: ${error instanceof Error ? error.message : String(error)}\n${output}`);
  }
}
process.exitCode = failed ? 1 : 0;
