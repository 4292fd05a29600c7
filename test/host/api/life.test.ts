// The life of a session and of the connection through the exported API: disconnect, connect, terminate, at most a hundred files.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SecGeminiApi, SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { Answers } from '../support/answers.ts';

const protocol = process.env['SEC_GEMINI_API_PROTOCOL'] === 'v1' ? 'v1' : 'v3';
const code = (wanted: string) => (error: { code?: string }) => error.code === wanted;

describe(`the life of a session through the exported API (${protocol})`, () => {
  let answers: Answers;
  let api: SecGeminiApi;
  let id: string;

  before(async () => {
    answers = new Answers();
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    answers.expect(/Let "Life" use Sec-Gemini in this window\?/, 'Allow in This Window');
    api = await (await extension.activate()).connect('Life');
    if (!api.isConnected()) await vscode.commands.executeCommand('secGemini.startSandbox');
    assert.equal(api.protocol(), protocol);
  });
  beforeEach(async () => {
    id = (await api.create({ name: 'Case 8' })).id;
  });
  afterEach(() => answers.done());
  after(() => answers.dispose());

  it('connect, disconnect (may resume), is connected', async () => {
    assert.equal((await api.query(id, 'What is attached?')).statusCode, 200);
    await api.disconnect();
    assert.equal(api.isConnected(), false);
    await assert.rejects(api.send(id, 'while away'), code('unavailable'));
    assert.ok((await api.messages(id)).length > 0, 'what is kept can be read');
    assert.equal(await api.connect(), true);
    assert.equal(api.isConnected(), true);
    assert.equal((await api.resume(id)).name, 'Case 8');
    assert.equal((await api.query(id, 'And now?')).statusCode, 200);
  });

  it('force detailed analysis, expected attachments, debug reasoning', async () => {
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*app\.py/, 'Send');
    await api.attach(id, { name: 'app.py', text: 'password = "needle-4711"\n' });
    await assert.rejects(api.query(id, 'Look', { mustUse: ['other.py'] }), code('invalidArgument'));
    const used = await api.query(id, 'What is in the file?', { detailed: true, mustUse: ['app.py'], reasoning: false });
    assert.deepEqual([used.statusCode, used.unused], [200, []]);
    assert.ok(used.messages.length > 0 && !used.messages.some(({ kind }) => kind === 'thinking'));
    const sent = (await api.messages(id)).findLast(({ kind }) => kind === 'prompt')?.text ?? '';
    assert.match(sent, /These attachments must be used: app\.py\./);
    assert.equal(sent.includes('Detailed analysis:'), protocol === 'v1', 'v3 says it by its harness');
    const unused = await api.query(id, '/demo markdown', { mustUse: ['app.py'] });
    assert.deepEqual(unused.unused, ['app.py']);
    assert.ok(unused.messages.some(({ kind }) => kind === 'thinking'));
    const types = new Set<string>();
    for await (const event of api.stream(id, 'And now?', { reasoning: false })) types.add(event.type);
    assert.ok(types.has('messageComplete') && !types.has('thinking'));
  });

  it('logs: create table, upload, attach', async () => {
    const log = { name: 'auth.jsonl', text: '{"message":"login failed for root"}\n{"message":"login of ada"}\n' };
    if (protocol === 'v3') {
      await assert.rejects(api.attachLogs(id, log), code('invalidArgument'));
      return;
    }
    await assert.rejects(api.attachLogs(id, { name: 'a.log', text: 'no json\n' }), code('invalidArgument'));
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, undefined);
    assert.equal(await api.attachLogs(id, log), undefined, 'nothing leaves unasked');
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, 'Send');
    const sent = await api.attachLogs(id, log, { fieldsMapping: { message: 'message' } });
    assert.deepEqual([sent?.insertedLines, sent?.alreadyThere], [2, false]);
    assert.match((await api.query(id, 'What is attached?')).text, /auth|log/i);
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, 'Send');
    assert.deepEqual((await api.attachLogs(id, log))?.alreadyThere, true);
  });

  it('custom system prompt as a forced skill (v3)', async () => {
    const write = async (text: string, way: string): Promise<void> => {
      answers.expect(/^Custom Instructions \(1\/2\)/, 'Replace');
      answers.expect(/^Custom Instructions \(2\/2\)/, 'Write one line…');
      answers.expect(/^Custom Instructions$/, text);
      if (protocol === 'v3') answers.expect(/how do they reach the agent/, way);
      await vscode.commands.executeCommand('secGemini.customInstructions', id);
    };
    const ask = async (question: string): Promise<{ prompt: string; loaded: readonly string[] }> => {
      const { messages } = await api.query(id, question);
      const prompt = (await api.messages(id)).findLast(({ kind }) => kind === 'prompt')?.text ?? '';
      return { prompt, loaded: messages.filter(({ kind }) => kind === 'skillLoaded').map(({ title }) => title) };
    };
    await write('Answer in one word.', 'As a Skill');
    const first = await ask('one');
    if (protocol === 'v1') {
      assert.match(first.prompt, /^<instructions>\nAnswer in one word\.\n<\/instructions>\n\none$/);
      return;
    }
    assert.equal(first.prompt, 'one', 'nothing stands in front of it');
    assert.equal(first.loaded.length, 1);
    assert.equal((await ask('two')).loaded.length, 1, 'each prompt asks for it');
    await write('Answer in two words.', 'In Front of the Next Prompt');
    const last = await ask('three');
    assert.match(last.prompt, /^<instructions>\nAnswer in two words\./);
    assert.deepEqual(last.loaded, [], 'it is no longer asked for');
  });

  it('retries (strategy, times, per call): for a reason that passes, and never beyond what was asked', async () => {
    const retry = { strategy: 'fixed', times: 2, delay: 1 } as const;
    await assert.rejects(api.resume('not-there', { retry }), code('notFound'));
    await assert.rejects(api.resume(id, { retry: { strategy: 'fixed', times: 11 } }), code('invalidArgument'));
    assert.equal((await api.resume(id, { retry })).id, id);
    assert.equal((await api.query(id, 'What is attached?', { retry })).statusCode, 200);
    assert.equal((await api.messages(id, { retry })).filter(({ kind }) => kind === 'prompt').length, 1);
  });

  it('terminate (never again): read, exported and forked, nothing else', async () => {
    await api.query(id, 'What is attached?');
    answers.expect(/Terminate session Case 8\?[^]*cannot be undone/, undefined);
    assert.equal(await api.terminate(id), false);
    assert.equal((await api.get(id)).terminated, false);
    answers.expect(/Terminate session Case 8\?/, 'Terminate');
    assert.equal(await api.terminate(id), true);
    const ended = await api.get(id);
    assert.deepEqual([ended.terminated, ended.archived === true], [true, protocol === 'v3']);
    await assert.rejects(api.send(id, 'once more'), code('invalidArgument'));
    await assert.rejects(api.update(id, { name: 'Other' }), code('invalidArgument'));
    await assert.rejects(api.attach(id, { name: 'a.txt', text: 'a' }), code('invalidArgument'));
    assert.equal((await api.resume(id)).terminated, true, 'found again, it stays over');
    assert.match(await api.export(id, { format: 'markdown' }), /What is attached\?/);
    assert.ok(!(await api.list({ activeOnly: true })).some((session) => session.id === id));
  });
});
