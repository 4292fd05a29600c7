// Starts the rig's VS Code server on a profile of its own, and ends it with every process that it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  cpSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { z } from 'zod';
import { endGroup } from '../lib/run.ts';
import { installRig } from './install.ts';

export interface EditorOptions {
  /** The folder (or `.code-workspace` file) to open, absolute. */
  readonly workspace: string;
  /**
   * Extensions from source: folders with a package.json, absolute. They are installed as a copy of what they ship,
   * so that the editor behaves as for a user; with `testsPath` the first is an extension under development instead
   * (the web editor takes only one).
   */
  readonly extensionPaths?: readonly string[];
  /** With this the installed folder is a link, so that a rebuild shows after a window reload. */
  readonly linkExtensions?: boolean;
  /**
   * A CommonJS module that exports `run()`, to be run inside the extension host. It needs VS Code's smoke test driver,
   * which shows no notification toasts.
   */
  readonly testsPath?: string;
  /** A packaged extension to install before the start. */
  readonly vsix?: string;
  /** User settings on top of the rig's own. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** True: no workspace trust, everything may run. False: trust is on and this workspace is in Restricted Mode. */
  readonly trust: boolean;
  /** Environment of the server and so of the extension host, on top of a cleaned one; undefined removes a name. */
  readonly env?: NodeJS.ProcessEnv;
  /** Asked of every browser; none when absent (loopback only either way). */
  readonly connectionToken?: string;
  /** A folder that keeps the profile; it stays after dispose(). Absent: a temporary one that is removed. */
  readonly profile?: string;
  /** A fixed port, for a second start that the same browser storage must recognise. Default: any free one. */
  readonly port?: number;
}

export interface Editor {
  /** The address to open, with folder, payload and token. */
  readonly url: string;
  readonly port: number;
  readonly profile: string;
  readonly serverDataDir: string;
  readonly extensionsDir: string;
  /** The folder of VS Code's logs (the extension host's among them). */
  readonly logs: string;
  /** The server's own output so far. */
  readonly output: () => string;
  /** Ends the server and all it started, and removes a temporary profile. May be called twice. */
  readonly dispose: () => Promise<void>;
}

const startGuardMs = 90_000;

/** Settings that keep the editor quiet: nothing that asks, fetches or opens by itself. */
const quietSettings: Readonly<Record<string, unknown>> = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/** Starts an editor. Throws with the server's words when it does not come up within 90 s. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  const rig = await installRig();
  const profile = options.profile ?? mkdtempSync(join(tmpdir(), 'sg-editor-'));
  const serverDataDir = join(profile, 'data');
  const extensionsDir = join(profile, 'extensions');
  mkdirSync(extensionsDir, { recursive: true });
  writeSettings(serverDataDir, {
    ...quietSettings,
    'security.workspace.trust.enabled': !options.trust,
    ...options.settings,
  });
  if (options.vsix !== undefined) unpackVsix(options.vsix, extensionsDir);
  const installed = options.testsPath === undefined ? options.extensionPaths : options.extensionPaths?.slice(1);
  for (const path of installed ?? []) installFolder(path, extensionsDir, options.linkExtensions ?? false);

  const mark = randomUUID();
  const token =
    options.connectionToken === undefined
      ? ['--without-connection-token']
      : ['--connection-token', options.connectionToken];
  const child = spawn(
    rig.node,
    [
      rig.serverMain,
      ...token,
      '--host=127.0.0.1',
      `--port=${String(options.port ?? 0)}`,
      '--accept-server-license-terms',
      ...(options.testsPath === undefined ? [] : ['--enable-smoke-test-driver']),
      // The net under dispose(): a server whose owner was killed ends by itself.
      '--enable-remote-auto-shutdown',
      '--telemetry-level=off',
      `--server-data-dir=${serverDataDir}`,
      `--extensions-dir=${extensionsDir}`,
    ],
    { env: environment(mark, options.env), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let ended: Promise<void> | undefined;
  const dispose = (): Promise<void> => {
    ended ??= end(child, mark).then(() => {
      process.off('exit', onExit);
      if (options.profile === undefined) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    });
    return ended;
  };
  const onExit = (): void => {
    if (child.pid !== undefined) for (const pid of [-child.pid, ...markedProcesses(mark)]) kill(pid);
    if (options.profile === undefined) rmSync(profile, { recursive: true, force: true });
  };
  process.on('exit', onExit);

  const log = createWriteStream(join(profile, 'server.log'), { flags: 'a' });
  let output = '';
  const take = (text: string): void => {
    output += text;
    log.write(text);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  child.on('close', () => log.end());
  try {
    const port = await listening(child, () => output);
    return {
      url: address(port, options),
      port,
      profile,
      serverDataDir,
      extensionsDir,
      logs: join(serverDataDir, 'data', 'logs'),
      output: () => output,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The `--…` words of VS Code's web page: folder, extensions under development, tests, token. */
