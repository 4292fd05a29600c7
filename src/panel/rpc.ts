/** One class for both ends of a `postMessage` pipe: requests with error replies, cancel, and ordered notifications. Never throws on input. */

import { type Disposable, DisposableStore } from '../core/disposable.ts';
import { type ErrorCode, SecGeminiError, toSecGeminiError } from '../core/errors.ts';

/** The pipe. `post` takes plain data only. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): Disposable;
}

type Calls = { readonly [name: string]: { params: unknown; result: unknown } };
/** Only string keys: with a closed list of names, the intersection is that list. */
type NamesOf<T> = Extract<keyof T, string>;
type Notes = { readonly [name: string]: unknown };

/** Answers one request. Throwing (best a SecGeminiError) becomes an error reply with its code. */
export type Handler<P, R> = (params: P, signal: AbortSignal) => R | Promise<R>;

export interface RpcOptions<Local extends Calls> {
  /** What this end answers, by name. Anything else is refused. */
  readonly handlers: { readonly [K in keyof Local]: Handler<Local[K]['params'], Local[K]['result']> };
  /** Checks parameters that arrive; undefined refuses them. Without it they are taken as they are (a trusted peer). */
  readonly parse?: <K extends keyof Local>(name: K, params: unknown) => Local[K]['params'] | undefined;
  /** Bounds of any message that arrives; a bigger one is dropped unread. */
  readonly bounds?: Bounds;
  /** Notifications that arrive, in order. `gap` is true when one before it was lost. */
  readonly onNotification?: (name: string, params: unknown, gap: boolean) => void;
  /** Requests that may run at once for the other end. */
  readonly maxRunning?: number;
  /** Told of what a handler of notifications throws. */
  readonly onError?: (error: unknown) => void;
}

export interface Bounds {
  readonly depth: number;
  readonly nodes: number;
  readonly messageChars: number;
}

/** What was ignored, by reason: for the log and for tests. */
export interface RpcCounts {
  readonly malformed: number;
  readonly unknown: number;
  readonly refused: number;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly release: () => void;
}

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'unauthenticated',
  'permissionDenied',
  'notFound',
  'expired',
  'invalidArgument',
  'tooLarge',
  'rateLimited',
  'unavailable',
  'timeout',
  'cancelled',
  'storage',
  'protocol',
]);

/** `Local`: requests answered here. `Remote`: requests asked of the other end. `Out`: notifications sent from here. */
export class Rpc<Local extends Calls, Remote extends Calls, Out extends Notes> implements Disposable {
  readonly #port: Port;
  readonly #options: RpcOptions<Local>;
  readonly #store = new DisposableStore();
  readonly #waiting = new Map<number, Waiting>();
  readonly #running = new Map<number, AbortController>();
  #nextId = 1;
  #nextOut = 1;
  #lastIn = 0;
  #malformed = 0;
  #unknown = 0;
  #refused = 0;

  constructor(port: Port, options: RpcOptions<Local>) {
    this.#port = port;
    this.#options = options;
    this.#store.add(port.onMessage((message) => this.#receive(message)));
  }

