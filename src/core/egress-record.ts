/** What is written down about each thing that leaves: before its first byte goes, and again when it is over. */

import type { Upload } from './client.ts';
import { SecGeminiError } from './errors.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { Log } from './log.ts';
import { visibleText } from './visible-text.ts';

/** A hash that takes its bytes in pieces, e.g. Node's `createHash`. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Lower-case hex; once only. */
  digest(): string;
}

export type NewHash = (algorithm: 'sha256' | 'sha1' | 'md5') => RunningHash;

export type LedgerOutcome = Exclude<LedgerEntry['outcome'], 'started'>;

/** How it ended, for the ledger. May be called more than once: the last word counts. Nothing is written for what never began. Never rejects. */
export interface Settle {
  settle(outcome: LedgerOutcome): Promise<void>;
}

export interface RecordPorts {
  readonly ledger?: Ledger | undefined;
  readonly newHash: NewHash;
  readonly log?: Log | undefined;
}

/** One entry of the ledger on its way from `started` to its end. */
export class LedgerRecord implements Settle {
  readonly #ports: RecordPorts;
  #entry: LedgerEntry;
  #started = false;

  constructor(ports: RecordPorts, entry: LedgerEntry) {
    this.#ports = ports;
    this.#entry = entry;
  }

  /** Writes `started`. Rejects with `storage` when it cannot be written: then nothing may leave. */
  async start(): Promise<void> {
    if (this.#started) return;
    await this.#ports.ledger?.append(this.#entry);
    this.#started = true;
  }

  /** Of what went, lower-case hex, once all of it has. */
  get sentSha256(): string | undefined {
    return this.#entry.outcome === 'sent' ? this.#entry.sha256 : undefined;
  }

  async settle(outcome: LedgerOutcome, content?: Pick<LedgerEntry, 'bytes' | 'sha256'>): Promise<void> {
    if (!this.#started) return;
    this.#entry = { ...this.#entry, ...content, outcome };
    try {
      await this.#ports.ledger?.append(this.#entry);
    } catch (error) {
      // The bytes are gone; the entry stays "started, end not known", which is true.
      this.#ports.log?.error('The end of a transfer could not be written to the ledger', error);
    }
  }
}

/**
 * The bytes of a source, unchanged, on their way to the network: the ledger's entry is there before the first, and completed with the size
 * and the hash of what really went. Bytes that were looked at before (`sha256` known) go only if they are still the same.
 */
export function recorded(
  open: Upload['open'],
  {
    name,
    sha256,
    newHash,
    record,
  }: { name: string; sha256?: string | undefined; newHash: NewHash; record: LedgerRecord },
): Upload['open'] {
  return async function* outgoing() {
    const source = sha256 === undefined ? open() : verified(open, { name, sha256, newHash });
    const hash = newHash('sha256');
    let bytes = 0;
    let began = false;
    let finished = false;
    try {
      for await (const piece of source) {
        if (!began) await record.start();
        began = true;
        hash.update(piece);
        bytes += piece.byteLength;
        yield piece;
      }
      // An empty file leaves, too.
      if (!began) await record.start();
      began = true;
      finished = true;
    } finally {
      if (began) await record.settle(finished ? 'sent' : 'failed', { bytes, sha256: hash.digest() });
    }
  };
}

/** The source in one piece, after its hash has been compared: only for what is small enough to be looked at as a whole. */
async function* verified(
  open: Upload['open'],
  { name, sha256, newHash }: { name: string; sha256: string; newHash: NewHash },
): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const hash = newHash('sha256');
  for await (const piece of open()) {
    hash.update(piece);
    pieces.push(piece);
  }
  if (hash.digest() !== sha256)
    throw new SecGeminiError(
      'invalidArgument',
      `${visibleText(name)} changed after you confirmed it; it was not sent.`,
      {
        action: 'Attach it again.',
      },
    );
  yield* pieces;
}

/** As UTF-8, the way a prompt travels. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All bytes of a source, at most `limit`; `whole` tells whether that was all. */
export async function readBytes(
  open: Upload['open'],
  limit: number,
): Promise<{ readonly bytes: Uint8Array; readonly whole: boolean }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  for await (const piece of open()) {
    const rest = limit - length;
    if (piece.byteLength > rest) {
      pieces.push(piece.subarray(0, rest));
      length = limit;
      whole = false;
      break;
    }
    pieces.push(piece);
    length += piece.byteLength;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return { bytes, whole };
}
