/** `npm run sandbox`: a plain process on the port and with the keys that it was given, until it is told to stop. */
import { startSandbox } from '../server.ts';
import type { PlainCommand } from './command-line.ts';

export interface Run<Line> {
  /** What to print when it serves. */
  readonly ready: Promise<Line>;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface PlainLine {
  readonly endpoint: string;
  readonly apiKey: string;
}

/** `say` gets words for stderr. */
export function runPlain({ port, users, stateFile }: PlainCommand, say: (words: string) => void): Run<PlainLine> {
  const sandbox = startSandbox({
    port,
    users,
    stateFile,
    onError: (error) => say(`The sandbox failed: ${String(error)}`),
  }).catch((error: unknown) => {
    throw new Error(explain(error, port, stateFile), { cause: error });
  });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    ready: sandbox.then(({ endpoint }) => ({ endpoint, apiKey: users[0]?.key ?? '' })),
    ended,
    async stop() {
      await (await sandbox).close();
      resolve();
    },
  };
}

function explain(error: unknown, port: number, stateFile: string | undefined): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Stop what uses it, or give another --port (0 = any).`;
  if (code === 'EACCES' && stateFile === undefined)
    return `Port ${port} is not allowed. Give another --port (0 = any).`;
  return `The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}`;
}
