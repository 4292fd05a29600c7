import assert from 'node:assert/strict';
import { askOnce } from '../../../src/core/ask-once.ts';
import {
  allAttachments,
  attachmentWords,
  filesWith,
  linesWith,
  searchTexts,
} from '../../../src/core/attachment-search.ts';
import { branchText, messageNodes, messageRow, messageTree } from '../../../src/core/message-tree.ts';
import { queryDocument } from '../../../src/core/query-document.ts';
import { sessionDetails } from '../../../src/core/session-details.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';

describe('the message tree', () => {
  it('shows every message once, under its parent, with kind, author, time, tokens and words', () => {
    const usage = {
      promptTokens: 1,
      generatedTokens: 1,
      thinkingTokens: 0,
      cachedTokens: 0,
      toolTokens: 0,
      totalTokens: 1234,
    };
    const text = messageTree('Case', [
      message('q', 'prompt', 'What\n  is it?'),
      message('a', 'response', 'A virus', { parentId: 'q', createdAt: 1, usage }),
      message('t', 'toolCall', '{}', { parentId: 'a', title: 'read_file', status: 'error' }),
      message('b', 'response', 'And more', { parentId: 'q' }),
      message('lost', 'info', '\u202e', { parentId: 'nobody' }),
    ]);
    assert.equal(
      text,
      `Messages of: Case (5 messages)

- prompt · fake · "What is it?" · q
  - response · fake · 1970-01-01T00:00:00.001Z · 1,234 tokens · "A virus" · a
    - toolCall · fake · read_file · error · "{}" · t
  - response · fake · "And more" · b
- info · fake · "⟦U+202E⟧" · lost
`,
    );
  });

  it('takes rings, and chains of thousands, without losing one', () => {
    const ring = messageTree('R', [
      message('a', 'info', '', { parentId: 'b' }),
      message('b', 'info', '', { parentId: 'a' }),
      message('self', 'info', '', { parentId: 'self' }),
    ]);
    for (const id of ['a', 'b', 'self']) assert.equal(ring.split(`· ${id}\n`).length, 2, id);
    const chain = Array.from({ length: 5000 }, (_, index) =>
      message(`m${String(index)}`, 'info', '', { parentId: `m${String(index - 1)}` }),
    );
    const lines = messageTree('C', chain).trimEnd().split('\n');
    assert.equal(lines.length, 5002);
    assert.match(lines.at(-1) ?? '', /^ {48}- \(level 4999\) info/);
    assert.equal(messageTree('E', []), 'Messages of: E (0 messages)\n\n');
    const tail = messageNodes([
      message('t', 'info', '', { parentId: 'b' }),
      message('a', 'info', '', { parentId: 'b' }),
      message('b', 'info', '', { parentId: 'a' }),
    ]);
    assert.deepEqual(
      tail.map(({ message: { id }, children }) => [id, children.map((child) => child.message.id)]),
      [['a', ['b']]],
      'the tail of a ring hangs on the ring',
    );
    assert.equal(tail[0]?.children[0]?.children[0]?.message.id, 't');
  });

  it('hangs what names no parent on its prompt, and a result on its call', () => {
    const [first, second, ...others] = messageNodes([
      message('p1', 'prompt', 'one'),
      message('c', 'toolCall', '{}', { title: 'read' }),
      message('r', 'toolResult', 'text', { title: 'read' }),
      message('a', 'response', 'done'),
      message('p2', 'prompt', 'two'),
      message('b', 'response', 'done'),
    ]);
    assert.equal(others.length, 0);
    assert.deepEqual(
      first?.children.map(({ message: { id }, children }) => [id, children.length]),
      [
        ['c', 1],
        ['a', 0],
      ],
    );
    assert.deepEqual(
      second?.children.map(({ message: { id } }) => id),
      ['b'],
    );
  });

  it('has rows with type, agent, time and tokens, safe to show, and text to copy with all below', () => {
    const usage = {
      promptTokens: 1,
      generatedTokens: 1,
      thinkingTokens: 0,
      cachedTokens: 0,
      toolTokens: 0,
      totalTokens: 1234,
    };
    const [root] = messageNodes([
      message('q', 'prompt', 'What\n  is it?\u202e'),
      message('a', 'response', 'A virus', { parentId: 'q', createdAt: 1, usage, author: 'agent' }),
    ]);
    assert.ok(root?.children[0] !== undefined);
    const row = messageRow(root.children[0].message, (at) => `at ${String(at)}`);
    assert.deepEqual(
      [row.id, row.label, row.description],
      ['a', 'Sec-Gemini', 'agent · at 1 · 1,234 tokens · A virus'],
    );
    assert.match(row.tooltip, /^Sec-Gemini · agent · at 1 · 1,234 tokens\n\nA virus$/);
    assert.match(messageRow(root.message, String).description, /What is it\?⟦U\+202E⟧$/);
    assert.equal(
      branchText(root),
      'prompt · fake\nWhat\n  is it?⟦U+202E⟧\n\nresponse · agent · 1970-01-01T00:00:00.001Z · 1,234 tokens\nA virus\n',
    );
  });
});

