/** What a service may answer to a question for a list, and what may not be taken from it. */

import assert from 'node:assert/strict';
import { createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { JobStatus, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { drive, fastClock, outcome } from '../../fakes/v1-drive.ts';
import { HUB_KEY, V3Hub } from '../../fakes/v3-hub.ts';

describe('client v3: lists', function () {
  this.timeout(20_000);
  let hub: V3Hub;
  let client: V3Client;

  beforeEach(async () => {
    hub = new V3Hub();
    await hub.listen();
    client = await createV3Client({ endpoint: hub.url, apiKey: HUB_KEY, protocol: 'v3', clock: fastClock(20) });
  });

  afterEach(async () => {
    await client.close();
    await hub.stop();
  });

  const asks = (kind: 'listSessionsRequest' | 'listFilesRequest'): number => hub.asked(kind).length;

  it('takes an empty "no" for no list: no session is gone by it, and no turn ends over it', async () => {
    const session = hub.session();
    let refuses = true;
    let onRefused = (): void => undefined;
    hub.intercept = (link, { reqId, payload }) => {
      if (payload.case !== 'listSessionsRequest' || !refuses) return false;
      link.send(reqId, { case: 'listSessionsResponse', value: { success: false } });
      onRefused();
      return true;
    };
    const is = (error: unknown): boolean => isSecGeminiError(error, 'unavailable');
    await assert.rejects(client.listSessions(), is);
    await assert.rejects(client.getSession(session.id), is);
    // The status is late, so the turn asks the list for it.
    hub.onPrompt = (at) => {
      hub.say(at, MessageType.RESPONSE, 'the answer');
      onRefused = () => {
        refuses = false;
        hub.status(at, JobStatus.COMPLETED);
      };
    };
    const events = await drive(client, session.id, 'hello').done;
    assert.equal(outcome(events), 'completed');
  });

  it('finds what it looks for whatever success says beside it', async () => {
    const session = hub.session();
    hub.intercept = (link, { reqId, payload }) => {
      if (payload.case !== 'listSessionsRequest') return false;
      link.send(reqId, { case: 'listSessionsResponse', value: { sessions: [{ sessionId: session.id, name: 'it' }] } });
      return true;
    };
    assert.equal((await client.listSessions()).sessions[0]?.name, 'it');
  });

  it('asks for no page twice: a service that leads round in a circle is not followed', async () => {
    const session = hub.session();
    hub.intercept = (link, { reqId, payload }) => {
      if (payload.case === 'listFilesRequest') {
        const at = payload.value.pageToken === 'b' ? 'a' : 'b';
        const files = [{ filename: `before ${at}`, sessionId: session.id }];
        link.send(reqId, { case: 'listFilesResponse', value: { success: true, files, nextPageToken: at } });
        return true;
      }
      if (payload.case !== 'listSessionsRequest') return false;
      const sessions = [{ sessionId: payload.value.pageToken === 'next' ? 'other' : session.id }];
      link.send(reqId, { case: 'listSessionsResponse', value: { success: true, sessions, nextPageToken: 'next' } });
      return true;
    };
    const { attachments } = await client.getSession(session.id);
    assert.deepEqual(
      attachments?.map(({ name }) => name),
      ['before b', 'before a', 'before b'],
    );
    assert.equal(asks('listFilesRequest'), 3);
    const before = asks('listSessionsRequest');
    // Not on any page that was seen, which is not to say that it is gone.
    await assert.rejects(client.getSession('elsewhere'), (error) => isSecGeminiError(error, 'unavailable'));
    assert.equal(asks('listSessionsRequest') - before, 2);
  });
});
