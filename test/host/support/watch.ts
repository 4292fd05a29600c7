// Counts what our extension does behind the scenes, from inside its own process: sockets it opens and workspace files it reads.
import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';

export interface Watch {
  /** Call stacks of the sockets that our code opened. */
  readonly sockets: string[];
  /** Paths below `folder` that our code opened or read. */
  readonly reads: string[];
  stop(): void;
}

const ours = (stack: string): boolean =>
  /sec-gemini[^\n]*dist[\\/]|[\\/]dist[\\/](host|extension)\.cjs|[\\/]dist[\\/]chunks[\\/]/.test(stack);

export function watch(folder: string): Watch {
  const sockets: string[] = [];
  const reads: string[] = [];
  const onSocket = (): void => {
    const stack = new Error().stack ?? '';
    if (ours(stack)) sockets.push(stack);
  };
  diagnostics.subscribe('net.client.socket', onSocket);
  const restore: (() => void)[] = [];
  const wrap = (target: object, name: string): void => {
    const holder = target as Record<string, unknown>;
    const original = holder[name] as (...args: unknown[]) => unknown;
    holder[name] = function (this: unknown, ...args: unknown[]): unknown {
      const path = String(args[0]);
      if (path.startsWith(folder) && ours(new Error().stack ?? '')) reads.push(`${name} ${path}`);
      return Reflect.apply(original, this, args);
    };
    restore.push(() => (holder[name] = original));
  };
  for (const name of ['open', 'readFile', 'createReadStream', 'openSync', 'readFileSync', 'readdir', 'readdirSync'])
    wrap(fs, name);
  for (const name of ['open', 'readFile', 'readdir', 'opendir']) wrap(fsPromises, name);
  return {
    sockets,
    reads,
    stop: () => {
      diagnostics.unsubscribe('net.client.socket', onSocket);
      for (const undo of restore) undo();
    },
  };
}
