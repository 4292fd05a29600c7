/**
 * Which service this window talks to, and with which key: the configured endpoint or the local sandbox. Everything it needs of the editor
 * comes through ports. Rules of trust.md S14, S20–S22, S37: a key belongs to one origin, an origin other than the default is asked about once,
 * a real key never goes to the sandbox.
 */

import type { SecGeminiClient } from './client.ts';
import { type Disposable, DisposableStore } from './disposable.ts';
import { Emitter, type Event } from './emitter.ts';
import { parseEndpoint } from './endpoint.ts';
import { SecGeminiError, isSecGeminiError, toSecGeminiError } from './errors.ts';
import { type Log, silentLog } from './log.ts';
import type { Account } from './model.ts';

export const DEFAULT_ENDPOINT = 'https://api.secgemini.google';

/** A running local sandbox, held by this window until `release`. */
export interface SandboxLease {
  readonly endpoint: string;
  readonly apiKey: string;
  release(): void;
  /** Fires when the sandbox went away: `stopped` by a user in some window, or `lost`. */
  readonly onDidEnd: Event<'stopped' | 'lost'>;
}

export interface ConnectionPorts {
  readonly settings: {
    endpoint(): string;
    readonly onDidChange: Event<void>;
    /** The protocol to speak: the sandbox speaks both, so it counts there too. */
    readonly onDidChangeProtocol: Event<void>;
  };
  /** SecretStorage, one key per origin. */
  readonly secrets: {
    get(origin: string): Promise<string | undefined>;
    store(origin: string, key: string): Promise<void>;
    delete(origin: string): Promise<void>;
    /** Fires in every window when a key of any origin was stored or deleted. */
    readonly onDidChange: Event<void>;
  };
  /** Remembered for this profile across reloads. */
  readonly memory: {
    sandboxActive(): boolean;
    setSandboxActive(active: boolean): Promise<void>;
    isConfirmed(origin: string): boolean;
    confirm(origin: string): Promise<void>;
  };
  /** SEC_GEMINI_API_KEY of the extension host; belongs to the configured endpoint. */
  readonly environmentKey: () => string | undefined;
  readonly createClient: (target: { endpoint: string; apiKey: string }) => SecGeminiClient | Promise<SecGeminiClient>;
  readonly sandbox: {
    start(): Promise<SandboxLease>;
    /** Ends the process for every window of this profile. */
    stop(): Promise<void>;
  };
  /** The modal "Use HOST as Sec-Gemini endpoint?". */
  readonly confirmEndpoint: (host: string) => Promise<boolean>;
  readonly log?: Log | undefined;
}

/** `unconfirmed`: the user has not agreed to this endpoint; `keyRefused`: the service does not know the key. */
export type ConnectionStatus =
  | { readonly kind: 'signedOut' }
  | { readonly kind: 'unconfirmed'; readonly origin: string }
  | { readonly kind: 'connecting'; readonly target: 'sandbox' | 'service' }
  | {
      readonly kind: 'connected';
      readonly target: 'sandbox' | 'service';
      readonly origin: string;
      readonly account: Account;
    }
  | { readonly kind: 'keyRefused'; readonly origin: string; readonly error: SecGeminiError }
  | { readonly kind: 'offline'; readonly target: 'sandbox' | 'service'; readonly error: SecGeminiError };

export class Connection implements Disposable {
  readonly #ports: ConnectionPorts;
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #changes: Emitter<ConnectionStatus>;
  #status: ConnectionStatus = { kind: 'signedOut' };
  #client: SecGeminiClient | undefined;
  #lease: SandboxLease | undefined;
  /** Of the service, as the latest attempt took it. */
  #key: string | undefined;
  /** The latest attempt; an older one that comes back late is thrown away. */
  #attempt = 0;
  #current: Promise<void> = Promise.resolve();

