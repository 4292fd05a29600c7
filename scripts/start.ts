// `npm start`: builds, then opens VS Code with the extension and the example workspace. Which VS Code: choose-editor.ts.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEditor, chooseRig, findOnPath } from './lib/choose-editor.ts';
import { cacheDirectory, root } from './lib/paths.ts';

const workspace = join(root, 'examples', 'workspace');
const development = `--extensionDevelopmentPath=${root}`;

/** Starts a program with our terminal and resolves with its exit code. */
function open(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    // Windows has `code` as a .cmd, which only a shell can run.
    const isScript = /\.(cmd|bat)$/i.test(file);
    const child = isScript
      ? spawn('cmd.exe', ['/d', '/c', file, ...args], { stdio: 'inherit' })
      : spawn(file, args, { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function startCode(path: string): Promise<void> {
  console.log(`Opening ${workspace} with ${path}…`);
  const code = await open(path, ['--new-window', development, workspace]);
  if (code !== 0) throw new Error(`\`code\` ended with code ${String(code)}; take it off PATH to use another VS Code.`);
}

/** False when VS Code cannot be downloaded here. */
async function startElectron(): Promise<boolean> {
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  const cachePath = join(cacheDirectory(), 'vscode-test');
  mkdirSync(cachePath, { recursive: true });
  let executable: string;
  try {
    executable = await downloadAndUnzipVSCode({ version: 'stable', cachePath });
  } catch (error) {
    console.error(`VS Code cannot be downloaded (${error instanceof Error ? error.message : String(error)}).`);
    return false;
  }
  console.log(`Opening ${workspace} with ${executable}…`);
  const profile = join(cacheDirectory(), 'start-profile');
  // Chromium refuses to run as root with its sandbox.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const folders = [`--user-data-dir=${join(profile, 'data')}`, `--extensions-dir=${join(profile, 'extensions')}`];
  const code = await open(executable, [...asRoot, ...folders, development, workspace]);
  if (code !== 0) throw new Error(`${executable} ended with code ${String(code)}.`);
  return true;
}

/** Serves the rig until it is told to end. */
async function startRig(browser: string | undefined): Promise<void> {
  const { startEditor } = await import('./rig/editor.ts');
  const editor = await startEditor({
    workspace,
    extensionPaths: [root],
    linkExtensions: true,
    trust: false,
    // The example stands in this repository's clone: a question about the repository around it is of no use to a newcomer.
    settings: { 'security.workspace.trust.startupPrompt': 'once', 'git.openRepositoryInParentFolders': 'never' },
    env: { SEC_GEMINI_API_KEY: process.env.SEC_GEMINI_API_KEY },
    connectionToken: randomBytes(24).toString('base64url'),
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  console.log(`VS Code runs at\n\n  ${editor.url}\n\nOpen it in a browser on this machine. Ctrl-C ends it.`);
  if (browser !== undefined)
    spawn(browser, [editor.url], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref();
  await stopped;
  console.log('Closing VS Code…');
  await editor.dispose();
}

async function start(): Promise<void> {
  const { build } = await import('./build.ts');
  await build();
  const machine = { platform: process.platform, env: process.env, find: findOnPath };
  let choice = chooseEditor(machine);
  if (choice.kind === 'electron' && !(await startElectron())) choice = chooseRig(machine);
  if (choice.kind === 'code') await startCode(choice.path);
  else if (choice.kind === 'rig') await startRig(choice.browser);
}

try {
  await start();
  process.exit(0);
} catch (error) {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (isMissing) console.error(`A package is missing: run \`npm ci\` first (${error.message}).`);
  else console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
