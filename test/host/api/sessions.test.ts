// Every operation of the session table through the exported API, inside the real extension host, against the local sandbox.
// Runs once for each protocol. A test's title is its row in the table.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import type { ApiEvent, ApiEventType, SecGeminiApi, SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { Answers } from '../support/answers.ts';
import { collectRows } from '../support/rows.ts';

const protocol = process.env['SEC_GEMINI_API_PROTOCOL'] === 'v1' ? 'v1' : 'v3';
const onV1 = protocol === 'v1';
const NEEDLE = 'password = "needle-4711"\n';

/** Reads events until one fits; fails when the iteration ends before. */
async function until<T extends ApiEventType>(
  events: AsyncIterable<ApiEvent>,
  type: T,
  fits: (event: Extract<ApiEvent, { type: T }>) => boolean = () => true,
): Promise<Extract<ApiEvent, { type: T }>> {
  for await (const event of events) {
    const typed = event as Extract<ApiEvent, { type: T }>;
    if (event.type === type && fits(typed)) return typed;
  }
  throw new Error(`no ${type}`);
}

const code = (wanted: string) => (error: { code?: string }) => error.code === wanted;

describe(`sessions through the exported API (${protocol})`, () => {
  const answers = new Answers();
  let door: SecGeminiExports;
  let api: SecGeminiApi;
  let id: string;

  collectRows(protocol);

  before(async function () {
    this.timeout(120_000);
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    door = await extension.activate();
    answers.expect(/Let "Host suite" use Sec-Gemini in this window\?/, 'Allow in This Window');
    api = await door.connect('Host suite');
    const connected = until(api.listen({ types: ['connected'] }), 'connected');
    await vscode.commands.executeCommand('secGemini.startSandbox');
    assert.equal((await connected).protocol, protocol);
  });

  beforeEach(async () => {
    id = (await api.create({ name: 'Case 7' })).id;
  });
  afterEach(() => answers.done());
  after(() => answers.dispose());

  /** Attaches a file, agreeing to the question. */
  const attach = async (name: string, text: string): Promise<void> => {
    answers.expect(new RegExp(`Send 1 file to Sec-Gemini\\?[^]*${name}`), 'Send');
    assert.equal(await api.attach(id, { name, text }), true);
  };

  it('consent: asked natively, by the claimed name; no answer is a no', async () => {
    assert.equal(door.apiVersion, 1);
    answers.expect(/Let "Someone else" use Sec-Gemini[^]*the name that another extension gives itself/, undefined);
    await assert.rejects(door.connect('Someone else'), code('permissionDenied'));
    await assert.rejects(door.connect(''), code('invalidArgument'));
    assert.ok(!JSON.stringify(Object.keys(api)).match(/key/i), 'nothing of it gives the key');
  });

  it('create(name, description, ttl, enable logging), update, resume, delete', async () => {
    const made = await api.create({ name: 'Named', description: 'why', ...(onV1 ? { ttl: 600 } : {}) });
    assert.deepEqual([made.name, made.protocol], ['Named', protocol]);
    if (onV1) assert.deepEqual([made.description, made.ttlSeconds], ['why', 600]);
    await assert.rejects(api.create({ ttl: 299 }), code('invalidArgument'));
    assert.notEqual((await api.create()).id, made.id);
    assert.equal((await api.update(made.id, { name: 'Renamed' })).name, 'Renamed');
    if (onV1) {
      const updated = await api.update(made.id, { description: 'new', ttl: 900 });
      assert.deepEqual([updated.description, updated.ttlSeconds], ['new', 900]);
    }
    assert.equal((await api.resume(made.id)).name, 'Renamed');
    await assert.rejects(api.resume('00000000-0000-4000-8000-000000000000'), code('notFound'));
    answers.expect(/Delete session Renamed\?/, undefined);
    assert.equal(await api.delete(made.id), false, 'asked, and not agreed to');
    answers.expect(/Delete session Renamed\?[^]*Host suite/, 'Delete');
    assert.equal(await api.delete(made.id), true);
    await assert.rejects(api.get(made.id), code('notFound'));
  });

  it('query: messages, status code and message, usage, text', async () => {
    await attach('app.py', NEEDLE);
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

  it('history, get session (include messages, message limit), get messages (range)', async () => {
    await api.query(id, '/demo markdown');
    const all = await api.messages(id);
    const prompt = all.find(({ kind }) => kind === 'prompt');
    assert.deepEqual(
      [prompt?.text, prompt?.sender, prompt?.sessionId, prompt?.status],
      ['/demo markdown', 'user', id, 'complete'],
    );
    assert.ok(all.every(({ contentType }) => contentType !== ''));
    assert.deepEqual(await api.messages(id, { from: 1, limit: 2 }), all.slice(1, 3));
    assert.deepEqual(await api.messages(id, { limit: 1 }), all.slice(-1));
    assert.deepEqual((await api.get(id)).messages, []);
    assert.deepEqual((await api.get(id, { includeMessages: true, messageLimit: 2 })).messages, all.slice(-2));
    assert.ok(
      all.some(({ raw }) => raw !== undefined),
      'the wire is kept',
    );
  });

  it('list(limit, offset, active only), iterate(page size)', async () => {
    for (let at = 0; at < 3; at += 1) await api.create({ name: `Listed ${at}` });
    const all = await api.list();
    assert.ok(all.length >= 4);
    assert.deepEqual(await api.list({ limit: 2, offset: 1 }), all.slice(1, 3));
    const seen: string[] = [];
    for await (const session of api.iterate({ pageSize: 2 })) seen.push(session.id);
    assert.deepEqual(
      seen,
      all.map((session) => session.id),
    );
    await assert.rejects(api.list({ offset: -1 }), code('invalidArgument'));
    const json = await api.export(id, { format: 'json' });
    const imported = await api.import(json);
    assert.ok(!(await api.list({ activeOnly: true })).some((session) => session.id === imported.id));
  });

  it('send, stream: what happens until the end of the turn', async () => {
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

  it('cancel processing', async () => {
    const turn = api.query(id, '/demo slow 30');
    await until(api.listen({ sessionId: id }), 'thinking');
    await api.cancel(id);
    assert.equal((await turn).statusCode, 499);
  });

  it('send files: by text, bytes, path; asked about; detach', async () => {
    const held = async (): Promise<string[]> => (await api.get(id)).attachments.map(({ name }) => name);
    await attach('by-text.txt', 'one');
    answers.expect(/Send 1 file[^]*by-bytes\.bin/, 'Send');
    await api.attach(id, { name: 'by-bytes.bin', bytes: new Uint8Array([1, 2, 3]) });
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const file = vscode.Uri.joinPath(folder, 'by-path.txt');
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('three'));
    answers.expect(/Send 1 file[^]*by-path\.txt/, 'Send');
    await api.attach(id, { path: file.fsPath });
    answers.expect(/Send 1 file[^]*refused\.txt/, undefined);
    assert.equal(await api.attach(id, { name: 'refused.txt', text: 'stays here' }), false);
    assert.deepEqual((await held()).toSorted(), ['by-bytes.bin', 'by-path.txt', 'by-text.txt']);
    const first = (await api.get(id)).attachments.find(({ name }) => name === 'by-text.txt');
    assert.equal(first?.sha256, createHash('sha256').update('one').digest('hex'));
    await api.detach(id, first.id);
    assert.deepEqual((await held()).toSorted(), ['by-bytes.bin', 'by-path.txt']);
  });

  it('export (Markdown with or without metadata, JSON, HTML), import, masked, chosen', async () => {
    await attach('app.py', NEEDLE);
    await api.query(id, 'What is in the file?');
    const json = await api.export(id, { format: 'json' });
    const imported = await api.import(json);
    assert.deepEqual([imported.imported, imported.name], [true, 'Case 7']);
    assert.equal(await api.export(imported.id, { format: 'json' }), json);
    await assert.rejects(api.send(imported.id, 'more'), code('invalidArgument'));
    const kinds = (JSON.parse(json) as { messages: { kind: string }[] }).messages.map(({ kind }) => kind);
    for (const kind of ['thinking', 'toolCall', 'toolResult']) assert.ok(kinds.includes(kind), kind);
    const plain = await api.export(id, { format: 'markdown' });
    assert.match(plain, /^# Case 7\n\n## You\n/);
    assert.ok(!plain.includes('## Thinking'));
    assert.match(await api.export(id, { format: 'markdownWithMetadata' }), /## Thinking/);
    assert.match(await api.export(id, { format: 'html' }), /default-src 'none'/);
    const masked = await api.export(id, { format: 'json', maskSecrets: true });
    assert.ok(json.includes('needle-4711') ? !masked.includes('needle-4711') : true);
    const chosen = (await api.messages(id)).filter(({ kind }) => kind === 'response').map((message) => message.id);
    const part = JSON.parse(await api.export(id, { format: 'json', messages: chosen })) as { messages: unknown[] };
    assert.equal(part.messages.length, chosen.length);
  });

  it('a session of 5,000 messages exports in all forms', async function () {
    this.timeout(120_000);
    const messages = Array.from({ length: 5000 }, (_, at) => ({
      id: `m${at}`,
      sessionId: 'big',
      kind: at % 2 === 0 ? 'prompt' : 'response',
      sender: at % 2 === 0 ? 'user' : 'agent',
      author: 'a',
      title: '',
      content: `Line ${at} of many`,
      render: 'markdown',
      mimeType: 'text/markdown',
      status: 'complete',
      createdAt: 1,
      raw: { id: `m${at}` },
    }));
    const session = { id: 'big', protocol, name: 'Big', description: '', status: 'idle', createdAt: 1, updatedAt: 1 };
    const file = {
      format: 'sec-gemini-session',
      version: 1,
      exportedAt: '2026-11-21T15:00:00.000Z',
      session,
      attachments: [],
      messages,
    };
    const json = `${JSON.stringify(file, undefined, 2)}\n`;
    const { id: big } = await api.import(json);
    assert.equal(await api.export(big, { format: 'json' }), json);
    for (const format of ['markdown', 'markdownWithMetadata', 'html'] as const) {
      const text = await api.export(big, { format });
      assert.ok(text.includes('Line 0 of many') && text.includes('Line 4999 of many'), format);
    }
  });

  it('fork(message index, title)', async () => {
    await attach('app.py', NEEDLE);
    await api.query(id, 'What is in the file?');
    await api.query(id, 'A second question');
    const all = await api.messages(id);
    const index = all.findIndex(({ kind }) => kind === 'response');
    await assert.rejects(api.fork(id, all.length), code('invalidArgument'));
    answers.expect(/Send 2 files to Sec-Gemini\?[^]*app\.py[^]*transcript\.md/, 'Send');
    const forked = await api.fork(id, index);
    assert.ok(forked);
    assert.equal(forked.name, 'Forked Session');
    assert.equal(forked.forkedFrom, id);
    assert.deepEqual((await api.get(id)).forks, [forked.id]);
    assert.deepEqual(forked.attachments.map(({ name }) => name).toSorted(), ['app.py', 'transcript.md']);
    answers.expect(/Send 2 files/, undefined);
    const before = (await api.list()).length;
    assert.equal(await api.fork(id, index, { title: 'Never' }), undefined);
    assert.equal((await api.list()).length, before, 'nothing is left of a fork that was not agreed to');
  });

  it('rewind(last message to keep, clean up media)', async () => {
    await attach('early.txt', 'early');
    await api.query(id, 'First');
    const keep = (await api.messages(id)).findLastIndex(({ kind }) => kind === 'response');
    await api.query(id, 'Second');
    await attach('late.txt', 'late');
    answers.expect(/Rewind "Case 7" to message [^]*Attached later: late\.txt/, 'Rewind and Drop Later Files');
    answers.expect(/Send 2 files[^]*early\.txt[^]*transcript\.md/, 'Send');
    const rewound = await api.rewind(id, keep, { cleanUpMedia: true });
    assert.ok(rewound);
    assert.deepEqual(rewound.attachments.map(({ name }) => name).toSorted(), ['early.txt', 'transcript.md']);
    const old = await api.get(id);
    assert.equal(old.rewoundTo, rewound.id);
    if (!onV1) assert.equal(old.archived, true);
    assert.ok(!(await api.list({ activeOnly: true })).some((session) => session.id === id));
    assert.ok((await api.messages(id)).length > keep + 1, 'nothing of it is lost');
  });

  it('knowledge domain: instructions in front of the next prompt, once', async () => {
    answers.expect(/^Knowledge domain of this session/, 'Secure code review');
    await vscode.commands.executeCommand('secGemini.chooseDomain', id);
    await api.query(id, 'First question');
    await api.query(id, 'Second question');
    const prompts = (await api.messages(id)).filter(({ kind }) => kind === 'prompt').map(({ text }) => text);
    assert.match(prompts[0] ?? '', /^<instructions>\nYou review source code[^]*<\/instructions>\n\nFirst question$/);
    assert.equal(prompts[1], 'Second question');
  });

  it('custom system prompt: default, append, replace, $<variables>', async () => {
    const write = async (mode: string, text: string): Promise<void> => {
      answers.expect(/^Custom Instructions \(1\/2\)/, mode);
      answers.expect(/^Custom Instructions \(2\/2\)/, 'Write one line…');
      answers.expect(/^Custom Instructions$/, text);
      await vscode.commands.executeCommand('secGemini.customInstructions', id);
    };
    const sent = async (question: string): Promise<string> => {
      await api.query(id, question);
      return (await api.messages(id)).findLast(({ kind }) => kind === 'prompt')?.text ?? '';
    };
    await write('Default', 'ignored');
    assert.equal(await sent('one'), 'one');
    await write('Append', 'Answer for $<session>.');
    assert.equal(await sent('two'), '<instructions>\nAnswer for Case 7.\n</instructions>\n\ntwo');
    await write('Append', 'An unknown $<variable>.');
    assert.equal(await sent('three'), 'three', 'what was refused changed nothing');
    answers.expect(/^Knowledge domain of this session/, 'Cryptography');
    await vscode.commands.executeCommand('secGemini.chooseDomain', id);
    await write('Replace', 'Only this.');
    assert.equal(await sent('four'), '<instructions>\nOnly this.\n</instructions>\n\nfour');
  });

  it('approvals: respond(approved, arguments, reason), pending and of that session only', async () => {
    const asking = api.query(id, '/demo confirm');
    assert.equal((await asking).statusCode, 202);
    const [request] = await pending();
    assert.ok(request);
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
    const [again] = await pending();
    assert.ok(again);
    assert.equal(await api.respond(id, again.requestId, false, { reason: 'not on this host' }), 'answered');
    const said = await until(api.listen({ sessionId: id }), 'messagePosted', ({ message }) =>
      message.text.includes('not on this host'),
    );
    assert.equal(said.message.kind, 'prompt');
    await until(api.listen({ sessionId: id }), 'streaming', ({ active }) => !active);
  });

  /** The request is read right after the turn was handed over. */
  async function pending(): ReturnType<SecGeminiApi['approvals']> {
    for (;;) {
      const found = await api.approvals(id);
      if (found.length > 0) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('listen(event types) with a bounded queue: one error on overflow, then the whole transcript', async () => {
    await api.messages(id);
    const slow = api.listen({ sessionId: id, queueSize: 2, types: ['messagePosted', 'messagesPosted', 'error'] });
    const unbounded = api.listen({ sessionId: id, queueSize: 0 });
    await api.query(id, '/demo markdown');
    const all = await api.messages(id);
    const got: ApiEvent[] = [];
    for await (const event of slow) {
      got.push(event);
      if (event.type === 'messagesPosted') break;
    }
    const errors = got.filter((event) => event.type === 'error');
    assert.equal(errors.length, 1);
    assert.equal(errors[0]?.message, 'subscriber queue overflow');
    const last = got.at(-1);
    assert.ok(last?.type === 'messagesPosted');
    assert.deepEqual(
      last.messages.map((message) => message.id),
      all.map((message) => message.id),
    );
    await until(unbounded, 'streaming', ({ active }) => !active);
  });

  it('event types: session created, messages posted, participant status, pong, message delta (v1)', async () => {
    const created = until(api.listen({ types: ['sessionCreated'] }), 'sessionCreated');
    const { id: made } = await api.create({ name: 'Watched' });
    assert.equal((await created).session.id, made);
    const pong = until(api.listen({ types: ['pong'] }), 'pong');
    const milliseconds = await api.ping();
    assert.equal((await pong).milliseconds, milliseconds);
    const posted = until(api.listen({ sessionId: made, types: ['messagesPosted'] }), 'messagesPosted');
    await api.messages(made);
    await posted;
    const seen = new Set<ApiEventType>();
    const events = api.listen({ sessionId: made, queueSize: 0 });
    await api.query(made, '/demo markdown');
    for await (const event of events) {
      seen.add(event.type);
      if (event.type === 'streaming' && !event.active) break;
    }
    assert.equal(seen.has('messageDelta'), onV1, 'pieces: v1 only');
  });

  it('access ends when the user takes it back', async () => {
    answers.expect(/Let "Guest" use/, 'Allow in This Window');
    const guest = await door.connect('Guest');
    const events = guest.listen();
    await vscode.commands.executeCommand('secGemini.revokeApiAccess');
    await assert.rejects(guest.list(), code('permissionDenied'));
    for await (const event of events) assert.fail(event.type);
    answers.expect(/Let "Host suite" use/, 'Allow in This Window');
    api = await door.connect('Host suite');
  });
});
