import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { APPROVAL_LIFE_MS } from '../../../src/core/approvals.ts';
import { MAX_BYTES_PER_TURN, MAX_CALLS_PER_TURN } from '../../../src/core/tools/consent.ts';
import { defineTool } from '../../../src/core/tools/define-tool.ts';
import type { Tool } from '../../../src/core/tools/tool.ts';
import { hasHiddenCharacters } from '../../../src/core/visible-text.ts';
import { argumentRows } from '../../../src/host/approvals/arguments.ts';
import { FakeClient } from '../../fakes/fake-client.ts';
import { fuzzTools } from './fuzz.ts';
import { type World, world } from './support.ts';

const FILES = { 'src/app.ts': 'one\ntwo\nthree\n', 'notes.txt': 'plain words\n' };
const TOKEN = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;

describe('a call of a local tool', function () {
  // A guard against hanging only: machines are busy.
  this.timeout(60_000);
  let w: World;
  const start = async (
    content: Record<string, string> = FILES,
    extra?: readonly Tool[],
  ): Promise<() => Promise<void>> => {
    w = await world(content, extra === undefined ? {} : { extra });
    w.tools.consent.switchOn(w.sessionId);
    return w.startTurn();
  };
  afterEach(() => w.dispose());

  it('is refused, unread and unasked, until a session is switched on, and while none of its turns runs', async () => {
    w = await world(FILES);
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /off here/);
    const end = await w.startTurn();
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /off here/);
    w.tools.consent.switchOn(w.sessionId);
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /plain words/);
    await end();
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /off here/);
    assert.equal(w.asked.length, 1);
  });

  it('runs in no Restricted Mode', async () => {
    await start();
    w.trusted = false;
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /off here/);
    assert.equal(w.asked.length, 0);
  });

  it('is asked about with its arguments, files, bytes and secrets, and leaves exactly what was shown', async () => {
    await start({ 'config.js': `const token = "${TOKEN}";\n` });
    const { text } = await w.call('read_file', { path: 'config.js' });
    const [request] = w.asked;
    assert.ok(request?.output !== undefined);
    assert.deepEqual(request.args, { path: 'config.js' });
    assert.deepEqual(
      request.output.files.map(({ path }) => path),
      ['config.js'],
    );
    assert.equal(request.output.bytes, Buffer.byteLength(text));
    assert.equal(request.output.text, text);
    assert.equal(request.output.flags.length, 1);
    assert.equal(request.output.flags[0]?.line, 2);
  });

  it('is written down in the ledger before it leaves, with what left, and in one line of the transcript', async () => {
    await start();
    const { text } = await w.call('read_file', { path: 'src/app.ts' });
    assert.deepEqual(
      w.ledger.map(({ kind, outcome, rule }) => ({ kind, outcome, rule })),
      [
        { kind: 'tool', outcome: 'started', rule: 'allowed once' },
        { kind: 'tool', outcome: 'sent', rule: 'allowed once' },
      ],
    );
    assert.equal(w.ledger[0]?.bytes, Buffer.byteLength(text));
    const lines = w.sessions.state(w.sessionId)?.messages.filter(({ id }) => id.startsWith('local:tool:')) ?? [];
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.kind, 'notice');
    assert.match(
      lines[0]?.content ?? '',
      /read_file \{"path":"src\/app.ts"\}: .* went to hub.invalid \(allowed once\); call 1 of 50/,
    );
  });

  it('leaves nothing when the ledger cannot be written', async () => {
    await start();
    w.ledger.push = () => {
      throw new Error('disk full');
    };
    const { text, isError } = await w.call('read_file', { path: 'notes.txt' });
    assert.ok(isError && !text.includes('plain words'), text);
  });

  it('is denied with the reason, which the agent reads', async () => {
    await start();
    w.person = () => ({ kind: 'deny', reason: 'look at notes.txt instead' });
    const { text, isError } = await w.call('read_file', { path: 'src/app.ts' });
    assert.ok(isError);
    assert.equal(text, 'The user denied this call: look at notes.txt instead');
  });

  it('leaves with its secrets replaced, when so decided; the same secret by the same placeholder', async () => {
    await start({ 'config.js': `const token = "${TOKEN}";\n`, 'more.js': `use("${TOKEN}");\n` });
    w.person = () => ({ kind: 'allow', forSession: false, redact: true });
    assert.match(
      (await w.call('read_file', { path: 'config.js' })).text,
      /1\tconst token = "\[\[SECRET-1:github-token\]\]";/,
    );
    assert.match((await w.call('read_file', { path: 'more.js' })).text, /use\("\[\[SECRET-1:github-token\]\]"\)/);
    assert.equal(w.ledger[0]?.rule, 'secrets replaced, allowed once');
    assert.ok(!w.sent.join().includes(TOKEN));
  });

  it('is withheld after its output was looked at', async () => {
    await start();
    w.person = () => ({ kind: 'withhold', reason: '' });
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /withheld/);
    assert.ok(!w.sent.join().includes('plain words'));
  });

  it('runs anew with edited arguments and is asked about again; the agent is told', async () => {
    await start();
    w.person = ({ args }) =>
      args['path'] === 'src/app.ts'
        ? { kind: 'edit', args: { path: 'notes.txt' } }
        : { kind: 'allow', forSession: false };
    const { text } = await w.call('read_file', { path: 'src/app.ts' });
    assert.match(text, /the user changed the arguments to \{"path":"notes.txt"\}/);
    assert.match(text, /plain words/);
    assert.ok(!text.includes('three'));
    assert.deepEqual(
      w.asked.map(({ args }) => args['path']),
      ['src/app.ts', 'notes.txt'],
    );
    assert.deepEqual(w.asked[1]?.askedArgs, { path: 'src/app.ts' });
  });

  it('is not asked about again when allowed for the session, unless something is flagged; deny beats allow', async () => {
    await start({ ...FILES, 'config.js': `const token = "${TOKEN}";\n`, '.gitignore': '*.log\n', 'a.log': 'log\n' });
    w.person = () => ({ kind: 'allow', forSession: true });
    await w.call('read_file', { path: 'notes.txt' });
    await w.call('read_file', { path: 'src/app.ts' });
    assert.equal(w.asked.length, 1);
    await w.call('read_file', { path: 'config.js' });
    assert.equal(w.asked.length, 2, 'a secret is asked about all the same');
    await w.call('read_file', { path: 'a.log' });
    assert.equal(w.asked.length, 3, 'an ignored file is asked about all the same');
    assert.deepEqual(w.asked[2]?.notes, ['a.log is ignored by .gitignore: *.log']);
    w.tools.consent.setPolicy('read_file', 'deny');
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /does not allow/);
    w.tools.consent.setPolicy('read_file', 'allow', w.sessionId);
    assert.equal(w.tools.consent.policy('read_file', w.sessionId), 'deny');
    w.tools.consent.setPolicy('read_file', 'ask');
    await w.call('read_file', { path: 'notes.txt' });
    assert.equal(w.asked.length, 4, 'what was denied is not allowed as before');
  });

  it('loses every grant when its session is switched off, and others never had it', async () => {
    await start();
    w.person = () => ({ kind: 'allow', forSession: true });
    await w.call('read_file', { path: 'notes.txt' });
    w.tools.consent.switchOff(w.sessionId);
    w.tools.consent.switchOn(w.sessionId);
    assert.equal(w.tools.consent.policy('read_file', w.sessionId), 'ask');
    assert.equal(w.tools.consent.policy('read_file', 'another'), 'ask');
  });

  it('loses consent and what waits with the connection that it was given for, and says so; a deleted session needs no word', async () => {
    await start();
    const lost: number[] = [];
    w.tools.consent.onDidLose((count) => lost.push(count));
    w.person = () => undefined;
    const done = w.call('read_file', { path: 'notes.txt' });
    while (w.asked.length === 0) await new Promise(setImmediate);
    // The same service and the same session over another client, e.g. after a reconnect by hand or under another key.
    w.sessions.setClient(new FakeClient());
    assert.match((await done).text, /cut off/);
    assert.equal(w.tools.consent.isOn(w.sessionId), false);
    assert.deepEqual(lost, [1]);
    const { id } = await w.sessions.create();
    w.tools.consent.switchOn(id);
    await w.sessions.delete(id);
    assert.equal(w.tools.consent.isOn(id), false);
    assert.deepEqual(lost, [1]);
  });

  it('stops at the budget of calls and of bytes of a turn, and begins anew with the next question', async () => {
    const big = defineTool({
      name: 'big',
      title: 'Big',
      description: '',
      input: z.object({}),
      run: async () => ({ text: 'x'.repeat(200 * 1024) }),
    });
    const end = await start(FILES, [big]);
    let left = 0;
    for (let index = 0; index < 20; index += 1) {
      const { text, isError } = await w.call('big', {});
      if (!isError) left += Buffer.byteLength(text);
    }
    assert.ok(left > MAX_BYTES_PER_TURN - 200 * 1024 && left <= MAX_BYTES_PER_TURN, String(left));
    for (let index = 0; index < 40; index += 1) await w.call('read_file', { path: 'notes.txt' });
    assert.match(w.sent.at(-1) ?? '', /at most 50 calls/);
    assert.equal(w.asked.length, MAX_CALLS_PER_TURN);
    await end();
    const endAgain = await w.startTurn();
    assert.match((await w.call('read_file', { path: 'notes.txt' })).text, /plain words/);
    await endAgain();
  });

  it('is void when the turn ends, when its connection goes, and after five minutes; a late yes sends nothing (F19)', async () => {
    const end = await start();
    w.person = () => undefined;
    const open = async (signal?: AbortSignal): Promise<{ done: Promise<{ text: string }> }> => {
      const before = w.asked.length;
      const done = w.call('read_file', { path: 'notes.txt' }, signal === undefined ? {} : { signal });
      while (w.asked.length === before) await new Promise(setImmediate);
      return { done };
    };
    const lost = new AbortController();
    const first = await open(lost.signal);
    lost.abort();
    assert.match((await first.done).text, /cut off/);
    const second = await open();
    const timer = w.timers.findLast(({ ms, off }) => ms === APPROVAL_LIFE_MS && !off);
    timer?.run();
    assert.match((await second.done).text, /nobody answered within 5 minutes/);
    const third = await open();
    await end();
    assert.match((await third.done).text, /cut off/);
    for (const request of w.asked)
      assert.throws(
        () => w.tools.desk.answer(request, { kind: 'allow', forSession: true }),
        /nothing left this machine/,
      );
    assert.ok(!w.sent.join().includes('plain words'));
    assert.equal(w.tools.consent.policy('read_file', w.sessionId), 'ask');
  });

  it('is answered once: the second answer to the same question is refused', async () => {
    await start();
    w.person = () => undefined;
    const done = w.call('read_file', { path: 'notes.txt' });
    while (w.asked.length === 0) await new Promise(setImmediate);
    const [request] = w.asked;
    assert.ok(request !== undefined);
    w.tools.desk.answer(request, { kind: 'deny', reason: '' });
    assert.throws(() => w.tools.desk.answer(request, { kind: 'allow', forSession: true }));
    assert.match((await done).text, /denied/);
  });

  it('runs once for its id, however often it comes (F18); what was cut before anything left may come again', async () => {
    let runs = 0;
    const counter = defineTool({
      name: 'counter',
      title: 'Counter',
      description: '',
      input: z.object({}),
      run: async () => ({ text: `run ${(runs += 1)}` }),
    });
    await start(FILES, [counter]);
    const [a, b] = await Promise.all([w.call('counter', {}, { id: 'job' }), w.call('counter', {}, { id: 'job' })]);
    const c = await w.call('counter', {}, { id: 'job' });
    assert.deepEqual([a.text, b.text, c.text, runs], ['run 1', 'run 1', 'run 1', 1]);
    assert.equal(w.asked.length, 1);
    const lost = new AbortController();
    lost.abort();
    await w.call('counter', {}, { id: 'cut', signal: lost.signal });
    assert.match((await w.call('counter', {}, { id: 'cut' })).text, /run/);
  });

  it('of an invented tool or with invented arguments is refused unasked, whatever is sent (S28)', async () => {
    await start();
    const junk: unknown[] = [
      null,
      [],
      'x',
      1,
      { path: 1 },
      { path: 'notes.txt', approved: true },
      { path: 'notes.txt', __proto__: null, constructor: 1 },
    ];
    for (const [name, args] of [
      ...['run_command', '__proto__', 'constructor', '', 'READ_FILE', 'a'.repeat(10_000)].map(
        (name) => [name, {}] as const,
      ),
      ...junk.map((args) => ['read_file', args] as const),
      ['read_file', { path: 'x'.repeat(100_000) }] as const,
    ]) {
      const { isError } = await w.call(name, args);
      assert.ok(isError, `${name.slice(0, 20)} ${JSON.stringify(args).slice(0, 60)}`);
    }
    assert.equal(w.asked.length, 0);
  });

  it('never throws and never reads elsewhere: 2,000 calls of anything (S28)', async () => {
    await start();
    await fuzzTools(w.tools.registry, ['list_files', 'read_file', 'search_text'], 2_000, 20261121);
  }).timeout(60_000);

  it('shows every argument, escaped: 50 calls with long, hidden and many (S18)', async () => {
    for (let round = 0; round < 50; round += 1) {
      const args: Record<string, unknown> = { [`name\u202e${round}`]: `a\u200bb${'x'.repeat(round * 200)}\u001b[2K` };
      for (let more = 0; more < round; more += 1) args[`argument ${more}`] = { nested: [more, '\u{e0041}'] };
      const rows = argumentRows(args);
      assert.equal(rows.length, Object.keys(args).length);
      for (const { label, detail = '' } of rows) assert.ok(!hasHiddenCharacters(label) && !hasHiddenCharacters(detail));
    }
    w = await world(FILES);
  });

  it('of a foreign tool is asked about before it runs, is not repeated after a drop, and its output is looked through', async () => {
    let runs = 0;
    const foreign: Tool = {
      name: 'foreign',
      title: 'Foreign',
      description: '',
      inputSchema: { type: 'object' },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
      preview: false,
      timeoutMs: 1000,
      parse: (args) => args as Record<string, unknown>,
      run: async () => {
        runs += 1;
        if (runs === 2) await new Promise(() => undefined);
        return { text: `token ${TOKEN}` };
      },
    };
    await start(FILES, [foreign]);
    w.person = ({ output }) =>
      output === undefined ? { kind: 'allow', forSession: false } : { kind: 'withhold', reason: '' };
    assert.match((await w.call('foreign', {})).text, /withheld/);
    assert.deepEqual(
      w.asked.map(({ output, grantable }) => [output?.flags.length, grantable]),
      [
        [undefined, false],
        [1, false],
      ],
    );
    const lost = new AbortController();
    const cut = w.call('foreign', {}, { id: 'x', signal: lost.signal });
    while (runs < 2) await new Promise(setImmediate);
    lost.abort();
    assert.match((await cut).text, /cut off/);
    assert.match((await w.call('foreign', {}, { id: 'x' })).text, /cut off/);
    assert.equal(runs, 2);
  });

  it('of which nobody knows the session is asked about even when allowed, and says so', async () => {
    await start();
    w.person = () => ({ kind: 'allow', forSession: true });
    const other = await w.sessions.create();
    await w.sessions.send(other.id, 'go');
    await w.call('read_file', { path: 'notes.txt' });
    await w.call('read_file', { path: 'notes.txt' });
    assert.equal(w.asked.length, 2);
    assert.ok(w.asked.every(({ guess, grantable, notes }) => guess && !grantable && /another/.test(notes[0] ?? '')));
  });

  it('that takes too long is an honest error', async () => {
    const slow = defineTool({
      name: 'slow',
      title: 'Slow',
      description: '',
      input: z.object({}),
      timeoutMs: 1234,
      run: () => new Promise(() => undefined),
    });
    await start(FILES, [slow]);
    const done = w.call('slow', {});
    while (!w.timers.some(({ ms }) => ms === 1234)) await new Promise(setImmediate);
    w.timers.find(({ ms }) => ms === 1234)?.run();
    assert.match((await done).text, /did not finish within 1.234 seconds/);
  });

  it('sends nothing when a file changed between the question and the answer (S17)', async () => {
    await start();
    w.person = () => undefined;
    const done = w.call('read_file', { path: 'notes.txt' });
    while (w.asked.length === 0) await new Promise(setImmediate);
    await writeFile(join(w.folder, 'notes.txt'), 'entirely other words\n');
    const [request] = w.asked;
    assert.ok(request !== undefined);
    w.tools.desk.answer(request, { kind: 'allow', forSession: false });
    const { text } = await done;
    assert.match(text, /changed after the user saw/);
  });
});
