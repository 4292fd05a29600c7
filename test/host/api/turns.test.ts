// Rows of the table about questions and answers. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiEvent, ApiMessageNode } from '../../../src/api/sec-gemini.d.ts';
import { NEEDLE, apiSuite, code, until } from '../support/api-suite.ts';
import { onV1, row } from '../support/rows.ts';

describe('turns', () => {
  const suite = apiSuite();

  row('query', (part) => {
    part('query', 'messages, status code and message, usage, text', async () => {
      const { api, id } = suite;
      await suite.attach('app.py', NEEDLE);
      const result = await api.query(id, 'What is in the file?');
      assert.deepEqual([result.statusCode, result.statusMessage], [200, 'OK']);
      assert.match(result.text, /app\.py/);
      const kinds = result.messages.map(({ kind }) => kind);
      for (const kind of ['thinking', 'toolCall', 'toolResult', 'response']) assert.ok(kinds.includes(kind), kind);
      assert.ok((result.usage?.totalTokens ?? 0) > 0, 'usage');
      const failed = await api.query(id, '/demo failure');
      assert.equal(failed.statusCode, 500);
      assert.match(failed.statusMessage, /Demo failure/);
    });
    part('answer as a read-only document', '"Ask Sec-Gemini…"', async () => {
      const { api, answers, id } = suite;
      await api.update(id, { name: 'Case for a document' });
      answers.expect(/^Ask Sec-Gemini…$/, 'Which files do you have?');
      answers.expect(/^Ask in which session\?$/, 'Case for a document');
      await vscode.commands.executeCommand('secGemini.query');
      const document = vscode.window.activeTextEditor?.document;
      assert.match(document?.getText() ?? '', /Which files do you have\?[^]*Status: 200 OK/);
      assert.equal(document?.uri.scheme, 'sec-gemini-text');
      assert.equal(vscode.workspace.fs.isWritableFileSystem('sec-gemini-text'), undefined, 'nothing could save it');
    });
  });

  row('history', (part) => {
    part('history', 'by ranges and with a limit', async () => {
      const { api, id } = suite;
      await api.query(id, '/demo markdown');
      const all = await api.messages(id);
      assert.deepEqual(await api.messages(id, { from: 1, limit: 2 }), all.slice(1, 3));
      assert.deepEqual(await api.messages(id, { limit: 1 }), all.slice(-1));
      assert.deepEqual((await api.get(id)).messages, []);
      const details = await api.get(id, { includeMessages: true, messageLimit: 2 });
      assert.deepEqual(details.messages, all.slice(-2));
    });
    part('typed messages', 'id, session id, sender, content type, text, status and the wire itself', async () => {
      const { api, id } = suite;
      await api.query(id, '/demo markdown');
      const all = await api.messages(id);
      const prompt = all.find(({ kind }) => kind === 'prompt');
      assert.deepEqual(
        [prompt?.text, prompt?.sender, prompt?.sessionId, prompt?.status],
        ['/demo markdown', 'user', id, 'complete'],
      );
      assert.ok(all.every((message) => message.contentType !== '' && message.id !== ''));
    });
    part(
      'message tree',
      'every message once, by parent, with type, agent, time and tokens; copied as text',
      async () => {
        const { api, id } = suite;
        await api.query(id, '/demo confirm-nothing');
        const { roots, text } = await api.messageTree(id);
        const ids: string[] = [];
        const walk = (nodes: readonly ApiMessageNode[]): void => {
          for (const { message, children } of nodes) {
            ids.push(message.id);
            walk(children);
          }
        };
        walk(roots);
        const all = await api.messages(id);
        assert.deepEqual(ids.toSorted(), all.map((message) => message.id).toSorted());
        assert.match(text, /- prompt · .* · \d{4}-\d\d-\d\dT.* · "\/demo confirm-nothing"/);
        await vscode.commands.executeCommand('secGemini.showMessageTree', id);
        await vscode.env.clipboard.writeText('');
        await vscode.commands.executeCommand('secGemini.copyMessageTree');
        assert.equal(await vscode.env.clipboard.readText(), text);
        const response = all.find(({ kind }) => kind === 'response');
        await vscode.commands.executeCommand('secGemini.copyMessage', { node: { message: { id: response?.id } } });
        assert.match(await vscode.env.clipboard.readText(), /^response · /);
        await vscode.commands.executeCommand('secGemini.closeMessageTree');
        await vscode.commands.executeCommand('secGemini.copyMessageTree');
        await suite.answers.told(/No message tree is shown/);
      },
    );
    part('session details', 'all that is known, as text', async () => {
      const { api, id } = suite;
      await suite.attach('app.py', NEEDLE);
      await api.query(id, 'What is in the file?');
      const text = await api.details(id);
      assert.match(text, /^Case 7\n/);
      assert.match(text, /app\.py · .*SHA-256 [0-9a-f]{64}/);
      assert.match(text, /response: 1/);
    });
  });

  row('send', (part) => {
    part('send and stream', 'what happens until the end of the turn; a second prompt queues', async () => {
      const { api, id } = suite;
      const events: ApiEvent[] = [];
      for await (const event of api.stream(id, 'What is attached?')) events.push(event);
      const types = new Set(events.map(({ type }) => type));
      for (const type of ['messagePosted', 'streaming', 'messageComplete', 'thinking'] as const)
        assert.ok(types.has(type), type);
      const last = events.at(-1);
      assert.ok(last?.type === 'streaming' && !last.active && last.outcome === 'completed');
      const first = await api.send(id, '/demo slow 1');
      const second = await api.send(id, 'and then?');
      assert.notEqual(first, second);
      const end = await until(api.listen({ sessionId: id }), 'streaming', ({ active }) => !active);
      assert.equal(end.outcome, 'completed');
      assert.equal((await api.query(id, 'third')).statusCode, 200, 'behind what was queued');
      assert.equal((await api.messages(id)).filter(({ kind }) => kind === 'prompt').length, 4);
    });
  });

  row('cancel', (part) => {
    part('cancel', 'v3 ends the work on the service, v1 stops listening and says so', async () => {
      const { api, id } = suite;
      const turn = api.query(id, '/demo slow 30');
      await until(api.listen({ sessionId: id }), 'thinking');
      await api.cancel(id);
      assert.equal((await turn).statusCode, 499);
      if (!onV1) assert.notEqual((await api.resume(id)).status, 'running');
    });
    part('errors with words and action', '400, 404, 429, 500', async () => {
      const { api, id } = suite;
      const action = (error: { code?: string; action?: string }) => (error.action ?? '') !== '';
      await assert.rejects(
        api.send(id, ' '),
        (error: { code?: string }) => error.code === 'invalidArgument' && action(error),
      );
      await assert.rejects(
        api.resume('00000000-0000-4000-8000-000000000000'),
        (error: { code?: string }) => error.code === 'notFound' && action(error),
      );
      // v3's failure is a message without a code.
      assert.equal((await api.query(id, '/demo limit')).statusCode, onV1 ? 429 : 500);
      const failed = await api.query(id, '/demo failure');
      assert.deepEqual([failed.statusCode, failed.statusMessage !== ''], [500, true]);
      assert.equal((await api.query(id, 'And now?')).statusCode, 200, 'the session goes on');
    });
  });

  row('connect', (part) => {
    part('connect, disconnect, is connected', 'the session goes on afterwards', async () => {
      const { api, id } = suite;
      assert.equal(api.isConnected(), true);
      await api.query(id, 'Before');
      await api.disconnect();
      assert.equal(api.isConnected(), false);
      await assert.rejects(api.send(id, 'Too early'), code('unavailable'));
      const stands = until(api.listen({ types: ['connected'] }), 'connected');
      assert.equal(await api.connect(), true);
      await stands;
      assert.equal(api.isConnected(), true);
      await api.resume(id);
      assert.equal((await api.query(id, 'And now?')).statusCode, 200);
    });
    part('offline reading', 'the transcript is kept here', async () => {
      const { api, id } = suite;
      await api.query(id, 'Before');
      const before = await api.messages(id);
      await api.disconnect();
      try {
        assert.deepEqual(
          (await api.messages(id)).map(({ text }) => text),
          before.map(({ text }) => text),
        );
        assert.match(await api.export(id, { format: 'markdown' }), /Before/);
      } finally {
        await api.connect();
      }
    });
  });
});
