/** Answers that say less, or say it elsewhere, than one expects: each gets clear words, none a silence. */

import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http2';
import { createV3Client } from '../../../src/client/create-client.ts';
import type { V3Client } from '../../../src/client/v3/client.ts';
import { MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { isSecGeminiError } from '../../../src/core/errors.ts';
import { answers, deliveries, drive, fastClock, outcome } from '../../fakes/v1-drive.ts';
import { HUB_KEY, V3Hub } from '../../fakes/v3-hub.ts';

describe('client v3: answers', function () {
  this.timeout(20_000);
  let hub: V3Hub;
  let client: V3Client;

  beforeEach(async () => {
    hub = new V3Hub();
    await hub.listen();
    client = await createV3Client({ endpoint: hub.url, apiKey: HUB_KEY, protocol: 'v3', clock: fastClock(100) });
  });

  afterEach(async () => {
    await client.close();
    await hub.stop();
  });

  const grpc: OutgoingHttpHeaders = { ':status': 200, 'content-type': 'application/grpc' };
  const heads: readonly (readonly [string, OutgoingHttpHeaders, ErrorCode])[] = [
    ['UNIMPLEMENTED', { ...grpc, 'grpc-status': '12' }, 'protocol'],
    ['UNAUTHENTICATED', { ...grpc, 'grpc-status': '16', 'grpc-message': 'key%20expired' }, 'unauthenticated'],
    ['RESOURCE_EXHAUSTED', { ...grpc, 'grpc-status': '8' }, 'rateLimited'],
    ['grpc-web', { ':status': 200, 'content-type': 'application/grpc-web+proto' }, 'protocol'],
  ];
  for (const [what, headers, code] of heads)
    it(`a failure in the head counts at once, though the stream stays open: ${what}`, async () => {
      hub.responseHeaders = headers;
      hub.intercept = () => true;
      await assert.rejects(client.listSessions(), (error) => isSecGeminiError(error, code));
    });

  it('a prompt that was taken and then forgotten is no turn for ever', async () => {
    const session = hub.session();
    hub.intercept = (link, { reqId, payload }) => {
      if (payload.case !== 'promptRequest') return false;
      link.send(reqId, { case: 'promptResponse', value: { success: true } });
      return true;
    };
    const events = await drive(client, session.id, 'hello').done;
    assert.deepEqual(deliveries(events), ['sent', 'delivered']);
    const last = events.at(-1);
    assert.ok(last?.type === 'turnEnd' && last.outcome === 'interrupted');
    assert.match(last.error?.message ?? '', /does not work on it/);
    assert.equal(hub.prompts().length, 1);
  });

  for (const status of [55, 0])
    it(`an answer under a state that says nothing (${status}) is an answer all the same`, async () => {
      const session = hub.session();
      hub.onPrompt = (at) => {
        hub.say(at, MessageType.RESPONSE, 'whole');
        hub.status(at, status);
      };
      const turn = drive(client, session.id, 'hello');
      assert.equal(outcome(await turn.done), 'completed');
      assert.deepEqual(answers(turn), ['whole']);
    });

  it('a link that is empty, a file that stays: said as it is', async () => {
    const { id } = hub.session();
    hub.intercept = (link, { reqId, payload }) => {
      if (payload.case === 'publishSessionPubliclyRequest')
        link.send(reqId, { case: 'publishSessionPubliclyResponse', value: { success: true } });
      else if (payload.case === 'deleteFileRequest') {
        const errorMessage = payload.value.filename === 'held' ? 'The file is in use' : 'File not found';
        link.send(reqId, { case: 'deleteFileResponse', value: { success: false, errorMessage } });
      } else return false;
      return true;
    };
    await assert.rejects(client.publishing.publish(id), (error) => isSecGeminiError(error, 'protocol'));
    await assert.rejects(client.detach(id, 'gone'), (error) => isSecGeminiError(error, 'notFound'));
    await assert.rejects(client.detach(id, 'held'), (error) => {
      assert.ok(isSecGeminiError(error, 'invalidArgument'));
      assert.match(error.message, /The file is in use/);
      return true;
    });
  });
});
