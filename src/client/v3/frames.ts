/** gRPC's framing: five bytes of head (flag, length), then a message. Reads at any cut; a message over the limit is skipped, not kept. */

const HEAD = 5;

export interface FrameEvents {
  /** One whole message; the bytes are only valid during the call when `compressed` is false. */
  message(payload: Uint8Array, compressed: boolean): void;
  /** A message over the limit begins; its bytes are thrown away as they come. */
  oversize(length: number): void;
}

export class FrameReader {
  readonly #limit: number;
  readonly #events: FrameEvents;
  #parts: Uint8Array[] = [];
  #held = 0;
  #skip = 0;

  /** `limit` in bytes of one message. */
  constructor(limit: number, events: FrameEvents) {
    this.#limit = limit;
    this.#events = events;
  }

  /** True while the bytes of an oversized message are thrown away. */
  get skipping(): boolean {
    return this.#skip > 0;
  }

  /** True in the middle of a message. */
  get partial(): boolean {
    return this.#held > 0 || this.#skip > 0;
  }

  /** Takes the next bytes. False when they cannot be gRPC: nothing that follows could be trusted. */
  push(chunk: Uint8Array): boolean {
    let bytes = chunk;
    if (this.#skip > 0) {
      const cut = Math.min(this.#skip, bytes.length);
      this.#skip -= cut;
      bytes = bytes.subarray(cut);
    }
    // Only what completes the message that was cut is joined; the rest of the chunk is read where it is.
    while (this.#held > 0 && bytes.length > 0) {
      const taken = bytes.subarray(0, Math.max(0, this.#wanted() - this.#held));
      bytes = bytes.subarray(taken.length);
      this.#parts.push(taken);
      this.#held += taken.length;
      if (this.#held < this.#wanted()) continue;
      const whole = join(this.#parts, this.#held);
      this.#parts = [];
      this.#held = 0;
      if (!this.#read(whole)) return false;
      const cut = Math.min(this.#skip, bytes.length);
      this.#skip -= cut;
      bytes = bytes.subarray(cut);
    }
    return bytes.length === 0 || this.#read(bytes);
  }

  #read(bytes: Uint8Array): boolean {
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const flag = bytes[at] ?? 0;
      if (flag > 1) return false;
      const length = lengthAt(bytes, at);
      const end = at + HEAD + length;
      if (length > this.#limit) {
        this.#events.oversize(length);
        if (end > bytes.length) {
          this.#skip = end - bytes.length;
          return true;
        }
      } else if (end > bytes.length) break;
      else this.#events.message(bytes.subarray(at + HEAD, end), flag === 1);
      at = end;
    }
    if (at < bytes.length) {
      // A copy: a small rest must not hold a large chunk of the network alive.
      this.#parts = [at === 0 ? bytes : bytes.slice(at)];
      this.#held = bytes.length - at;
    }
    return true;
  }

  /** Bytes needed before reading on makes sense. */
  #wanted(): number {
    if (this.#held < HEAD) return HEAD;
    let first = this.#parts[0] ?? new Uint8Array();
    if (first.length < HEAD) {
      first = join(this.#parts, this.#held);
      this.#parts = [first];
    }
    const length = lengthAt(first, 0);
    // An oversized one is to be noticed at its head.
    return length > this.#limit ? HEAD : HEAD + length;
  }
}

/** One message with its head. */
export function frame(payload: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(HEAD + payload.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(payload.length, 1);
  bytes.set(payload, HEAD);
  return bytes;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at + 1] ?? 0) * 0x1000000 +
    (((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0))
  );
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length);
}
