// Rows of the table about what a prompt asks for and how a session ends. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { NEEDLE, apiSuite, code } from '../support/api-suite.ts';
import { onV1, protocol, row } from '../support/rows.ts';

describe('the life of a session', () => {
  const suite = apiSuite();

  const lastPrompt = async (): Promise<string> =>
    (await suite.api.messages(suite.id)).findLast(({ kind }) => kind === 'prompt')?.text ?? '';

  row('send', (part) => {
    part('detailed analysis', "v3 says it by its harness, v1 by a sentence of the prompt's end", async () => {
      const { api, id } = suite;
      assert.equal((await api.query(id, 'What is attached?', { detailed: true })).statusCode, 200);
      assert.equal((await lastPrompt()).includes('Detailed analysis:'), onV1);
    });
    part('files that must be used', 'stand in the prompt; those that an answer leaves out are named', async () => {
      const { api, id } = suite;
      await suite.attach('app.py', NEEDLE);
      await assert.rejects(api.query(id, 'Look', { mustUse: ['other.py'] }), code('invalidArgument'));
      assert.deepEqual((await api.query(id, 'What is in the file?', { mustUse: ['app.py'] })).unused, []);
      assert.match(await lastPrompt(), /These attachments must be used: app\.py\./);
      assert.deepEqual((await api.query(id, '/demo markdown', { mustUse: ['app.py'] })).unused, ['app.py']);
    });
    part('reasoning shown or hidden', 'in what query and stream give', async () => {
      const { api, id } = suite;
      const kinds = async (reasoning: boolean): Promise<readonly string[]> =>
        (await api.query(id, 'What is attached?', { reasoning })).messages.map(({ kind }) => kind);
      assert.ok((await kinds(true)).includes('thinking'));
      assert.ok(!(await kinds(false)).includes('thinking'));
      const types = new Set<string>();
      for await (const event of api.stream(id, 'And now?', { reasoning: false })) types.add(event.type);
      assert.ok(types.has('messageComplete') && !types.has('thinking'));
    });
  });

  row('logs', (part) => {
    part(
      'attach logs',
      'table, upload, binding; asked about like a file; v3 says that it is not there yet',
      async () => {
        const { api, id, answers } = suite;
        const log = { name: 'auth.jsonl', text: '{"message":"login failed for root"}\n{"message":"login of ada"}\n' };
        if (!onV1) return assert.rejects(api.attachLogs(id, log), code('invalidArgument'));
        await assert.rejects(api.attachLogs(id, { name: 'a.log', text: 'no json\n' }), code('invalidArgument'));
        answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, undefined);
        assert.equal(await api.attachLogs(id, log), undefined, 'nothing leaves unasked');
        answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, 'Send');
        const sent = await api.attachLogs(id, log, { fieldsMapping: { message: 'message' } });
        assert.deepEqual([sent?.insertedLines, sent?.alreadyThere], [2, false]);
        assert.match((await api.query(id, 'What is attached?')).text, /auth|log/i);
        answers.expect(/Send 1 file to Sec-Gemini\?[^]*auth\.jsonl/, 'Send');
        assert.deepEqual((await api.attachLogs(id, log))?.alreadyThere, true);
      },
    );
  });

  row('instructions', (part) => {
    part('forced skill', 'uploaded, asked for by each prompt, and forgotten when it is not wanted', async () => {
      const { api, id, answers } = suite;
      const write = async (text: string, way: string): Promise<void> => {
        answers.expect(/^Custom Instructions \(1\/2\)/, 'Replace');
        answers.expect(/^Custom Instructions \(2\/2\)/, 'Write one line…');
        answers.expect(/^Custom Instructions$/, text);
        if (!onV1) answers.expect(/how do they reach the agent/, way);
        await vscode.commands.executeCommand('secGemini.customInstructions', id);
      };
      const loaded = async (question: string): Promise<number> =>
        (await api.query(id, question)).messages.filter(({ kind }) => kind === 'skillLoaded').length;
      await write('Answer in one word.', 'As a Skill');
      assert.equal(await loaded('one'), onV1 ? 0 : 1);
      const block = '<instructions>\nAnswer in one word.\n</instructions>\n\n';
      assert.equal(await lastPrompt(), onV1 ? `${block}one` : 'one');
      if (onV1) return;
      assert.equal(await loaded('two'), 1, 'each prompt asks for it');
      await write('Answer in two words.', 'In Front of the Next Prompt');
      assert.equal(await loaded('three'), 0, 'it is no longer asked for');
      assert.match(await lastPrompt(), /^<instructions>\nAnswer in two words\./);
    });
  });

  row('connect', (part) => {
    part('connect, disconnect, is connected', 'by the API', async () => {
      const { api, id } = suite;
      await api.query(id, 'What is attached?');
      await api.disconnect();
      assert.equal(api.isConnected(), false);
      await assert.rejects(api.send(id, 'while away'), code('unavailable'));
      assert.equal(await api.connect(), true);
      assert.equal((await api.resume(id)).name, 'Case 7');
      assert.equal((await api.query(id, 'And now?')).statusCode, 200);
    });
    part('terminate', 'read, exported and forked, nothing else, for ever', async () => {
      const { api, id, answers } = suite;
      await api.query(id, 'What is attached?');
      answers.expect(/Terminate session [^]*\?[^]*cannot be undone/, undefined);
      assert.equal(await api.terminate(id), false);
      assert.equal((await api.get(id)).terminated, false);
      answers.expect(/Terminate session [^]*\?/, 'Terminate');
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
});
