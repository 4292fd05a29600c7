// Which VS Code `npm start` opens; pure, so that the choice can be tested for every machine.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type EditorChoice =
  | { readonly kind: 'code'; readonly path: string }
  | { readonly kind: 'electron' }
  | { readonly kind: 'rig'; readonly browser: string | undefined };

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The path of a program on PATH. */
  readonly find: (name: string) => string | undefined;
}

/** `code` from PATH; else, with a display, a downloaded copy; else the rig, in a browser where one can be opened. */
export function chooseEditor({ platform, env, find }: Machine): EditorChoice {
  const code = find('code');
  if (code !== undefined) return { kind: 'code', path: code };
  if (hasDisplay({ platform, env })) return { kind: 'electron' };
  return { kind: 'rig', browser: undefined };
}

/** The rig with the program that opens an address where there is a display. */
export function chooseRig({ platform, env, find }: Machine): EditorChoice {
  return {
    kind: 'rig',
    browser: hasDisplay({ platform, env }) ? find(platform === 'darwin' ? 'open' : 'xdg-open') : undefined,
  };
}

function hasDisplay({ platform, env }: Pick<Machine, 'platform' | 'env'>): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return [env.DISPLAY, env.WAYLAND_DISPLAY].some((display) => display !== undefined && display !== '');
}

/** Looks a program up on PATH, with Windows' endings there. */
export function findOnPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe', '.bat'] : [''];
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => endings.map((ending) => join(folder, name + ending)))
    .find((path) => existsSync(path));
}
