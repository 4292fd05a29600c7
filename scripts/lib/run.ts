// Running other programs: streamed or captured, never through a shell, and ended with everything they started.
import { type ChildProcess, spawn } from 'node:child_process';
import { root, toolEnvironment } from './paths.ts';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the output goes as it comes; nothing is streamed when absent. */
  readonly onOutput?: (text: string) => void;
}

export interface RunResult {
  /** The exit code; 128 when a signal ended it, 127 when it could not be started. */
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
}

/** Runs a program to its end with no stdin. Never rejects: a program that cannot be started has code 127. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? toolEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const release = endWithUs(child);
    let stdout = '';
    let output = '';
    const take = (text: string): void => {
      output += text;
      options.onOutput?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      release();
      take(`${file}: ${error.message}\n`);
      resolve({ code: 127, stdout, output });
    });
    child.on('close', (code) => {
      release();
      resolve({ code: code ?? 128, stdout, output });
    });
  });
}

/** Like {@link run}, but throws (with the end of the output) when the program fails. */
export async function mustRun(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await run(command, options);
  if (result.code !== 0) {
    const said = options.onOutput ? '' : `\n${result.output.slice(-4000)}`;
    throw new Error(`${command.join(' ')} ended with code ${String(result.code)}${said}`);
  }
  return result.stdout;
}

const living = new Set<ChildProcess>();

function stopOnInterrupt(): void {
  process.exit(130);
}

function stopOnTermination(): void {
  process.exit(143);
}

function endLiving(): void {
  for (const each of living) each.kill('SIGTERM');
}

/**
 * Ends the child when this process ends or is told to. Returns what takes the child off the list again; without
 * children the signals are left to whoever else handles them.
 */
function endWithUs(child: ChildProcess): () => void {
  if (living.size === 0) {
    process.on('SIGINT', stopOnInterrupt).on('SIGTERM', stopOnTermination).on('exit', endLiving);
  }
  living.add(child);
  return () => {
    if (living.delete(child) && living.size === 0) {
      process.off('SIGINT', stopOnInterrupt).off('SIGTERM', stopOnTermination).off('exit', endLiving);
    }
  };
}

/** Ends a child that leads its own process group (spawned `detached`), and everything it started; waits for its exit. */
export async function endGroup(child: ChildProcess, graceMs = 3000): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const exited = child.exitCode !== null || child.signalCode !== null;
  const gone = exited ? Promise.resolve() : new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
  // The leader is gone; whatever is left of its group has no one to end it but us.
  signalGroup(pid, 'SIGKILL');
}

/** Sends a signal to a process group; a group that is gone is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // ESRCH: already gone.
  }
}