describe('the details of a session', () => {
  it('tell what is known, and leave out what is not', () => {
    const state = {
      ...initialState(
        sessionInfo('s1', { name: 'Case', attachments: [{ id: 'f', name: 'a\u202e.py', size: 12, sha256: 'ab' }] }),
      ),
      messages: [message('q', 'prompt', 'x'), message('a', 'response', 'y'), message('b', 'response', 'z')],
      local: { feedback: [{ kind: 'feedback', messageId: 'a', score: -1, text: 'no', at: 0, sent: true } as const] },
    };
    const text = sessionDetails(state, [['State', 'working']]);
    assert.match(text, /^Case\n\nSession\n {2}State: working\n/);
    assert.match(text, /Files \(1 file\)\n {2}a⟦U\+202E⟧\.py · 12 bytes · SHA-256 ab\n/);
    assert.match(text, /Messages \(3 loaded so far\)\n {2}response: 2\n {2}prompt: 1\n/);
    assert.match(text, /Bad answer, answer a, sent: no/);
    assert.doesNotMatch(text, /Linked sessions|Not sent yet/);
  });
});

describe('attachments of all sessions', () => {
  it('are listed with where they are, and searched line by line', () => {
    const states = [
      initialState(
        sessionInfo('s1', { name: 'One', attachments: [{ id: 'f', name: 'a.py', size: 5, sha256: 'ab12' }] }),
      ),
      initialState(sessionInfo('s2', { name: 'Two' })),
    ];
    const [found, ...others] = allAttachments(states);
    assert.ok(found !== undefined && others.length === 0);
    assert.deepEqual(attachmentWords(found), { label: 'a.py', description: 'One · 5 bytes', detail: 'SHA-256 ab12' });
    assert.deepEqual(linesWith('x\r\nKey = 1\nkey\rlast KEY', 'key', 2), [
      { line: 2, text: 'Key = 1' },
      { line: 3, text: 'key' },
    ]);
    assert.deepEqual(linesWith('x', '', 2), []);
  });

  it('are found by every word of name, session, type and hash, and by the text of their copies', async () => {
    const files = allAttachments([
      initialState(
        sessionInfo('s1', {
          name: 'Case One',
          attachments: [
            { id: 'f', name: 'a.py', size: 5, sha256: 'ab12', mimeType: 'text/x-python' },
            { id: 'g', name: 'b.bin', size: 5, sha256: 'cd34' },
          ],
        }),
      ),
    ]);
    const names = (query: string) => filesWith(files, query).map(({ attachment }) => attachment.name);
    assert.deepEqual(names(''), ['a.py', 'b.bin']);
    assert.deepEqual(names('CD34'), ['b.bin']);
    assert.deepEqual(names('one python'), ['a.py']);
    assert.deepEqual(names('one nothing'), []);
    const kept: Record<string, readonly string[]> = { ab12: ['first\nneed', 'le here\n'], cd34: ['needle\0'] };
    const found = await searchTexts(
      files,
      'Needle',
      async function* ({ attachment }) {
        for (const part of kept[attachment.sha256 ?? ''] ?? []) yield new TextEncoder().encode(part);
      },
      () => false,
    );
    assert.deepEqual(
      found.hits.map(({ found: { attachment }, hit }) => [attachment.name, hit.line, hit.text]),
      [['a.py', 2, 'needle here']],
    );
    assert.equal(found.missing, 1, 'binary: not searched, and said');
  });
});

describe('one question and its whole answer', () => {
  const manager = async (): Promise<{ client: FakeClient; sessions: SessionManager; id: string }> => {
    const client = new FakeClient();
    let count = 0;
    const sessions = new SessionManager({ newId: () => `id${String((count += 1))}`, now: () => 0 });
    sessions.setClient(client);
    const { id } = await sessions.create();
    return { client, sessions, id };
  };

  it('resolves at the end of its own turn', async () => {
    const { sessions, id } = await manager();
    const first = askOnce(sessions, id, 'one', { promptId: 'p1' });
    const second = askOnce(sessions, id, 'two', { promptId: 'p2' });
    assert.equal((await first).messages.at(-1)?.content, 'Echo: one');
    assert.equal((await second).messages.at(-1)?.content, 'Echo: two');
    sessions.dispose();
  });

  it('rejects what was taken out of the queue, and stops what runs', async () => {
    const { client, sessions, id } = await manager();
    client.script = async function* (_prompt, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield { type: 'turnEnd', outcome: 'stopped' };
    };
    const running = new AbortController();
    const first = askOnce(sessions, id, 'one', { promptId: 'p1', signal: running.signal });
    const queued = new AbortController();
    const second = askOnce(sessions, id, 'two', { promptId: 'p2', signal: queued.signal });
    const refused = assert.rejects(second, { code: 'cancelled' });
    await new Promise(setImmediate);
    queued.abort();
    await refused;
    running.abort();
    assert.equal((await first).turn.outcome, 'stopped');
    assert.deepEqual(client.sent, ['one']);
    sessions.dispose();
  });

  it('is shown with its status, or with what went wrong', () => {
    const result = { messages: [], statusCode: 429, statusMessage: 'Too many', usage: undefined, text: '', unused: [] };
    assert.equal(
      queryDocument('Why?', result),
      'Question: Why?\nStatus: 429 Too many (0 messages)\n\nThere was no answer.\n',
    );
  });
});
