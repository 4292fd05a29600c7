// Local logs in plain Node: the real process, the real database, the real consent.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalLogs } from '../../../src/host/logs/local-logs.ts';
import { logTools } from '../../../src/host/logs/log-tools.ts';
import { type World, world } from '../tools/support.ts';

export const WORKER = join(import.meta.dirname, '..', '..', '..', 'src', 'host', 'logs', 'log-worker.ts');
export const fixturePath = (name: string): string => join(import.meta.dirname, 'fixtures', name);

export interface LogWorld {
  readonly w: World;
  readonly logs: LocalLogs;
  /** Where the databases and files of the test are. */
  readonly folder: string;
  write(name: string, text: string): string;
  query(sql: string, more?: Record<string, unknown>): Promise<{ readonly text: string; readonly isError: boolean }>;
  dispose(): Promise<void>;
}

/** A session whose tools are on and whose turn runs, without any log yet. */
export async function logWorld(options: { readonly queryMs?: number } = {}): Promise<LogWorld> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sg-logs-')));
  const logs = new LocalLogs({ script: WORKER, directory: join(folder, 'databases'), ...options });
  const provider = logTools(logs);
  const w = await world({}, { extra: provider.tools() });
  w.tools.consent.switchOn(w.sessionId);
  await w.startTurn();
  return {
    w,
    logs,
    folder,
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    query: (sql, more = {}) => w.call('query_logs', { sql, ...more }),
    dispose: async () => {
      logs.dispose();
      await w.dispose();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
