// `npm run check:generated`: makes src/client/v3/gen once more, beside it, and compares byte for byte. Needs no network.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, tool, toolEnvironment } from './lib/paths.ts';
import { run } from './lib/run.ts';

const kept = join(root, 'src', 'client', 'v3', 'gen');

/** What differs between the generated code that is kept and what the .proto files give now; empty: nothing. */
async function differences(): Promise<string[]> {
  const fresh = mkdtempSync(join(tmpdir(), 'generated-'));
  try {
    // The template's own output folder, relative to the one given here.
    const { code, output } = await run([...tool('@bufbuild/buf/bin/buf'), 'generate', '--output', fresh], {
      env: toolEnvironment({}),
    });
    if (code !== 0) return [`buf generate failed: ${output}`];
    const made = join(fresh, 'src', 'client', 'v3', 'gen');
    const names = [...new Set([...readdirSync(made), ...readdirSync(kept)])].toSorted();
    return names.filter((name) => read(join(made, name)) !== read(join(kept, name)));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const faults = await differences();
for (const fault of faults) console.log(`differs: ${fault}`);
console.log(
  faults.length === 0 ? 'The generated code is what the .proto files say.' : 'Run `npm run generate` and commit.',
);
process.exitCode = faults.length === 0 ? 0 : 1;
