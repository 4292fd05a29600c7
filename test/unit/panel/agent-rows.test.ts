import assert from 'node:assert/strict';
import type { Message, MessageKind } from '../../../src/core/model.ts';
import { RowList } from '../../../src/panel/rows.ts';
import { MESSAGE_KINDS } from '../../fakes/message-kinds.ts';
import { message, prompt } from '../../e2e/panel/support/fake-model.ts';

const say = (kind: MessageKind, content = 'words', change: Partial<Message> = {}): Message =>
  message({ kind, content, render: 'text', ...change });
const TASKS = JSON.stringify({
  title: 'All',
  state: 'executing',
  children: [
    { title: 'One', state: 'executed', children: [] },
    { title: 'Two', state: 'new' },
  ],
});

describe('rows of an agent', () => {
  it('every kind has its place', () => {
    const place = (kind: MessageKind, log: boolean): string => {
      const list = new RowList();
      list.show({ log, reasoning: true });
      const rows = list.update([say(kind, kind === 'taskList' ? TASKS : 'words', { title: 'Name' })]);
      return rows[0]?.kind ?? (list.side === undefined ? 'nowhere' : 'side');
    };
    const quiet = Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, place(kind, false)]));
    assert.deepEqual(quiet, {
      prompt: 'you',
      response: 'agent',
      agentResponse: 'agent',
      thinking: 'thinking',
      toolCall: 'tool',
      toolResult: 'tool',
      info: 'nowhere',
      progress: 'progress',
      source: 'notice',
      error: 'error',
      failure: 'error',
      warning: 'warning',
      notice: 'notice',
      log: 'nowhere',
      debug: 'nowhere',
      confirmationRequest: 'approval',
      confirmationResponse: 'notice',
      clarificationRequest: 'clarification',
      clarificationResponse: 'you',
      taskList: 'side',
      memory: 'side',
      skillLoaded: 'skill',
      sessionName: 'nowhere',
      end: 'nowhere',
      unknown: 'notice',
    });
    assert.deepEqual(
      ['log', 'debug', 'info'].map((kind) => place(kind as MessageKind, true)),
      ['log', 'log', 'log'],
    );
  });

  it('v1’s render types are answers, whatever they travel as', () => {
    const list = new RowList();
    const [row] = list.update([say('info', '[]', { render: 'markdown', mimeType: 'sec-gemini/markdown' })]);
    assert.equal(row?.kind, 'agent');
  });

  it('log and debug come and go with the switch, and everything else stays', () => {
    const list = new RowList();
    const messages = [prompt('x'), say('log'), say('response'), say('debug')];
    assert.equal(list.update(messages).length, 2);
    list.show({ log: true, reasoning: true });
    assert.equal(list.update(messages).length, 4);
    list.show({ log: false, reasoning: true });
    assert.equal(list.update(messages).length, 2);
  });

  it('reasoning comes and goes with its own switch', () => {
    const list = new RowList();
    const messages = [prompt('x'), say('thinking'), say('toolCall'), say('response')];
    const kinds = (): string[] => list.update(messages).map(({ kind }) => kind);
    assert.deepEqual(kinds(), ['you', 'thinking', 'tool', 'agent']);
    list.show({ log: false, reasoning: false });
    assert.deepEqual(kinds(), ['you', 'tool', 'agent']);
    list.show({ log: false, reasoning: true });
    assert.equal(kinds().length, 4);
  });

  it('progress is one line that goes on, until something else is said', () => {
    const list = new RowList();
    const first = say('progress', '1 of 3');
    const messages = [first, say('progress', '2 of 3')];
    assert.deepEqual(
      list.update(messages).map(({ id, content }) => [id, content]),
      [[first.id, '2 of 3']],
    );
    const more = [...messages, say('thinking'), say('progress', '3 of 3')];
    assert.deepEqual(
      list.update(more).map(({ content }) => content),
      ['2 of 3', 'words', '3 of 3'],
    );
    assert.deepEqual(
      list.update(more.slice(0, 1)).map(({ content }) => content),
      ['1 of 3'],
    );
  });

  it('tasks and memory are replaced, not repeated, and go when their messages go', () => {
    const list = new RowList();
    const later = TASKS.replace('"new"', '"executing"');
    const messages = [
      say('taskList', TASKS),
      say('memory', JSON.stringify([{ category: 'facts', items: [{ id: 'm', content: 'Old.' }] }])),
      say('skillLoaded', 'How to', { title: 'triage' }),
      say('skillLoaded', 'Again', { title: 'triage' }),
      say('taskList', later),
      say('memory', JSON.stringify([{ category: 'facts', items: [{ id: 'm', content: 'New.' }] }])),
    ];
    assert.deepEqual(
      list.update(messages).map(({ kind }) => kind),
      ['skill', 'skill'],
    );
    assert.deepEqual(list.side, {
      tasks: [
        { title: 'All', state: 'executing', level: 0 },
        { title: 'One', state: 'executed', level: 1 },
        { title: 'Two', state: 'executing', level: 1 },
      ],
      memory: [{ category: 'facts', items: ['New.'] }],
      skills: ['triage'],
    });
    list.update(messages.slice(0, 2));
    assert.equal(list.side?.tasks[2]?.state, 'new');
    assert.deepEqual(list.side?.memory[0]?.items, ['Old.']);
    list.update([]);
    assert.equal(list.side, undefined);
  });

  it('a list that is none is shown as text, one that is huge is bounded', () => {
    const list = new RowList();
    list.update([say('taskList', 'Do this'), say('memory', 'Know that')]);
    assert.equal(list.side?.tasks[0]?.title, 'Do this');
    assert.deepEqual(list.side?.memory, [{ category: '', items: ['Know that'] }]);
    const wide = { title: 'x', children: Array.from({ length: 5_000 }, () => ({ title: 'y'.repeat(900) })) };
    list.update([say('taskList', JSON.stringify(wide).slice(0, 90_000))]);
    assert.ok((list.side?.tasks.length ?? 999) <= 200);
    let deep: object = { title: 'end' };
    for (let level = 0; level < 500; level += 1) deep = { title: 't', children: [deep] };
    list.update([say('taskList', JSON.stringify(deep))]);
    assert.ok((list.side?.tasks.length ?? 999) < 20);
  });

  it('an answer stands in the card of its request', () => {
    const list = new RowList();
    const [first, second] = list.update([
      say('confirmationRequest', 'May I?', { title: 'scan' }),
      say('confirmationResponse', 'denied', { sender: 'user' }),
      say('confirmationRequest', 'May I now?', { title: 'scan' }),
    ]);
    assert.equal(first?.answer, 'denied');
    assert.equal(second?.answer, undefined);
  });

  it('knows when several agents speak', () => {
    const list = new RowList();
    const one = [say('thinking', 'x', { author: 'Planner' }), say('response', 'x', { author: 'Planner' })];
    list.update([...one, say('notice', 'x', { author: 'system', sender: 'system' })]);
    assert.equal(list.severalAgents, false);
    list.update([...one, say('agentResponse', 'x', { author: 'Runner' })]);
    assert.equal(list.severalAgents, true);
    list.update(one);
    assert.equal(list.severalAgents, false);
  });
});
