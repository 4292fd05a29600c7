/** A client in a process of its own, to be killed: `v3-reader ENDPOINT KEY SESSION PROMPT` prints the id of each message that it shows. */

import { randomUUID } from 'node:crypto';
import { createV3Client } from '../../src/client/create-client.ts';

const [endpoint = '', apiKey = '', sessionId = '', text = ''] = process.argv.slice(2);
const client = await createV3Client({ endpoint, apiKey, protocol: 'v3' });
for await (const event of client.stream(sessionId, { id: randomUUID(), text }))
  if (event.type === 'message') process.stdout.write(`${event.message.id}\n`);
await client.close();
