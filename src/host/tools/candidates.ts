/**
 * Which files there are, and where a text stands in them: VS Code's own ripgrep with fixed arguments, else JavaScript. Only names and line
 * numbers come from here; what is shown of a file is read through the gate (trust.md S29: no shell, no flag of the agent's).
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { arch, platform } from 'node:process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Most files that are looked at, and most folders walked without ripgrep. */
export const MOST_FILES = 50_000;
const MOST_FOLDERS = 5_000;
/** Most lines that a search collects. */
export const MOST_MATCHES = 2_000;

export interface TextQuery {
  readonly text: string;
  readonly isRegex: boolean;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
}

export interface Match {
  /** Absolute. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

export interface Candidates<T> {
  readonly items: readonly T[];
  /** False: there is more than was collected. */
  readonly whole: boolean;
}

/** The ripgrep that VS Code ships, below `vscode.env.appRoot`; undefined when it is not where it is known to be. */
export function ripgrepOf(appRoot: string): string | undefined {
  const exe = platform === 'win32' ? 'rg.exe' : 'rg';
  const places = [
    ['node_modules', '@vscode', 'ripgrep-universal', 'bin', `${platform}-${arch}`, exe],
    ['node_modules', '@vscode', 'ripgrep', 'bin', exe],
    ['node_modules.asar.unpacked', '@vscode', 'ripgrep', 'bin', exe],
  ];
  return places.map((place) => join(appRoot, ...place)).find((path) => existsSync(path));
}

/** No configuration, no links followed, no archives, no preprocessors. */
const FIXED = ['--no-config', '--no-follow', '--no-messages', '--hidden', '--no-require-git', '--glob=!.git'] as const;

/** None of the user's variables; Windows needs to know where it is. */
const ENVIRONMENT = platform === 'win32' ? { SystemRoot: process.env['SystemRoot'] } : {};

/** Every file below a folder that git does not ignore, absolute, sorted. */
export async function listFiles(
  folder: string,
  rg: string | undefined,
  signal: AbortSignal,
): Promise<Candidates<string>> {
  if (rg === undefined) return walk(folder, signal);
  const items: string[] = [];
  const whole = await lines(rg, [...FIXED, '--files', '--', folder], signal, (line) => {
    items.push(line);
    return items.length < MOST_FILES;
  });
  return { items: items.toSorted(), whole };
}

/** Where a text stands, in the order of files. Rejects with the signal's reason. */
export async function findText(
  folder: string,
  query: TextQuery,
  rg: string,
  signal: AbortSignal,
): Promise<Candidates<Match>> {
  const items: Match[] = [];
  const args = [
    ...FIXED,
    '--json',
    '--sort=path',
    '--max-filesize=4M',
    '--max-count=200',
    '--regex-size-limit=10M',
    '--dfa-size-limit=10M',
    query.matchCase ? '--case-sensitive' : '--ignore-case',
    ...(query.wholeWord ? ['--word-regexp'] : []),
    ...(query.isRegex ? [] : ['--fixed-strings']),
    // The pattern begins after `--`: whatever it looks like, it is no flag.
    '--',
    query.text,
    folder,
  ];
  const whole = await lines(rg, args, signal, (line) => {
    const match = matchOf(line);
    if (match !== undefined) items.push(match);
    return items.length < MOST_MATCHES;
  });
  return { items, whole };
}

function matchOf(line: string): Match | undefined {
  try {
    const { type, data } = JSON.parse(line) as {
      type?: string;
      data?: { path?: { text?: string }; line_number?: number };
    };
    const path = data?.path?.text;
    // A path that is no UTF-8 comes as bytes: the gate would not take it either.
    if (type !== 'match' || path === undefined || data?.line_number === undefined) return undefined;
    return { path, line: data.line_number };
  } catch {
    return undefined;
  }
}

/** Runs without a shell; false when `take` had enough before the end. */
async function lines(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  take: (line: string) => boolean,
): Promise<boolean> {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: false,
    env: ENVIRONMENT,
    windowsHide: true,
  });
  const abort = (): void => void child.kill();
  signal.addEventListener('abort', abort, { once: true });
  let whole = true;
  try {
    const closed = new Promise<void>((resolve, reject) => {
      child.once('close', () => resolve());
      child.once('error', reject);
    });
    const reader = createInterface({ input: child.stdout, crlfDelay: Infinity });
    for await (const line of reader) {
      if (line === '' || take(line)) continue;
      whole = false;
      child.kill();
      break;
    }
    await closed;
    signal.throwIfAborted();
    return whole;
  } finally {
    signal.removeEventListener('abort', abort);
    child.kill();
  }
}

/** Without ripgrep: links are not followed, `.git` is passed over. What git ignores is left to the gate, which marks it. */
async function walk(folder: string, signal: AbortSignal): Promise<Candidates<string>> {
  const items: string[] = [];
  const folders = [folder];
  let seen = 0;
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    signal.throwIfAborted();
    seen += 1;
    if (seen > MOST_FOLDERS || items.length >= MOST_FILES) return { items: items.toSorted(), whole: false };
    const entries = await readdir(next, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules')
        folders.push(join(next, entry.name));
      else if (entry.isFile()) items.push(join(next, entry.name));
    }
  }
  return { items: items.toSorted(), whole: true };
}
