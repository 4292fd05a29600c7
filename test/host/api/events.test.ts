// Rows of the table about events and approvals. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiEvent, ApiEventType, ApprovalRequest } from '../../../src/api/sec-gemini.d.ts';
import { apiSuite, code, until } from '../support/api-suite.ts';
import { onV1, row } from '../support/rows.ts';

describe('events', () => {
  const suite = apiSuite();
  /** The types of everything that a question brings. */
  const typesOf = async (question: string): Promise<ReadonlySet<ApiEventType>> => {
    const seen = new Set<ApiEventType>();
    for await (const event of suite.api.stream(suite.id, question)) seen.add(event.type);
    return seen;
  };
  /** A request is read right after the turn was handed over. */
  const pending = async (): Promise<ApprovalRequest> => {
    for (;;) {
      const [found] = await suite.api.approvals(suite.id);
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  row('listen', (part) => {
    part('by type', 'and by session, until it is aborted', async () => {
      const { api, id } = suite;
      const abort = new AbortController();
      const events = api.listen({
        sessionId: id,
        types: ['thinking', 'messageComplete'],
        queueSize: 0,
        signal: abort.signal,
      });
      const other = await api.create({ name: 'Other' });
      await api.query(other.id, 'Not heard');
      await api.query(id, 'What is attached?');
      abort.abort();
      const seen: ApiEvent[] = [];
      for await (const event of events) seen.push(event);
      assert.deepEqual([...new Set(seen.map(({ type }) => type))].toSorted(), ['messageComplete', 'thinking']);
      assert.ok(seen.every((event) => 'sessionId' in event && event.sessionId === id));
    });
    part('overflow told once', 'exactly one error, then the whole transcript', async () => {
      const { api, id } = suite;
      await api.messages(id);
      const slow = api.listen({ sessionId: id, queueSize: 2, types: ['messagePosted', 'messagesPosted', 'error'] });
      await api.query(id, '/demo long 60');
      const all = await api.messages(id);
      const got: ApiEvent[] = [];
      for await (const event of slow) {
        got.push(event);
        if (event.type === 'messagesPosted') break;
      }
      assert.deepEqual(
        got.map((event) => (event.type === 'error' ? event.message : event.type)),
        ['messagePosted', 'messagePosted', 'subscriber queue overflow', 'messagesPosted'],
      );
      const last = got.at(-1);
      assert.ok(last?.type === 'messagesPosted');
      assert.deepEqual(
        last.messages.map((message) => message.id),
        all.map((message) => message.id),
      );
      const unbounded = api.listen({ sessionId: id, queueSize: 0 });
      await api.query(id, '/demo long 2000');
      const rest = await until(unbounded, 'streaming', ({ active }) => !active);
      assert.equal(rest.outcome, 'completed', 'unbounded: nothing runs over');
    });
  });

  row('events', (part) => {
    part('messages, streaming, tools, thinking', 'of a turn', async () => {
      await suite.attach('app.py', 'x = 1\n');
      const seen = await typesOf('What is in the file?');
      for (const type of [
        'messagePosted',
        'messageComplete',
        'streaming',
        'toolCall',
        'toolResult',
        'thinking',
      ] as const)
        assert.ok(seen.has(type), type);
      const posted = until(suite.api.listen({ types: ['messagesPosted'] }), 'messagesPosted');
      const other = await suite.api.resume((await suite.api.create({ name: 'Read' })).id);
      await suite.api.messages(other.id);
      assert.equal((await posted).sessionId, other.id);
    });
    part('message pieces', 'of v1; v3 has whole messages only', async () => {
      assert.equal((await typesOf('/demo markdown')).has('messageDelta'), onV1);
    });
    part('search result', 'of v1; v3 has no such message', async () => {
      assert.equal((await typesOf('/demo sources')).has('searchResult'), onV1);
    });
    part('approval request', 'with the tool that it is about', async () => {
      const { api, id } = suite;
      const asked = until(api.listen({ sessionId: id }), 'approvalRequest');
      await api.query(id, '/demo confirm');
      assert.match((await asked).tool, /port_scan/);
      await api.respond(id, (await pending()).requestId, false);
    });
    part('participant status, error', 'of a turn that waits, and of one that fails', async () => {
      const { api, id } = suite;
      const waits = until(api.listen({ sessionId: id }), 'participantStatus', ({ status }) =>
        status.startsWith('waiting'),
      );
      await api.query(id, '/demo confirm');
      assert.equal((await waits).participant, 'agent');
      await api.respond(id, (await pending()).requestId, false);
      const failed = until(api.listen({ sessionId: id }), 'error');
      await api.query(id, '/demo failure');
      assert.match((await failed).message, /Demo failure/);
    });
    part('session created, connected, pong', 'connected is seen at the start of this run', async () => {
      const { api } = suite;
      const created = until(api.listen({ types: ['sessionCreated'] }), 'sessionCreated');
      const { id } = await api.create({ name: 'Watched' });
      assert.equal((await created).session.id, id);
      const pong = until(api.listen({ types: ['pong'] }), 'pong');
      const milliseconds = await api.ping();
      assert.equal((await pong).milliseconds, milliseconds);
    });
  });

  row('approvals', (part) => {
    part('of the service', 'pending, of that session, with its arguments; only the user allows', async () => {
      const { api, id, answers } = suite;
      assert.equal((await api.query(id, '/demo confirm')).statusCode, 202);
      const request = await pending();
      assert.equal(request.place, 'service');
      await assert.rejects(api.respond(id, 'another', true), code('invalidArgument'));
      await assert.rejects(
        api.respond(id, request.requestId, true, { arguments: { changed: 1 } }),
        code('invalidArgument'),
      );
      answers.expect(/^Allow /, undefined);
      assert.equal(await api.respond(id, request.requestId, true), 'pending', 'only the user allows');
      answers.expect(/^Allow /, 'Allow once');
      const ended = until(api.listen({ sessionId: id }), 'streaming', ({ active }) => !active);
      assert.equal(await api.respond(id, request.requestId, true, { arguments: request.arguments }), 'answered');
      await ended;
      await assert.rejects(api.respond(id, request.requestId, true), code('invalidArgument'), 'answered once');
      assert.equal((await api.query(id, '/demo confirm')).statusCode, 202);
      const said = until(api.listen({ sessionId: id }), 'messagePosted', ({ message }) =>
        message.text.includes('not on this host'),
      );
      const { requestId } = await pending();
      assert.equal(await api.respond(id, requestId, false, { reason: 'not on this host' }), 'answered');
      assert.equal((await said).message.kind, 'prompt');
      await until(api.listen({ sessionId: id }), 'streaming', ({ active }) => !active);
    });
    part(
      "of this editor's tools",
      'the output leaves when the user allows it, the reason of a denial instead',
      async () => {
        const { api, id, answers } = suite;
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
        assert.ok(folder);
        await vscode.workspace.fs.writeFile(
          vscode.Uri.joinPath(folder, 'seen.txt'),
          new TextEncoder().encode('CANARY-91\n'),
        );
        answers.expect(/^Use local tools in "Case 7"\?/, 'Use Local Tools');
        await vscode.commands.executeCommand('secGemini.useLocalTools', id);
        const ask = async (): Promise<{ request: ApprovalRequest; turn: ReturnType<typeof api.query> }> => {
          const asked = until(api.listen({ sessionId: id }), 'approvalRequest');
          const turn = api.query(id, '/demo tool read_file {"path":"seen.txt"}');
          const { requestId } = await asked;
          const request = (await api.approvals(id)).find((each) => each.requestId === requestId);
          assert.ok(request);
          return { request, turn };
        };
        const first = await ask();
        assert.deepEqual([first.request.tool, first.request.place], ['read_file', 'editor']);
        assert.ok(!JSON.stringify(first.request).includes('CANARY-91'), 'the output is not for the caller');
        const { requestId } = first.request;
        await assert.rejects(api.respond(id, requestId, true, { arguments: {} }), code('invalidArgument'));
        answers.expect(/^Allow read_file\?/, undefined);
        assert.equal(await api.respond(id, requestId, true), 'pending', 'only the user allows');
        answers.expect(/^Allow read_file\?/, 'Allow once');
        assert.equal(await api.respond(id, requestId, true, { arguments: first.request.arguments }), 'answered');
        assert.match((await first.turn).text, /CANARY-91/);
        const second = await ask();
        assert.equal(await api.respond(id, second.request.requestId, false, { reason: 'not this file' }), 'answered');
        const { text } = await second.turn;
        assert.match(text, /not this file/);
        assert.doesNotMatch(text, /CANARY-91/);
        await vscode.commands.executeCommand('secGemini.stopLocalTools', id);
      },
    );
  });
});
