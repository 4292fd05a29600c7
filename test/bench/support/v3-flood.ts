// A hub in a process of its own for client-v3.bench.ts: `flood COUNT BYTES` answers with that many messages as fast as the reader takes
// them; uploads are counted and thrown away. First line on stdout: the port. Ends when stdin does.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { frame } from '../../../src/client/v3/frames.ts';
import { JobStatus, MessageType, ServerMessageSchema, SourceType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { type HubSession, V3Hub } from '../../fakes/v3-hub.ts';

const hub = new V3Hub();
hub.onPrompt = (session, text) => void flood(session, text);

async function flood(session: HubSession, text: string): Promise<void> {
  const [, count = '1', bytes = '1'] = text.split(' ');
  const content = 'x'.repeat(Number(bytes));
  // The official client asks for the stream only after its prompt was taken.
  for (
    let tries = 0;
    tries < 500 && ![...hub.links].some((link) => [...link.watching.values()].includes(session.id));
    tries += 1
  )
    await delay(10);
  for (const link of hub.links)
    for (const [reqId, id] of link.watching) {
      if (id !== session.id) continue;
      const frames: Uint8Array[] = [];
      for (let index = 0; index < Number(count); index += 1) {
        const value = {
          id: `${session.id}-${index}`,
          timestamp: 1,
          sessionId: session.id,
          messageType: MessageType.THOUGHT,
          sourceType: SourceType.AGENT,
          content,
        };
        const payload = { case: 'message', value } as const;
        frames.push(frame(toBinary(ServerMessageSchema, create(ServerMessageSchema, { reqId, payload }))));
      }
      const all = Buffer.concat(frames);
      for (let at = 0; at < all.length; at += 1 << 20)
        if (!link.stream.write(all.subarray(at, at + (1 << 20)))) await once(link.stream, 'drain');
    }
  hub.say(session, MessageType.RESPONSE, 'done');
  hub.status(session, JobStatus.COMPLETED);
}

await hub.listen();
console.log(hub.port);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