function address(port: number, options: EditorOptions): string {
  const remote = (path: string): string => `vscode-remote://127.0.0.1:${String(port)}${encodeURI(path)}`;
  const url = new URL(`http://127.0.0.1:${String(port)}/`);
  const isWorkspaceFile = options.workspace.endsWith('.code-workspace');
  url.searchParams.set(isWorkspaceFile ? 'workspace' : 'folder', options.workspace);
  if (options.testsPath !== undefined) {
    const payload = (options.extensionPaths ?? [])
      .slice(0, 1)
      .map((path) => ['extensionDevelopmentPath', remote(path)]);
    payload.push(['extensionTestsPath', remote(options.testsPath)]);
    url.searchParams.set('payload', JSON.stringify(payload));
  }
  if (options.connectionToken !== undefined) url.searchParams.set('tkn', options.connectionToken);
  return url.href;
}

function writeSettings(serverDataDir: string, settings: Readonly<Record<string, unknown>>): void {
  const folder = join(serverDataDir, 'data', 'User');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), `${JSON.stringify(settings, undefined, 2)}\n`);
}

const manifest = z.object({ publisher: z.string(), name: z.string(), version: z.string() });

/** Puts a VSIX where VS Code finds installed extensions. Returns the folder. */
export function unpackVsix(vsix: string, extensionsDir: string): string {
  const files = unzipSync(readFileSync(vsix));
  const raw = files['extension/package.json'];
  if (raw === undefined) throw new Error(`${vsix} is no VSIX: it has no extension/package.json.`);
  const { publisher, name, version } = manifest.parse(JSON.parse(new TextDecoder().decode(raw)));
  const folder = join(extensionsDir, `${publisher}.${name}-${version}`);
  for (const [path, bytes] of Object.entries(files)) {
    if (!path.startsWith('extension/') || path.endsWith('/') || path.split('/').includes('..')) continue;
    const target = join(folder, path.slice('extension/'.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  return folder;
}

/** What an extension ships, of what a source folder holds (the last is the rig's hello world). */
const shipped: readonly string[] = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist',
  'media',
  'l10n',
  'walkthrough',
  'extension.cjs',
];

/** Installs an extension from its source folder, as a copy of what is shipped or as a link to the whole. Returns the installed folder. */
function installFolder(source: string, extensionsDir: string, link: boolean): string {
  const { publisher, name, version } = manifest.parse(JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')));
  const folder = join(extensionsDir, `${publisher}.${name}-${version}`);
  rmSync(folder, { recursive: true, force: true });
  if (link) {
    // The whole: with a link to `dist` alone the extension host does not know whose code it runs, and views lose their titles.
    symlinkSync(source, folder, 'junction');
    return folder;
  }
  mkdirSync(folder, { recursive: true });
  for (const entry of shipped) {
    const from = join(source, entry);
    if (existsSync(from)) cpSync(from, join(folder, entry), { recursive: true });
  }
  return folder;
}

/** Our environment without what an outer VS Code, npm or a user's key would change in the editor under test. */
function environment(mark: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(npm_|VSCODE_|ELECTRON_|NODE_|SEC_GEMINI_)/i.test(name)) env[name] = value;
  }
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  // No gallery: the editor under test asks nothing of the network.
  return { ...env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', SEC_GEMINI_RIG_MARK: mark };
}

/** Waits for the server to say its port. */
function listening(child: ChildProcess, output: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(guard);
      reject(new Error(`The VS Code server did not start: ${why}\n${output().slice(-4000)}`));
    };
    const guard = setTimeout(() => fail(`nothing within ${String(startGuardMs / 1000)} s`), startGuardMs);
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`it ended with code ${String(code)}`));
    child.stdout?.on('data', () => {
      const match = /Extension host agent listening on (\d+)/.exec(output());
      if (match === null) return;
      clearTimeout(guard);
      resolve(Number(match[1]));
    });
  });
}

async function end(child: ChildProcess, mark: string): Promise<void> {
  await endGroup(child);
  // What left the group (a detached sandbox, a terminal) still carries our mark in its environment.
  const deadline = Date.now() + 5000;
  for (let left = markedProcesses(mark); left.length > 0 && Date.now() < deadline; left = markedProcesses(mark)) {
    for (const pid of left) kill(pid);
    await delay(20);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** The processes whose environment carries the mark (Linux; elsewhere the group has to do). */
function markedProcesses(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          pid !== process.pid &&
          readFileSync(`/proc/${String(pid)}/environ`, 'latin1').includes(`SEC_GEMINI_RIG_MARK=${mark}`)
        );
      } catch {
        return false;
      }
    });
}
