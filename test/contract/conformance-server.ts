/** Starts one of the conformance harness's own servers, where the harness lives beside the checkout; nothing of it is copied. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const root = dirname(dirname(import.meta.dirname));
const harness = join(root, '..', 'shared', 'conformance');

export interface ConformanceServer {
  readonly url: string;
  readonly port: number;
  /** v3: of the tool hub, where `--byot-port` was given. */
  readonly byotPort?: number | undefined;
  readonly key: string;
  /** What the server wrote down so far, oldest first. */
  records(): Record<string, unknown>[];
  stop(): Promise<void>;
}

/** The Python of the harness for a protocol, or undefined where there is none (said on stderr, once per caller). */
export function conformancePython(protocol: 'v1' | 'v3'): string | undefined {
  const home = process.env.SGCONF ?? join(homedir(), '.cache', 'sg-conf');
  const python = join(home, protocol, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (existsSync(join(harness, `${protocol}_server.py`)) && existsSync(python)) return python;
  console.error(`No conformance harness for ${protocol} beside the checkout: its scenarios are not run.`);
  return undefined;
}

/** Starts a server on a free port; it ends with `stop`, or by itself after two minutes. */
export async function startConformance(
  python: string,
  protocol: 'v1' | 'v3',
  ...more: string[]
): Promise<ConformanceServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sg-conf-'));
  const record = join(folder, 'record.jsonl');
  const key = 'conformance-key-7f3a91';
  const script = join(harness, `${protocol}_server.py`);
  const args = [script, '--port', '0', '--key', key, '--record', record, '--max-seconds', '120', ...more];
  const child = spawn(python, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface(child.stdout);
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once('line', resolve)),
    exited.then(() => {
      throw new Error('the conformance server did not start');
    }),
  ]);
  const ready = JSON.parse(line) as { url?: string; port: number; byot_port?: number };
  return {
    url: ready.url ?? `http://127.0.0.1:${ready.port}`,
    port: ready.port,
    byotPort: ready.byot_port,
    key,
    records: () =>
      existsSync(record)
        ? readFileSync(record, 'utf8')
            .split('\n')
            .filter((text) => text !== '')
            .map((text) => JSON.parse(text) as Record<string, unknown>)
        : [],
    async stop() {
      lines.close();
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
