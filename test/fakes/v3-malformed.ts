/** Frames that no honest service sends, from a seed: broken, compressed, cut, deep, huge in what they claim. */

import { deflateRawSync, gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { frame } from '../../src/client/v3/frames.ts';
import { MessageType, ServerMessageSchema } from '../../src/client/v3/gen/api_hub_pb.js';

/** A small generator of pseudo-random numbers (mulberry32): the same seed gives the same frames everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function noise(random: () => number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = Math.floor(random() * 256);
  return bytes;
}

/** One bad frame. Every one is framed rightly, so that what follows can still be read. */
export function malformedFrame(random: () => number, sessionId: string): Uint8Array {
  const good = toBinary(
    ServerMessageSchema,
    create(ServerMessageSchema, {
      payload: {
        case: 'message',
        value: { id: 'bad', sessionId, content: 'x'.repeat(50), messageType: MessageType.THOUGHT },
      },
    }),
  );
  const flagged = (payload: Uint8Array): Uint8Array => {
    const bytes = frame(payload);
    bytes[0] = 1;
    return bytes;
  };
  const kinds: (() => Uint8Array)[] = [
    () => frame(noise(random, Math.floor(random() * 200))),
    () => flagged(noise(random, Math.floor(random() * 200))),
    () => flagged(deflateRawSync(good)),
    () => flagged(gzipSync(noise(random, 100))),
    () => flagged(gzipSync(good).subarray(0, 10 + Math.floor(random() * 10))),
    () => frame(good.subarray(0, 1 + Math.floor(random() * (good.length - 1)))),
    () => {
      const twisted = Buffer.from(good);
      for (let count = 0; count < 4; count += 1)
        twisted[Math.floor(random() * twisted.length)] = Math.floor(random() * 256);
      return frame(twisted);
    },
    // A length-delimited field that claims more than there is, and groups within groups.
    () => frame(Buffer.from([0x6a, 0xff, 0xff, 0xff, 0xff, 0x07])),
    () => frame(Buffer.alloc(300, 0x0b)),
    () => frame(Buffer.concat([Buffer.from([0x0a, 0x04]), Buffer.from([0xc3, 0x28, 0xff, 0xfe])])),
    () => frame(Buffer.alloc(0)),
  ];
  return kinds[Math.floor(random() * kinds.length)]?.() ?? frame(Buffer.alloc(0));
}
