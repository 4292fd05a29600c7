// The sandbox as a plain process (`npm run sandbox`), for tests that need a service with a key of their choice.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface PlainSandbox {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Without `state` it keeps nothing, without `port` it takes a free one. */
export async function startPlainSandbox(
  key: string,
  { state, port = 0 }: { readonly state?: string; readonly port?: number } = {},
): Promise<PlainSandbox> {
  const script = join(import.meta.dirname, '..', '..', '..', 'dist', 'sandbox.mjs');
  const kept = state === undefined ? [] : ['--state', state];
  const child = spawn(process.execPath, [script, '--port', String(port), '--api-key', key, ...kept], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`The sandbox ended with ${String(code)}.`)));
  });
  return {
    endpoint: (JSON.parse(line) as { endpoint: string }).endpoint,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
