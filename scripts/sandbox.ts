// `npm run sandbox -- --port N --api-key K [--state FILE]`: the local Sec-Gemini as a plain process. Builds its bundle
// when it is missing; stdout belongs to the sandbox alone.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, dist } from './build.ts';
import { node } from './lib/paths.ts';

const bundle = join(dist, 'sandbox.mjs');
if (!existsSync(bundle)) {
  console.error('Building the sandbox…');
  await build(true, 'sandbox');
}
const child = spawn(node.binary, [bundle, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`The sandbox could not be started: ${error.message}`);
  process.exitCode = 1;
});
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1);
});