  get counts(): RpcCounts {
    return { malformed: this.#malformed, unknown: this.#unknown, refused: this.#refused };
  }

  /** Asks the other end. Rejects with its error's code, with `cancelled` by the signal, and with `unavailable` when this end is disposed. */
  request<K extends NamesOf<Remote>>(
    name: K,
    params: Remote[K]['params'],
    signal?: AbortSignal,
  ): Promise<Remote[K]['result']> {
    if (this.#store.isDisposed) return Promise.reject(gone());
    if (signal?.aborted === true) return Promise.reject(new SecGeminiError('cancelled', 'Cancelled.'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#settle(id)?.reject(new SecGeminiError('cancelled', 'Cancelled.'));
        this.#post({ t: 'cancel', id });
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        resolve,
        reject,
        release: () => signal?.removeEventListener('abort', onAbort),
      });
      if (!this.#post({ t: 'request', id, name, params })) this.#settle(id)?.reject(gone());
    });
  }

  /** Tells the other end. Notifications carry a running number, so that the other end sees when one is lost. */
  notify<K extends NamesOf<Out>>(name: K, params: Out[K]): void {
    if (!this.#store.isDisposed) this.#post({ t: 'note', seq: this.#nextOut++, name, params });
  }

  /** Ends it: what waits is rejected, what runs is aborted, what arrives later is not heard. */
  dispose(): void {
    if (this.#store.isDisposed) return;
    this.#store.dispose();
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(gone());
  }

  #post(message: unknown): boolean {
    try {
      this.#port.post(message);
      return true;
    } catch (error) {
      this.#options.onError?.(error);
      return false;
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.release();
    return waiting;
  }

  #receive(message: unknown): void {
    if (this.#store.isDisposed) return;
    const bounds = this.#options.bounds;
    if (!isRecord(message) || (bounds !== undefined && !fits(message, bounds))) {
      this.#malformed += 1;
      return;
    }
    const id = field(message, 'id');
    const name = field(message, 'name');
    switch (field(message, 't')) {
      case 'request':
        if (isId(id) && typeof name === 'string') void this.#answer(id, name, field(message, 'params'));
        else this.#malformed += 1;
        return;
      case 'reply':
        if (isId(id)) this.#reply(id, message);
        else this.#malformed += 1;
        return;
      case 'cancel':
        if (isId(id)) this.#running.get(id)?.abort();
        else this.#malformed += 1;
        return;
      case 'note':
        this.#note(field(message, 'seq'), name, field(message, 'params'));
        return;
      default:
        this.#malformed += 1;
    }
  }

  #note(seq: unknown, name: unknown, params: unknown): void {
    if (!isId(seq) || typeof name !== 'string') {
      this.#malformed += 1;
      return;
    }
    const gap = seq !== this.#lastIn + 1;
    this.#lastIn = seq;
    try {
      this.#options.onNotification?.(name, params, gap);
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  async #answer(id: number, name: string, params: unknown): Promise<void> {
    const { handlers, parse, maxRunning = 64 } = this.#options;
    if (!Object.hasOwn(handlers, name)) {
      this.#unknown += 1;
      this.#fail(id, new SecGeminiError('invalidArgument', 'There is no such request.'));
      return;
    }
    const checked = parse === undefined ? params : parse(name, params);
    if (checked === undefined) {
      this.#refused += 1;
      this.#fail(id, new SecGeminiError('invalidArgument', 'The request is not as agreed.'));
      return;
    }
    if (this.#running.has(id) || this.#running.size >= maxRunning) {
      this.#refused += 1;
      this.#fail(id, new SecGeminiError('rateLimited', 'Too many requests run already.'));
      return;
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const handler = handlers[name as keyof Local];
      const result = await handler(checked, controller.signal);
      if (this.#running.delete(id)) this.#post({ t: 'reply', id, ok: true, result });
    } catch (error) {
      if (this.#running.delete(id)) this.#fail(id, error);
    }
  }

  #fail(id: number, error: unknown): void {
    const { code, message, action } = toSecGeminiError(error);
    this.#post({ t: 'reply', id, ok: false, error: { code, message, action } });
  }

  #reply(id: number, message: object): void {
    const waiting = this.#settle(id);
    if (waiting === undefined) {
      this.#unknown += 1;
      return;
    }
    if (field(message, 'ok') === true) {
      waiting.resolve(field(message, 'result'));
      return;
    }
    const error = field(message, 'error');
    const code = field(error, 'code');
    const action = field(error, 'action');
    waiting.reject(
      new SecGeminiError(
        typeof code === 'string' && CODES.has(code) ? (code as ErrorCode) : 'protocol',
        asText(field(error, 'message'), 'The other end gave no reason.'),
        typeof action === 'string' ? { action } : {},
      ),
    );
  }
}

function gone(): SecGeminiError {
  return new SecGeminiError('unavailable', 'The panel was closed.', { action: 'Open the session again.' });
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own fields only: a field of the prototype is never part of a message. */
function field(value: unknown, name: string): unknown {
  if (!isRecord(value)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value as unknown;
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function asText(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/** True when the plain data stays within the bounds. Walks without recursion, so that depth cannot exhaust the stack. */
export function fits(value: unknown, bounds: Bounds): boolean {
  let nodes = 0;
  let chars = 0;
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    nodes += 1;
    if (nodes > bounds.nodes) return false;
    if (typeof next.value === 'string') {
      chars += next.value.length;
      if (chars > bounds.messageChars) return false;
    } else if (typeof next.value === 'object' && next.value !== null) {
      if (next.depth > bounds.depth) return false;
      for (const [key, child] of Object.entries(next.value)) {
        chars += key.length;
        open.push({ value: child, depth: next.depth + 1 });
        if (open.length + nodes > bounds.nodes || chars > bounds.messageChars) return false;
      }
    }
  }
  return true;
}
