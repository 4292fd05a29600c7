// Rows of the table about copies of sessions: files, forks, rewinds. See test/host/support/rows.ts.
import assert from 'node:assert/strict';
import { NEEDLE, apiSuite, code } from '../support/api-suite.ts';
import { onV1, row } from '../support/rows.ts';

interface Written {
  readonly messages: readonly { readonly id: string; readonly kind: string; readonly raw?: unknown }[];
}

describe('copies', () => {
  const suite = apiSuite();
  const answered = async (): Promise<void> => {
    await suite.attach('app.py', NEEDLE);
    await suite.api.query(suite.id, 'What is in the file?');
  };

  row('export', (part) => {
    part('JSON, Markdown, HTML', 'tool calls and reasoning in it; HTML without script', async () => {
      const { api, id } = suite;
      await answered();
      const { messages } = JSON.parse(await api.export(id, { format: 'json' })) as Written;
      const kinds = messages.map(({ kind }) => kind);
      for (const kind of ['prompt', 'thinking', 'toolCall', 'toolResult', 'response'])
        assert.ok(kinds.includes(kind), kind);
      assert.ok(messages.every(({ raw }) => raw !== undefined));
      assert.doesNotMatch(await api.export(id, { format: 'markdown' }), /## Thinking/);
      assert.match(await api.export(id, { format: 'markdownWithMetadata' }), /## Thinking/);
      const html = await api.export(id, { format: 'html' });
      assert.match(html, /default-src 'none'/);
      assert.doesNotMatch(html, /<script/);
    });
    part('import', 'the same JSON comes out again; it can only be read', async () => {
      const { api, id } = suite;
      await answered();
      const json = await api.export(id, { format: 'json' });
      const imported = await api.import(json);
      assert.deepEqual([imported.imported, imported.name], [true, 'Case 7']);
      assert.equal(await api.export(imported.id, { format: 'json' }), json);
      await assert.rejects(api.send(imported.id, 'more'), code('invalidArgument'));
      await assert.rejects(api.import('{}'), code('invalidArgument'));
    });
    part('secrets masked', 'on request', async () => {
      const { api, id } = suite;
      const token = `ghp_${'aB3dE5fG7hJ9'.repeat(3)}`;
      await answered();
      const json = await api.export(id, { format: 'json' });
      const leaky = await api.import(json.replaceAll('What is in the file?', `Is ${token} a token?`));
      for (const format of ['json', 'markdownWithMetadata', 'html'] as const) {
        assert.ok((await api.export(leaky.id, { format })).includes(token), format);
        assert.ok(!(await api.export(leaky.id, { format, maskSecrets: true })).includes(token), format);
      }
    });
    part('chosen messages', 'and no other', async () => {
      const { api, id } = suite;
      await answered();
      const chosen = (await api.messages(id)).filter(({ kind }) => kind === 'response').map((message) => message.id);
      const written = JSON.parse(await api.export(id, { format: 'json', messages: chosen })) as Written;
      assert.deepEqual(
        written.messages.map((message) => message.id),
        chosen,
      );
    });
    part('5,000 messages', 'a session of the service in all forms, and in again', async function () {
      this.timeout(120_000);
      const { api, id } = suite;
      assert.equal((await api.query(id, '/demo long 5000')).statusCode, 200);
      const json = await api.export(id, { format: 'json' });
      const { messages } = JSON.parse(json) as Written;
      const all = await api.messages(id);
      assert.ok(all.length > 5000, String(all.length));
      assert.deepEqual(
        messages.map(({ raw }) => raw),
        all.map(({ raw }) => raw),
      );
      const imported = await api.import(json);
      assert.equal(await api.export(imported.id, { format: 'json' }), json);
      assert.match(await api.export(id, { format: 'markdown' }), /Those were 5,?000 messages/);
      for (const format of ['markdownWithMetadata', 'html'] as const) {
        const text = await api.export(id, { format });
        for (const at of [4, 5000]) assert.ok(text.includes(`Message ${at} of 5000.`), `${format} ${at}`);
      }
    });
  });

  row('fork', (part) => {
    part('fork', 'from 0, inclusive; title; the same files; linked both ways; nothing without the user', async () => {
      const { api, id, answers } = suite;
      await answered();
      await api.query(id, 'A second question');
      const all = await api.messages(id);
      const index = all.findIndex(({ kind }) => kind === 'response');
      await assert.rejects(api.fork(id, all.length), code('invalidArgument'));
      answers.expect(/Send 2 files to Sec-Gemini\?[^]*app\.py[^]*transcript\.md/, 'Send');
      const forked = await api.fork(id, index);
      assert.ok(forked);
      assert.equal(forked.name, 'Forked Session');
      assert.match(forked.description, /transcript of "Case 7" replayed/);
      assert.equal(forked.forkedFrom, id);
      assert.deepEqual((await api.get(id)).forks, [forked.id]);
      assert.deepEqual(forked.attachments.map(({ name }) => name).toSorted(), ['app.py', 'transcript.md']);
      const transcript = forked.attachments.find(({ name }) => name === 'transcript.md');
      const bytes = await api.readAttachment(forked.id, transcript?.id ?? '');
      const text = new TextDecoder().decode(bytes);
      assert.ok(text.includes('What is in the file?') && !text.includes('A second question'), 'up to the message');
      answers.expect(/Send 2 files/, undefined);
      const before = (await api.list()).length;
      assert.equal(await api.fork(id, index, { title: 'Never' }), undefined);
      assert.equal((await api.list()).length, before, 'nothing is left of a fork that was not agreed to');
    });
  });

  row('rewind', (part) => {
    part('rewind', 'the old one is archived (v3) or marked (v1), later files dropped when asked', async () => {
      const { api, id, answers } = suite;
      await suite.attach('early.txt', 'early');
      await api.query(id, 'First');
      const keep = (await api.messages(id)).findLastIndex(({ kind }) => kind === 'response');
      await api.query(id, 'Second');
      await suite.attach('late.txt', 'late');
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
  });
});
