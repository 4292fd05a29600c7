/**
 * An MCP server as a process of this machine: JSON lines over its standard streams. Not the SDK's own transport, because a server is often
 * started by a starter (npx): here the whole group of processes ends with the window, at once.
 */

import { type ChildProcess, spawnSync } from 'node:child_process';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import spawn from 'cross-spawn';
import { type StdioServer, withEnvironment } from '../../../core/tools/mcp-config.ts';

/** Bytes of one message. */
const MOST_MESSAGE = 8 * 1024 * 1024;
/** Characters of a line that goes to the log, and lines of one process. */
const MOST_LINE = 500;
const MOST_LINES = 500;
/** A server that was asked to end and does not is ended, milliseconds. */
const GRACE_MS = 2_000;

const isWindows = process.platform === 'win32';

/** What a program needs to run at all; nothing of the editor's own environment besides, so no key of it. */
const INHERITED = isWindows
  ? [
      'APPDATA',
      'HOMEDRIVE',
      'HOMEPATH',
      'LOCALAPPDATA',
      'PATH',
      'PATHEXT',
      'PROCESSOR_ARCHITECTURE',
      'PROGRAMFILES',
      'SYSTEMDRIVE',
      'SYSTEMROOT',
      'TEMP',
      'USERNAME',
      'USERPROFILE',
    ]
  : ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'TMPDIR', 'USER'];

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #server: StdioServer;
  readonly #say: (line: string) => void;
  readonly #incoming = new ReadBuffer({ maxBufferSize: MOST_MESSAGE });
  #process: ChildProcess | undefined;
  #lines = 0;

  /** `say` gets what the server writes for people, line by line. */
  constructor(server: StdioServer, say: (line: string) => void) {
    this.#server = server;
    this.#say = say;
  }

  /** Rejects when the program cannot be started. */
  async start(): Promise<void> {
    const { command, args, env, cwd } = this.#server;
    const inherited = Object.fromEntries(
      INHERITED.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    const child = spawn(command, [...args], {
      env: { ...inherited, ...withEnvironment(env, process.env) },
      cwd: cwd ?? process.env[isWindows ? 'USERPROFILE' : 'HOME'],
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, which can be ended as one.
      detached: !isWindows,
      windowsHide: true,
    });
    this.#process = child;
    child.stdin?.on('error', (error) => this.onerror?.(error));
    child.stdout?.on('error', (error) => this.onerror?.(error));
    child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: string) => this.#log(chunk));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('spawn', resolve);
    child.once('error', (error) => {
      reject(error);
      this.onerror?.(error);
    });
    child.once('close', () => {
      this.kill();
      this.#process = undefined;
      this.onclose?.();
    });
    await promise;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#process?.stdin;
    if (stdin === undefined || stdin === null || !stdin.writable) throw new Error('The server is not running.');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stdin.write(serializeMessage(message), (error) => (error == null ? resolve() : reject(error)));
    await promise;
  }

  /** Lets the server end by itself for a moment. */
  async close(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GRACE_MS);
    child.once('close', () => resolve());
    child.stdin?.end();
    await promise;
    clearTimeout(timer);
    this.kill();
  }

  /** Ends the server and whatever it started, at once. */
  kill(): void {
    const child = this.#process;
    const pid = child?.pid;
    if (pid === undefined) return;
    try {
      if (isWindows) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
      else process.kill(-pid, 'SIGKILL');
    } catch {
      // The group is gone already.
      child?.kill('SIGKILL');
    }
  }

  #take(chunk: Buffer): void {
    try {
      this.#incoming.append(chunk);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error('The server says too much at once.'));
      this.kill();
      return;
    }
    for (;;)
      try {
        const message = this.#incoming.readMessage();
        if (message === null) return;
        this.onmessage?.(message);
      } catch {
        // A line that is no message: servers that write for people on the wrong stream are common.
        this.onerror?.(new Error('A line of the server is no message.'));
      }
  }

  #log(chunk: string): void {
    for (const line of chunk.split('\n')) {
      if (line.trim() === '' || this.#lines > MOST_LINES) continue;
      this.#lines += 1;
      this.#say(this.#lines > MOST_LINES ? '[more of this is not written down]' : line.slice(0, MOST_LINE));
    }
  }
}
