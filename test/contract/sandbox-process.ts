/** The sandbox as users have it: its bundle, as a process of its own. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const root = dirname(dirname(import.meta.dirname));

export interface SandboxProcess {
  readonly endpoint: string;
  readonly apiKey: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** `npm test` builds the bundle before the tests; by hand: `npm run build`. */
export async function startSandbox(...args: string[]): Promise<SandboxProcess> {
  const bundle = join(root, 'dist', 'sandbox.mjs');
  if (!existsSync(bundle)) throw new Error('dist/sandbox.mjs is missing: run `npm run build` first');
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const child = spawn(process.execPath, [bundle, ...port, '--api-key', 'contract-key-1', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface(child.stdout);
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    exited.then(() => {
      throw new Error('the sandbox did not start');
    }),
  ]);
  const { endpoint, apiKey } = JSON.parse(line) as { endpoint: string; apiKey: string };
  return {
    endpoint,
    apiKey,
    async kill() {
      lines.close();
      child.kill('SIGKILL');
      await exited;
    },
  };
}
