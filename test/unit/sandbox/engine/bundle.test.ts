import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** The banner of the sandbox's bundle: CommonJS packages inside an ESM bundle need `require`. */
const BANNER = "import{createRequire as r}from'node:module';const require=r(import.meta.url);";

describe('engine in a bundle', () => {
  it('answers from an ESM bundle in a process of its own', async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), 'engine-bundle-'));
    try {
      const entry = `
        import { answer } from './src/sandbox/engine/answer.ts';
        const bytes = new TextEncoder().encode('DB_PASSWORD=Blue-Sky-77\\n198[.]51[.]100[.]4\\n');
        const files = [{ name: '.env', bytes, sha256: 'ab'.repeat(32), mimeType: 'text/plain', label: 'txt' }];
        const context = { protocol: 'v1', files, earlierPrompts: [], clientTools: [], signal: new AbortController().signal, pause: async () => {} };
        for await (const step of answer('inspect', context)) if (step.type === 'answer') process.stdout.write(step.markdown);
      `;
      const outfile = join(folder, 'engine.mjs');
      const result = await build({
        stdin: { contents: entry, resolveDir: process.cwd(), loader: 'ts' },
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        banner: { js: BANNER },
        write: false,
        minify: true,
      });
      await writeFile(outfile, result.outputFiles[0]?.contents ?? '');
      const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
      assert.match(stdout, /hard-coded password/);
      assert.match(stdout, /`198\.51\.100\.4` \(was defanged\)/);
      assert.ok(!stdout.includes('Blue-Sky-77'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
