/** What both files of v1's fault rows begin with: a client of a fake service, and the two things that a peer does in nearly every test. */

import assert from 'node:assert/strict';
import type { ClientOptions } from '../../src/client/create-client.ts';
import type { V1Client } from '../../src/client/v1/client.ts';
import { createV1Client } from '../../src/client/v1/create.ts';
import { fastClock } from './v1-drive.ts';
import type { V1Peer } from './v1-peer.ts';
import { FAKE_KEY, type V1Fake, endMark, wire } from './v1-server.ts';

/** A client that waits fast and at random for nothing. */
export function connectTo(fake: V1Fake, options: Partial<ClientOptions> = {}): V1Client {
  return createV1Client({
    endpoint: fake.url,
    apiKey: FAKE_KEY,
    protocol: 'v1',
    clock: fastClock(),
    random: () => 0,
    ...options,
  });
}

/** Takes the query of a peer and, unless told otherwise, remembers it as a service does. */
export async function hearQuery(
  fake: V1Fake,
  session: string,
  peer: V1Peer,
  keep = true,
): Promise<Record<string, unknown>> {
  const query = await peer.next();
  assert.equal(query.message_type, 'query');
  if (keep) fake.keep(session, query);
  return query;
}

/** Everything of a turn on one peer: said and kept. */
export function finishTurn(fake: V1Fake, session: string, peer: V1Peer, text = 'whole'): void {
  const said = [wire('result', text), endMark()];
  fake.keep(session, ...said);
  for (const message of said) peer.text(message);
}
