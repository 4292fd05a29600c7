// Makes the rig: a real VS Code (inside the npm package code-server) for machines without a display, in a cache
// outside the checkout. Done once per version; `node scripts/rig/install.ts` does it by hand.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installPackages } from '../lib/debian.ts';
import { cacheDirectory, node, toolEnvironment } from '../lib/paths.ts';
import { mustRun, run } from '../lib/run.ts';

/** The code-server release; its VS Code has the same minor version (1.139.1). */
export const rigVersion = '4.139.1';

export interface Rig {
  /** The Node binary that the server's native modules are built for. */
  readonly node: string;
  /** VS Code's own server (not code-server's wrapper, which drops the test switches). */
  readonly serverMain: string;
}

/** The folder of the rig: `$SEC_GEMINI_RIG_CACHE`, else one folder per version in the user's cache. */
export function rigDirectory(): string {
  return process.env.SEC_GEMINI_RIG_CACHE ?? join(cacheDirectory(), `rig-${rigVersion}`);
}

/** Returns the rig, installing it first when its stamp is missing. Says on stderr what it does and how long it took. */
export async function installRig(): Promise<Rig> {
  const directory = rigDirectory();
  const server = join(directory, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
  const rig = { node: node.binary, serverMain: server };
  if (isComplete(directory, server)) return rig;
  const release = await takeLock(directory);
  try {
    if (!isComplete(directory, server)) await install(directory);
  } finally {
    release();
  }
  return rig;
}

function stampPath(directory: string): string {
  return join(directory, 'complete.json');
}

function isComplete(directory: string, server: string): boolean {
  if (!existsSync(stampPath(directory)) || !existsSync(server)) return false;
  const stamp: unknown = JSON.parse(readFileSync(stampPath(directory), 'utf8'));
  return typeof stamp === 'object' && stamp !== null && 'version' in stamp && stamp.version === rigVersion;
}

async function install(directory: string): Promise<void> {
  const started = Date.now();
  console.error(`Installing the VS Code rig ${rigVersion} into ${directory} (about 3 minutes and 750 MB, once)…`);
  const missing = await missingPackages();
  if (missing.length > 0) await installPackages('building the VS Code rig', missing);
  for (const entry of ['node_modules', 'package.json', 'package-lock.json', 'complete.json']) {
    rmSync(join(directory, entry), { recursive: true, force: true });
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'rig', private: true }));
  const env = toolEnvironment(node.home === undefined ? {} : { npm_config_nodedir: node.home });
  // npm's own flags from an outer `npm test` must not reach the inner npm.
  for (const name of Object.keys(env)) {
    if (/^npm_(config_(?!nodedir|registry|cache|userconfig|proxy|https_proxy|cafile)|package_|lifecycle_)/i.test(name))
      delete env[name];
  }
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier'];
  await mustRun(['npm', 'install', ...quiet, `code-server@${rigVersion}`], { cwd: directory, env });
  console.error(`  downloaded after ${seconds(started)}; building its native modules…`);
  // The post-install alone, with the words of npm's user agent that it asks for.
  const postinstall = { ...env, npm_config_user_agent: 'npm/11 node/v24', npm_config_unsafe_perm: 'true' };
  const folder = join(directory, 'node_modules', 'code-server');
  await mustRun(['sh', './postinstall.sh'], { cwd: folder, env: postinstall });
  writeFileSync(
    stampPath(directory),
    JSON.stringify({ version: rigVersion, node: process.version, ms: Date.now() - started }),
  );
  console.error(`  the rig is ready after ${seconds(started)}.`);
}

function seconds(started: number): string {
  return `${String(Math.round((Date.now() - started) / 1000))} s`;
}

/** The Debian packages that the native build needs and this machine lacks. */
async function missingPackages(): Promise<string[]> {
  const needs: [string, readonly string[]][] = [
    ['pkg-config', ['pkg-config', '--version']],
    ['libkrb5-dev', ['pkg-config', '--exists', 'krb5-gssapi']],
    ['g++', ['g++', '--version']],
    ['make', ['make', '--version']],
    ['python3', ['python3', '--version']],
  ];
  const missing: string[] = [];
  for (const [name, probe] of needs) {
    if ((await run(probe)).code !== 0) missing.push(name);
  }
  return missing;
}

/** One install at a time: a lock file with our pid; a lock whose owner is dead is taken over. */
async function takeLock(directory: string): Promise<() => void> {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'install.lock');
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (!ownerLives(path)) {
      rmSync(path, { force: true });
      continue;
    }
    if (!waited) console.error('Another process is installing the VS Code rig: waiting for it…');
    await delay(1000);
  }
}

function ownerLives(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // An empty file is a lock that is being written at this moment.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

if (import.meta.main) {
  const rig = await installRig();
  console.log(rig.serverMain);
}
