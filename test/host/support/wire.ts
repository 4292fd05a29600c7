// What left for one port, as the other side reads it: taken where our own code writes it, with the masks of WebSocket frames off.
import { Duplex } from 'node:stream';

export interface Wire {
  /** Everything so far, a buffer for each stream. */
  sent(): readonly Buffer[];
  stop(): void;
}

type Write = (this: Duplex, ...args: unknown[]) => unknown;

/** Sockets and HTTP/2 streams have these methods from here; what is written before the connection stands has no port yet. */
export function tapWire(port: number): Wire {
  const streams = new Map<Duplex, Buffer[]>();
  const ports = new Map<Duplex, number>();
  const holder = Duplex.prototype as unknown as Record<'write' | 'end', Write>;
  const originals = { write: holder.write, end: holder.end };
  for (const name of ['write', 'end'] as const)
    holder[name] = function (this: Duplex, ...args: unknown[]): unknown {
      const [chunk, encoding] = args;
      const { known, connecting } = peerOf(this);
      if (known !== undefined) ports.set(this, known);
      const isOther = known === undefined ? !connecting : known !== port;
      if (!isOther && (typeof chunk === 'string' || chunk instanceof Uint8Array)) {
        const bytes =
          typeof chunk === 'string'
            ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
            : Buffer.from(chunk);
        streams.set(this, [...(streams.get(this) ?? []), bytes]);
      }
      return Reflect.apply(originals[name], this, args);
    };
  return {
    sent: () =>
      [...streams]
        .filter(([stream]) => ports.get(stream) === port)
        .map(([, pieces]) => unmasked(Buffer.concat(pieces))),
    stop: () => Object.assign(holder, originals),
  };
}

interface Peer {
  readonly remotePort?: number;
  readonly connecting?: boolean;
}

function peerOf(stream: Duplex): { readonly known: number | undefined; readonly connecting: boolean } {
  const { session } = stream as Duplex & { readonly session?: { readonly socket?: Peer } };
  const { remotePort, connecting } = session?.socket ?? (stream as Peer);
  return { known: remotePort, connecting: connecting === true };
}

/** A client's frames are masked, each with a mask of its own (RFC 6455, 5.2). */
function unmasked(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0 || !/\r\nupgrade: websocket/i.test(bytes.toString('latin1', 0, end))) return bytes;
  const plain = [bytes.subarray(0, end)];
  let at = end + 4;
  while (at + 6 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const extra = short === 127 ? 8 : short === 126 ? 2 : 0;
    const length =
      extra === 8 ? Number(bytes.readBigUInt64BE(at + 2)) : extra === 2 ? bytes.readUInt16BE(at + 2) : short;
    const mask = bytes.subarray(at + 2 + extra, at + 6 + extra);
    const from = at + 6 + extra;
    plain.push(Buffer.from(bytes.subarray(from, from + length).map((byte, n) => byte ^ (mask[n % 4] ?? 0))));
    at = from + length;
  }
  return Buffer.concat(plain);
}
