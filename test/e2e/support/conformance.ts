// The independent servers of ../shared/conformance, made of the official packages. Present only where that folder and its venvs are.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'conformance');
const venvs = process.env['SGCONF'] ?? join(homedir(), '.cache', 'sg-conf');

/** True where the servers can be run; the tests that need them are not even registered elsewhere, and say so. */
export function hasConformance(protocol: 'v1' | 'v3'): boolean {
  return existsSync(join(folder, `${protocol}_server.py`)) && existsSync(join(venvs, protocol, 'bin', 'python'));
}

export interface ConformanceServer {
  readonly url: string;
  /** v3: of its tool hub. */
  readonly hub: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port with this key; `record` gets its JSON lines, `script` names a file of more scenarios. */
export async function startConformance(
  protocol: 'v1' | 'v3',
  key: string,
  record: string,
  script?: string,
): Promise<ConformanceServer> {
  const child: ChildProcess = spawn(
    join(venvs, protocol, 'bin', 'python'),
    [
      join(folder, `${protocol}_server.py`),
      ...['--port', '0', '--key', key, '--record', record, '--max-seconds', '600'],
      ...(protocol === 'v3' ? ['--byot-port', '0'] : []),
      ...(script === undefined ? [] : ['--script', script]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = await new Promise<{ port: number; byot_port?: number }>((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('The server has no output.'));
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve(JSON.parse(line) as { port: number; byot_port?: number }),
    );
    child.once('exit', (code) => reject(new Error(`The ${protocol} server ended with ${String(code)}.`)));
  });
  return {
    url: `http://127.0.0.1:${ready.port}`,
    hub: `http://127.0.0.1:${ready.byot_port ?? 0}`,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