  constructor(ports: ConnectionPorts) {
    this.#ports = ports;
    this.#log = ports.log ?? silentLog;
    this.#changes = this.#store.add(
      new Emitter((error) => this.#log.error('A listener of the connection failed', error)),
    );
    this.#store.add(ports.secrets.onDidChange(() => void this.#keysChanged()));
    this.#store.add(ports.settings.onDidChange(() => void this.#settingsChanged()));
    this.#store.add(ports.settings.onDidChangeProtocol(() => void this.connect({ ask: !this.isSandbox })));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  get client(): SecGeminiClient | undefined {
    return this.#status.kind === 'connected' ? this.#client : undefined;
  }

  get isSandbox(): boolean {
    return this.#ports.memory.sandboxActive();
  }

  get onDidChange(): Event<ConnectionStatus> {
    return this.#changes.event;
  }

  /** Connects to what is configured; never throws, the outcome is the status. `ask`: an unconfirmed endpoint may be asked about. */
  connect(options: { readonly ask: boolean } = { ask: false }): Promise<void> {
    this.#attempt += 1;
    this.#current = this.#connect(this.#attempt, options.ask);
    return this.#current;
  }

  /** Resolves when the latest attempt has come to its end. */
  settled(): Promise<void> {
    return this.#current;
  }

