/** Finds the profile's sandbox or starts it, holds one idle connection for this window, and stops it for all. Protocol: core/sandbox-lease.ts. */

import { spawn } from 'node:child_process';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { ConnectionPorts, SandboxLease } from '../../core/connection.ts';
import { Emitter } from '../../core/emitter.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import {
  HELLO_PATH,
  HOLD_PATH,
  KEY_HEADER,
  LEASE_FILE,
  PROOF_PREFIX,
  type SandboxLease as LeaseRecord,
  parseLease,
} from '../../core/sandbox-lease.ts';

export interface SandboxProcessOptions {
  /** The sandbox's bundle. */
  readonly script: string;
  /** The profile's folder for lease and state. */
  readonly directory: string;
  readonly log: Log;
}

interface Address {
  readonly endpoint: string;
  readonly apiKey: string;
}

/** A start that takes longer is a failure the user should hear of. */
const START_MS = 20_000;
const HELLO_MS = 3_000;
const STOP_MS = 10_000;

export class SandboxProcess {
  readonly #options: SandboxProcessOptions;

  constructor(options: SandboxProcessOptions) {
    this.#options = options;
  }

  /** Resolves with a sandbox that this window holds. Rejects with `unavailable` and the process's own words. */
  readonly start: ConnectionPorts['sandbox']['start'] = async () => {
    const address = (await this.#running()) ?? (await this.#spawn());
    return this.#hold(address);
  };

  /** Ends the process of the lease, if it is really ours; resolves when it is gone. */
  readonly stop: ConnectionPorts['sandbox']['stop'] = async () => {
    const lease = await this.#lease();
    // Another program may have taken over a dead sandbox's pid: only one that proves to know the key is ended.
    if (lease === undefined || !(await provesKey(lease))) return;
    const held = await this.#hold(addressOf(lease));
    const gone = new Promise<void>((resolve) => held.onDidEnd(() => resolve()));
    process.kill(lease.pid, 'SIGTERM');
    await withTimeout(gone, STOP_MS, 'The local sandbox does not stop.');
  };

  async #running(): Promise<Address | undefined> {
    const lease = await this.#lease();
    return lease !== undefined && (await provesKey(lease)) ? addressOf(lease) : undefined;
  }

  async #lease(): Promise<LeaseRecord | undefined> {
    try {
      return parseLease(await readFile(join(this.#options.directory, LEASE_FILE), 'utf8'));
    } catch {
      return undefined;
    }
  }

  async #spawn(): Promise<Address> {
    const { script, directory, log } = this.#options;
    log.info('Starting the local sandbox');
    // It outlives this window: other windows may use it, and it ends by itself when the last one has left.
    const child = spawn(process.execPath, [script, '--profile', directory], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      env: childEnvironment(),
    });
    const words: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (words.length < 20) words.push(line);
    });
    const lines = createInterface({ input: child.stdout });
    try {
      const ready = new Promise<Address>((resolve, reject) => {
        lines.once('line', (line) => {
          const address = parseReady(line);
          if (address === undefined) reject(failed('It answered with something else than its address.', words));
          else resolve(address);
        });
        child.once('error', (error) => reject(failed(error.message, words)));
        // Its last words may still be on their way when it exits.
        child.once('close', () => reject(failed('It ended at once.', words)));
      });
      return await withTimeout(ready, START_MS, 'The local sandbox does not answer.');
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      lines.close();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    }
  }

  async #hold({ endpoint, apiKey }: Address): Promise<SandboxLease> {
    const ended = new Emitter<'stopped' | 'lost'>();
    const socket = new WebSocket(`${endpoint.replace(/^http/, 'ws')}${HOLD_PATH}`, {
      headers: { [KEY_HEADER]: apiKey },
      handshakeTimeout: HELLO_MS,
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: 1024,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', (error) => reject(failed(error.message, [])));
    });
    let released = false;
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (released) return;
      // One that ends well takes its lease away first; after a crash the lease stays.
      void this.#lease().then((lease) => ended.fire(lease === undefined ? 'stopped' : 'lost'));
    });
    return {
      endpoint,
      apiKey,
      onDidEnd: ended.event,
      release: () => {
        released = true;
        ended.dispose();
        socket.terminate();
      },
    };
  }
}

/** Undefined unless the line is what a ready sandbox prints. */
function parseReady(line: string): Address | undefined {
  try {
    const value = JSON.parse(line) as { endpoint?: unknown; apiKey?: unknown };
    return typeof value.endpoint === 'string' && typeof value.apiKey === 'string'
      ? { endpoint: value.endpoint, apiKey: value.apiKey }
      : undefined;
  } catch {
    return undefined;
  }
}

function addressOf(lease: LeaseRecord): Address {
  return { endpoint: `http://127.0.0.1:${lease.port}`, apiKey: lease.key };
}

/** Asks whoever listens there to prove that it knows the key, without telling it. */
async function provesKey({ port, key }: LeaseRecord): Promise<boolean> {
  const nonce = randomBytes(24).toString('base64url');
  const expected = createHmac('sha256', key)
    .update(PROOF_PREFIX + nonce)
    .digest();
  const text = await new Promise<string | undefined>((resolve) => {
    const request = get(
      { host: '127.0.0.1', port, path: `${HELLO_PATH}?nonce=${nonce}`, timeout: HELLO_MS, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
          if (body.length > 4096) request.destroy();
        });
        response.on('end', () => resolve(body));
        response.on('error', () => resolve(undefined));
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
  try {
    const { proof, stopping } = JSON.parse(text ?? '') as { proof?: unknown; stopping?: unknown };
    // One on its way out is as good as gone.
    if (stopping === true) return false;
    const given = Buffer.from(typeof proof === 'string' ? proof : '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  } catch {
    return false;
  }
}

/** What the child needs of our environment: no key of the service, and Electron has to behave as Node. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { SEC_GEMINI_API_KEY: _key, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, ELECTRON_RUN_AS_NODE: '1' };
}

function failed(why: string, words: readonly string[]): SecGeminiError {
  const said = words.length === 0 ? '' : ` It said: ${words.join(' ')}`;
  return new SecGeminiError('unavailable', `The local sandbox did not start. ${why}${said}`, {
    action: 'Try again; the log (command "Sec-Gemini: Show Log") has more.',
  });
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number, words: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SecGeminiError('timeout', words)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
