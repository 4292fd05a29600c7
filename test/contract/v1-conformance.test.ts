/** Every scenario of the harness's independent v1 server, driven through src/client/v1; its own record says what really arrived. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createV1Client } from '../../src/client/v1/create.ts';
import type { V1Client } from '../../src/client/v1/client.ts';
import { SecGemini, type Session } from '../../src/client/v1/session.ts';
import { isSecGeminiError } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import { type Driven, answers, deliveries, drive, fastClock, outcome } from '../fakes/v1-drive.ts';
import { type ConformanceServer, conformancePython, startConformance } from './conformance-server.ts';

const python = conformancePython('v1');

interface Sent {
  readonly message_type: string;
  readonly id: string;
  readonly content: string;
  readonly parent_id: string;
}

if (python !== undefined) {
  describe('v1 against the conformance server', function () {
    // Busy machines: a guard, not an expectation.
    this.timeout(20_000);

    let server: ConformanceServer;
    let client: V1Client;
    let session: Session;

    const make = (): V1Client =>
      createV1Client({
        endpoint: server.url,
        apiKey: server.key,
        protocol: 'v1',
        logsService: server.url,
        random: () => 0.2,
      });

    before(async function () {
      this.timeout(30_000);
      server = await startConformance(python, 'v1');
      client = make();
    });

    after(async () => {
      await client.close();
      await server.stop();
    });

    beforeEach(async () => {
      session = await new SecGemini(client).createSession('conformance ✓', 'made by the contract suite');
    });

    /** What this client said on the session's sockets, as the server read it. */
    const said = (): Sent[] =>
      server
        .records()
        .filter((record) => record.kind === 'ws-in' && record.session_id === session.id)
        .map((record) => {
          assert.equal(record.invalid, undefined, 'the server could read every frame');
          return record.message as Sent;
        });

    const ask = async (prompt: string, using: V1Client = client): Promise<{ turn: Driven; events: SessionEvent[] }> => {
      const turn = drive(using, session.id, prompt);
      const events = await turn.done;
      const queries = said().filter((message) => message.message_type === 'query' && message.content === prompt);
      assert.equal(queries.length, 1, 'the prompt went out exactly once');
      assert.equal(queries[0]?.id, turn.promptId);
      return { turn, events };
    };

    /** The house's transcript of the turn equals the service's own, message by message. */
    const nothingLost = async (turn: Driven): Promise<void> => {
      const kept = (await session.history())
        .filter((message) => message.kind !== 'prompt')
        .map((message) => message.id);
      const shown = turn
        .state()
        .messages.map((message) => message.id)
        .filter((id) => !id.startsWith('local:'));
      assert.deepEqual(shown, kept);
    };

    for (const prompt of [
      'hello there',
      '#partial 7',
      '#partial-sameid',
      '#soft-error',
      '#huge 300000',
      '#many 500',
      '#slow 3 0.05',
      '#badjson',
      '#notmessage',
    ]) {
      it(`${prompt}: the answer, whole and once`, async () => {
        const { turn, events } = await ask(prompt);
        assert.equal(outcome(events), 'completed');
        assert.equal(answers(turn).length, 1);
        if (!prompt.startsWith('#huge')) assert.equal(answers(turn)[0], `Answer to: ${prompt}`);
        else assert.equal(answers(turn)[0]?.length, 300_000);
        await nothingLost(turn);
      });
    }

    for (const prompt of ['#drop', '#close 1011', '#close 1000', '#close 1012', '#badutf8']) {
      it(`${prompt}: cut in mid-turn, listened on, nothing lost, nothing sent twice`, async () => {
        const { turn, events } = await ask(prompt);
        assert.equal(outcome(events), 'completed');
        assert.deepEqual(answers(turn), [`Answer to: ${prompt}`]);
        await nothingLost(turn);
        const opened = server
          .records()
          .filter(
            (record) => record.kind === 'ws-open' && (record.query as { session_id: string }).session_id === session.id,
          );
        assert.equal(opened.length, 2);
      });
    }

    for (const [prompt, code] of [
      ['#error', 'unavailable'],
      ['#quota', 'rateLimited'],
      ['#expired', 'expired'],
      ['#notfound', 'notFound'],
    ] as const) {
      it(`${prompt}: the turn fails with ${code}, its end mark included`, async () => {
        const { turn, events } = await ask(prompt);
        const last = events.at(-1);
        assert.ok(last?.type === 'turnEnd' && last.outcome === 'failed');
        assert.equal(last.error?.code, code);
        await nothingLost(turn);
      });
    }

    it('#kinds: updates and deletes applied, mime types kept', async () => {
      const { turn } = await ask('#kinds');
      const { messages } = turn.state();
      assert.deepEqual(answers(turn), ['Answer to: #kinds']);
      assert.ok(!messages.some((message) => message.content === 'to be deleted'));
      const drawn = new Map(messages.map((message) => [message.title, message.render]));
      assert.equal(drawn.get('text/markdown'), 'markdown');
      assert.equal(drawn.get('application/json'), 'json');
      assert.equal(drawn.get('sec-gemini/table'), 'table');
      assert.equal(drawn.get('text/html'), 'html');
      assert.equal(drawn.get('image'), 'image');
    });

    it('#unknown: a type, a state and a mime type of the future are kept', async () => {
      const { turn } = await ask('#unknown');
      const odd = turn.state().messages.find((message) => message.content === 'from the future');
      assert.equal(odd?.kind, 'unknown');
      assert.equal(odd?.render, 'unknown');
      assert.equal((odd?.raw as { extra: number } | undefined)?.extra, 1);
      assert.deepEqual(answers(turn), ['Answer to: #unknown']);
    });

    for (const prompt of ['#tool no_such {"a":1}', '#tool-old no_such {"a":1}']) {
      it(`${prompt}: "not offered" goes back on the same socket`, async () => {
        const { turn } = await ask(prompt);
        assert.match(answers(turn)[0] ?? '', /Tool no_such said: .*"is_error":\s*true.*status 200/s);
        assert.equal(said().filter((message) => message.message_type === 'local_tool_result').length, 1);
        assert.ok(!turn.state().messages.some((message) => message.kind === 'toolCall'));
      });
    }

    for (const approved of [true, false]) {
      it(`#confirm: the turn waits, ${approved ? 'yes' : 'no'} goes out once, the rest is followed`, async () => {
        const { turn, events } = await ask('#confirm');
        assert.equal(outcome(events), 'waiting');
        const pending = await client.approvals.pending(session.id);
        assert.match(pending?.message ?? '', /Allow a scan/);
        assert.equal(await client.approvals.answer(session.id, pending?.id ?? '', approved), true);
        assert.equal(await client.approvals.answer(session.id, pending?.id ?? '', approved), false);
        const later: SessionEvent[] = [];
        for await (const event of client.listen(session.id)) later.push(event);
        assert.equal(outcome(later), 'completed');
        const result = later.find((event) => event.type === 'message' && event.message.kind === 'response');
        assert.ok(result?.type === 'message');
        assert.equal(result.message.content, `Confirmation said: '${approved ? 'yes' : 'no'}'`);
        const replies = said().filter((message) => message.message_type === 'confirmation_response');
        assert.equal(replies.length, 1);
        assert.equal(replies[0]?.parent_id, pending?.id);
        assert.equal(turn.events.filter((event) => event.type === 'turnEnd').length, 1);
      });
    }

    it('#nothing: silence is waited out, Stop ends it here', async () => {
      const turn = drive(client, session.id, '#nothing 0.3');
      assert.equal(outcome(await turn.done), 'completed');
      const other = drive(client, session.id, '#nothing 30');
      for await (const _ of until(() => deliveries(other.events).includes('sent')));
      other.stop();
      assert.equal(outcome(await other.done), 'stopped');
    });

    it('a listener finds a running turn and its end, and nothing when nothing runs', async () => {
      const quiet: SessionEvent[] = [];
      for await (const event of client.listen(session.id)) quiet.push(event);
      assert.equal(quiet.filter((event) => event.type === 'turnEnd').length, 0);
      const turn = drive(client, session.id, '#slow 4 0.1');
      for await (const _ of until(() => turn.state().messages.length >= 2));
      turn.stop();
      await turn.done;
      const known = new Set(turn.state().messages.map((message) => message.id));
      const later: SessionEvent[] = [];
      for await (const event of client.listen(session.id, { knownIds: known })) later.push(event);
      assert.equal(outcome(later), 'completed');
      const ids = later.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(!ids.some((id) => known.has(id)));
      assert.equal(said().filter((message) => message.message_type === 'query').length, 1);
    });

    it('a session that is gone: said on the stream, the draft’s delivery failed', async () => {
      await session.delete();
      const turn = drive(client, session.id, 'anyone?');
      const events = await turn.done;
      const last = events.at(-1);
      assert.ok(last?.type === 'turnEnd' && last.error?.code === 'notFound');
      assert.deepEqual(deliveries(events), ['sent', 'failed']);
    });

    it('#http CODE: statuses become codes, Retry-After is kept', async () => {
      for (const [status, code] of [
        [401, 'unauthenticated'],
        [403, 'unauthenticated'],
        [404, 'notFound'],
        [413, 'tooLarge'],
        [429, 'rateLimited'],
        [500, 'unavailable'],
        [503, 'unavailable'],
        [504, 'timeout'],
      ] as const) {
        await assert.rejects(session.query(`#http ${status}`), (error) => {
          assert.ok(isSecGeminiError(error, code), `${status} -> ${String(error)}`);
          assert.equal(error.retryAfterMs, 1000);
          return true;
        });
      }
    });

    it('query: the whole turn without a socket', async () => {
      const answer = await session.query('no socket please');
      assert.equal(answer.text, 'Answer to: no socket please');
      assert.equal(answer.messages.at(-1)?.kind, 'end');
      await assert.rejects(session.query('#quota'), (error) => isSecGeminiError(error, 'rateLimited'));
    });

    it('files: bytes arrive as they are, detach by index, hash checked', async () => {
      const odd = 'odd «名» \u{1F512} \'"#%&.bin';
      const bytes = Buffer.from(Array.from({ length: 100_003 }, (_, index) => (index * 7919) & 255));
      const first = await session.attachFile('notes.txt', Buffer.from('first line\nsecond line, é\n'));
      const second = await session.attachFile(odd, bytes, 'application/octet-stream');
      assert.equal(second.sha256, createHash('sha256').update(bytes).digest('hex'));
      const again = await session.attachFile('notes.txt', Buffer.from('first line\nsecond line, é\n'));
      assert.notEqual(first.id, again.id);
      await client.detach(session.id, first.id);
      const left = (await client.getSession(session.id)).attachments ?? [];
      assert.deepEqual(
        left.map((file) => file.name),
        [odd, 'notes.txt'],
      );
      await session.detachFile(1);
      assert.deepEqual(
        session.files.map((file) => file.name),
        [odd],
      );
      await assert.rejects(session.detachFile(4), (error) => isSecGeminiError(error, 'notFound'));
      await assert.rejects(session.detachFile(-1), (error) => isSecGeminiError(error, 'invalidArgument'));
      const bodies = server
        .records()
        .filter(
          (record) =>
            record.path === '/v1/session/attach_file' &&
            (record.body as { session_id: string }).session_id === session.id,
        );
      assert.equal(bodies.length, 3);
      assert.ok(bodies.every((record) => !JSON.stringify(record).includes('/tmp')));
    });

    it('sessions: list order, update, time to live, feedback, tree of text', async () => {
      const gemini = new SecGemini(client);
      const later = await gemini.createSession(undefined, undefined, 600);
      const ids = (await gemini.listSessions()).map((item) => item.id);
      assert.ok(ids.indexOf(session.id) < ids.indexOf(later.id));
      assert.notEqual(later.info.name, '');
      await session.update('renamed ✓', 'described', 300);
      const same = await gemini.resumeSession(session.id);
      assert.deepEqual([same.info.name, same.info.description, same.info.ttlSeconds], ['renamed ✓', 'described', 300]);
      assert.equal(same.info.expiresAt, same.info.updatedAt + 300_000);
      await assert.rejects(session.update(undefined, undefined, 299), (error) =>
        isSecGeminiError(error, 'invalidArgument'),
      );
      await session.query('for the tree');
      await session.sendFeedback(5, 'good', 'g1');
      await session.sendBugReport('it broke');
      const sent = server
        .records()
        .filter((record) => record.path === '/v1/session/feedback')
        .map((record) => record.body as Record<string, unknown>);
      assert.deepEqual(
        sent.slice(-2).map((body) => [body.type, body.score, body.comment]),
        [
          ['user_feedback', 5, 'good'],
          ['bug_report', 0, 'it broke'],
        ],
      );
      assert.match(await session.visualize(), /renamed ✓ .*\n {0,2}prompt: for the tree\n {2}info/);
    });

    it('logs: sent once in lines, bound to the session, not sent again', async () => {
      const text = `${Array.from({ length: 1000 }, (_, index) => `{"n":${index},"é":"✓"}`).join('\n')}\r\n\n`;
      const bytes = Buffer.from(text);
      const upload = {
        name: 'auth.jsonl',
        size: bytes.length,
        async *open() {
          for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
        },
      };
      const progress: number[] = [];
      const first = await client.attachLogs(session.id, upload, {
        onProgress: (sent) => progress.push(sent),
        fieldsMapping: { timestamp: 'n' },
      });
      assert.deepEqual([first.insertedLines, first.alreadyThere], [1000, false]);
      assert.equal(progress.at(-1), bytes.length);
      const again = await client.attachLogs(session.id, upload);
      assert.deepEqual([again.insertedLines, again.alreadyThere, again.hash], [0, true, first.hash]);
      const uploads = server.records().filter((record) => record.path === '/upload_logs');
      assert.equal(uploads.length, 1);
      const body = uploads[0]?.body as { log_lines: string[]; custom_fields_mapping: unknown };
      assert.equal(body.log_lines[999], '{"n":999,"é":"✓"}');
      assert.deepEqual(body.custom_fields_mapping, { timestamp: 'n' });
    });

    it('a wrong key: refused on every way, once each', async () => {
      const wrong = createV1Client({
        endpoint: server.url,
        apiKey: 'wrong-key-000',
        protocol: 'v1',
        clock: fastClock(),
      });
      await assert.rejects(wrong.account(), (error) => isSecGeminiError(error, 'unauthenticated'));
      const turn = drive(wrong, session.id, 'hello');
      const last = (await turn.done).at(-1);
      assert.ok(last?.type === 'turnEnd' && last.error?.code === 'unauthenticated');
      const tries = server.records().filter((record) => record.kind === 'ws-open' && record.status === 403);
      assert.equal(tries.length, 1);
      await wrong.close();
    });
  });
}

/** Yields until the condition holds, giving way to everything else in between. */
async function* until(condition: () => boolean): AsyncGenerator<void, void, void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve));
    yield;
  }
}