  /**
   * Checks a key against the configured endpoint and keeps it only when the service knows it. Rejects otherwise, nothing is stored then.
   * Resolves false when the user did not agree to the endpoint.
   */
  async setKey(key: string): Promise<boolean> {
    const apiKey = key.trim();
    if (apiKey === '' || /[^\u0021-\u007e]/.test(apiKey))
      throw new SecGeminiError(
        'invalidArgument',
        'This is not an API key: it is empty or holds blanks or special characters.',
        {
          action: 'Copy the key again from secgemini.google/keys.',
        },
      );
    const { origin } = parseEndpoint(this.#ports.settings.endpoint());
    if (!(await this.mayUse(origin, true))) return false;
    const probe = await this.#ports.createClient({ endpoint: origin, apiKey });
    try {
      await probe.account();
    } finally {
      await probe.close();
    }
    await this.#ports.memory.setSandboxActive(false);
    await this.#ports.secrets.store(origin, apiKey);
    await this.connect({ ask: true });
    return true;
  }

  /** Deletes the key of the configured endpoint; every window of the profile closes its connections. */
  async forgetKey(): Promise<void> {
    const { origin } = parseEndpoint(this.#ports.settings.endpoint());
    await this.#ports.secrets.delete(origin);
    if (!this.isSandbox) {
      this.#attempt += 1;
      await this.#drop();
      this.#set({ kind: 'signedOut' });
    }
  }

  /**
   * A call said that the key is refused: the service is asked once more. True when it says so too; the connection is then over until there
   * is another key.
   */
  async refused(): Promise<boolean> {
    const { client } = this;
    if (client === undefined) return this.#status.kind === 'keyRefused';
    try {
      await client.account();
      return false;
    } catch (error) {
      if (!isSecGeminiError(error, 'unauthenticated')) return false;
      if (client !== this.client) return this.status.kind === 'keyRefused';
      this.#attempt += 1;
      this.#set({ kind: 'keyRefused', origin: client.origin, error });
      await this.#drop();
      return true;
    }
  }

  /** Switches the editor over to the local sandbox. Rejects when it cannot be started; the earlier connection then stays. */
  async startSandbox(): Promise<void> {
    await this.#ports.memory.setSandboxActive(true);
    await this.connect();
    if (this.#status.kind === 'offline') throw this.#status.error;
  }

  /** Closes every connection of this window; what runs goes on at the service. `connect`, or the next start, takes it up again. */
  async disconnect(): Promise<void> {
    this.#attempt += 1;
    const error = new SecGeminiError('unavailable', 'You disconnected.', {
      action: 'Connect to go on.',
    });
    this.#set({ kind: 'offline', target: this.isSandbox ? 'sandbox' : 'service', error });
    await this.#drop();
  }

  /** Ends the sandbox and goes back to the configured endpoint. */
  async stopSandbox(): Promise<void> {
    await this.#ports.memory.setSandboxActive(false);
    this.#attempt += 1;
    this.#set({ kind: 'connecting', target: 'service' });
    await this.#drop();
    await this.#ports.sandbox.stop();
    await this.connect();
  }

  dispose(): void {
    this.#attempt += 1;
    void this.#drop();
    this.#store.dispose();
  }

  async #connect(attempt: number, ask: boolean): Promise<void> {
    const stale = (): boolean => attempt !== this.#attempt;
    const target = this.isSandbox ? 'sandbox' : 'service';
    this.#key = undefined;
    this.#set({ kind: 'connecting', target });
    await this.#drop();
    let lease: SandboxLease | undefined;
    let client: SecGeminiClient | undefined;
    try {
      let endpoint: string;
      let apiKey: string;
      if (target === 'sandbox') {
        lease = await this.#ports.sandbox.start();
        ({ endpoint, apiKey } = lease);
      } else {
        const { origin } = parseEndpoint(this.#ports.settings.endpoint());
        const key = (await this.#ports.secrets.get(origin)) ?? this.#ports.environmentKey();
        if (stale()) return;
        if (key === undefined) return this.#set({ kind: 'signedOut' });
        if (!(await this.mayUse(origin, ask))) return stale() ? undefined : this.#set({ kind: 'unconfirmed', origin });
        endpoint = origin;
        apiKey = key;
        this.#key = key;
      }
      if (stale()) return lease?.release();
      client = await this.#ports.createClient({ endpoint, apiKey });
      const account = await client.account();
      if (stale()) {
        lease?.release();
        return await client.close();
      }
      this.#client = client;
      this.#lease = lease;
      if (lease !== undefined) this.#store.add(lease.onDidEnd((reason) => void this.#sandboxEnded(attempt, reason)));
      this.#set({ kind: 'connected', target, origin: client.origin, account });
    } catch (error) {
      lease?.release();
      await client?.close();
      if (stale()) return;
      const known = toSecGeminiError(error);
      this.#log.warn(`Connecting failed: ${known.code}: ${known.message}`);
      if (isSecGeminiError(known, 'unauthenticated'))
        this.#set({ kind: 'keyRefused', origin: client?.origin ?? '', error: known });
      else this.#set({ kind: 'offline', target, error: known });
    }
  }

  /** True when the key may go to this origin: it was agreed to before, or is now, where `ask` allows the question. */
  async mayUse(origin: string, ask: boolean): Promise<boolean> {
    if (origin === DEFAULT_ENDPOINT || this.#ports.memory.isConfirmed(origin)) return true;
    if (!ask) return false;
    if (!(await this.#ports.confirmEndpoint(new URL(origin).host))) return false;
    await this.#ports.memory.confirm(origin);
    return true;
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    const lease = this.#lease;
    this.#client = undefined;
    this.#lease = undefined;
    lease?.release();
    await client?.close();
  }

  async #keysChanged(): Promise<void> {
    if (this.isSandbox) return;
    // A key that was set here is in use already: what runs with it is not cut off for the news of it.
    const { kind } = this.#status;
    const isNew = async (): Promise<boolean> => (await this.#keyOf(this.#ports.settings.endpoint())) !== this.#key;
    if ((kind === 'connected' || kind === 'connecting') && this.#key !== undefined && !(await isNew())) return;
    await this.connect();
  }

  /** Undefined when there is none, or the address is no endpoint. */
  async #keyOf(endpoint: string): Promise<string | undefined> {
    try {
      return (await this.#ports.secrets.get(parseEndpoint(endpoint).origin)) ?? this.#ports.environmentKey();
    } catch {
      return undefined;
    }
  }

  async #settingsChanged(): Promise<void> {
    if (this.isSandbox) return;
    await this.connect({ ask: true });
  }

  async #sandboxEnded(attempt: number, reason: 'stopped' | 'lost'): Promise<void> {
    if (attempt !== this.#attempt) return;
    // Stopped in another window: this one follows to the configured endpoint. Lost: it is started again with its state.
    if (reason === 'stopped') await this.#ports.memory.setSandboxActive(false);
    await this.connect();
  }

  #set(status: ConnectionStatus): void {
    this.#status = status;
    this.#changes.fire(status);
  }
}
