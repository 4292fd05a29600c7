import assert from 'node:assert/strict';
import { linesOf, makeAnchor } from '../../../src/core/anchor.ts';
import type { Message, SessionInfo } from '../../../src/core/model.ts';
import { initialState, reduce, type SessionState } from '../../../src/core/session-state.ts';
import { placedQuestion, problemQuestion, questionOf, reference, verdictOf } from '../../../src/core/thread-prompt.ts';
import { threadRow } from '../../../src/core/thread-row.ts';
import { threadMarkdown, threadView } from '../../../src/core/thread-view.ts';
import { type CodeThread, Threads, textHash } from '../../../src/core/threads.ts';

const anchor = makeAnchor('file:///ws/app.py', linesOf(['a = 1', 'b = 2', 'c = 3']), { first: 2, last: 3 });
const QUESTION = placedQuestion('app.py:2-3', 'app.py:2-3', 'Is this exploitable?');

function thread(id: string, patch: Partial<CodeThread> = {}): CodeThread {
  return {
    id,
    title: 'Is this exploitable?',
    asked: anchor,
    anchor,
    place: { first: 2, last: 3, confidence: 'exact' },
    sessionId: 's',
    prompts: [{ id: 'p1', sessionId: 's', text: textHash(QUESTION), reference: 'app.py:2-3' }],
    isResolved: false,
    createdAt: 1,
    ...patch,
  };
}

function message(id: string, kind: Message['kind'], content: string, status: Message['status'] = 'complete'): Message {
  return {
    id,
    sessionId: 's',
    kind,
    sender: kind === 'prompt' ? 'user' : 'agent',
    author: '',
    title: '',
    content,
    render: 'markdown',
    mimeType: 'text/markdown',
    status,
    createdAt: 5,
  };
}

const info: SessionInfo = {
  id: 's',
  protocol: 'v1',
  name: 'Session',
  description: '',
  status: 'idle',
  createdAt: 1,
  updatedAt: 1,
};
const session = (...messages: Message[]): SessionState => ({ ...initialState(info), history: 'loaded', messages });

describe('threads at code', () => {
  it('show their own questions and what followed each, not the rest of the session', () => {
    const state = session(
      message('p0', 'prompt', 'something else'),
      message('a0', 'response', 'another answer'),
      message('p1', 'prompt', QUESTION),
      message('t1', 'thinking', 'hm'),
      message('c1', 'toolCall', '{}'),
      message('a1', 'response', '**Verdict:** exploitable\n\n```py\nx = 1\n```'),
      message('p2', 'prompt', 'and in the panel'),
      message('a2', 'response', 'later'),
    );
    const { entries, isWorking, verdict } = threadView(thread('t'), () => state);
    assert.deepEqual(
      entries.map(({ author, text, label, codes }) => [author, text.slice(0, 20), label, codes]),
      [
        ['You', 'Is this exploitable?', '', 0],
        ['Sec-Gemini', '**Verdict:** exploit', 'after 2 steps, see the panel', 1],
      ],
    );
    assert.equal(isWorking, false);
    assert.equal(verdict, 'exploitable');
  });

  it('find a question again whose id the service changed: by the stream, or after a reload by its words', () => {
    const threads = new Threads();
    threads.add(thread('t'));
    const echoed = message('service-7', 'prompt', QUESTION);
    threads.follow({
      sessionId: 's',
      action: { type: 'message', message: echoed, replaces: 'p1' },
      state: session(echoed),
    });
    assert.equal(threads.get('t')?.prompts[0]?.id, 'service-7');
    const state = session(message('other', 'prompt', `${QUESTION}\r\n`), message('a', 'response', 'found'));
    assert.equal(threadView(thread('t'), () => state).entries.at(-1)?.text, 'found');
    threads.dispose();
  });

  it('say what is not here, what waits and what did not leave', () => {
    const words = (state: SessionState | undefined, patch: Partial<CodeThread> = {}): string[] =>
      threadView(thread('t', patch), () => state).entries.map(
        ({ author, label, text }) => `${author}|${label}|${text}`,
      );
    assert.match(words(undefined).join(), /Connect to see the conversation/);
    assert.match(words(session()).join(), /no longer part/);
    const queued = { ...session(), queue: [{ id: 'p1', text: QUESTION }] };
    assert.deepEqual(words(queued), ['You|waits for the running answer|Is this exploitable?']);
    const asked = session(message('p1', 'prompt', QUESTION));
    const working = reduce(asked, { type: 'turnResume' });
    assert.deepEqual(words(working).at(-1), 'Sec-Gemini||Working…');
    assert.deepEqual(words(asked, { unsent: 'more' }).at(-1), 'You|not sent|more');
  });

  it('are bounded, resolved ones go first', () => {
    const threads = new Threads();
    for (let index = 0; index < 205; index += 1) threads.add(thread(`t${index}`, { isResolved: index > 200 }));
    assert.equal(threads.all().length, 200);
    assert.ok(threads.get('t0') === undefined && threads.get('t204') !== undefined);
    assert.ok(threads.get('t201') === undefined);
    threads.dispose();
  });

  it('tell listeners only when something changed', () => {
    const threads = new Threads();
    const heard: string[] = [];
    threads.onDidChange((id) => heard.push(id));
    threads.add(thread('t'));
    threads.update('t', { isResolved: false });
    threads.update('gone', { isResolved: true });
    threads.update('t', { isResolved: true });
    assert.deepEqual(heard, ['t', 't']);
    threads.dispose();
  });

  it('are named by the place of their questions, rows and files say what became of the code', () => {
    const threads = new Threads();
    threads.add(thread('t'));
    assert.equal(threads.named('app.py:2-3')?.id, 't');
    assert.equal(threads.named('app.py:9'), undefined);
    threads.dispose();
    const moved = thread('t', { place: { first: 12, last: 13, confidence: 'moved' }, verdict: 'exploitable' });
    assert.equal(
      threadRow(moved, 'src/app.py').accessibleLabel,
      'Thread Is this exploitable?, exploitable, app.py:12-13, moved from lines 2-3',
    );
    const view = threadView(moved, () => session(message('p1', 'prompt', QUESTION), message('a', 'response', 'No.')));
    assert.match(
      threadMarkdown(moved, 'src/app.py', view),
      /Place: `src\/app\.py:12-13` \(moved from lines 2-3\)[\s\S]*## Sec-Gemini\n\nNo\./,
    );
    const lost = thread('t', { place: { first: 2, last: 2, confidence: 'lost' } });
    assert.match(threadRow(lost, 'app.py').description, /lost: the code is gone/);
  });
});

describe('questions at code', () => {
  it('name the place first, and give the question back', () => {
    assert.equal(reference('a/b.py', { first: 4, last: 4 }), 'a/b.py:4');
    const prompt = placedQuestion('a/b.py:4-6', 'b.py:4-6', 'Why?\n\nReally?');
    assert.equal(prompt, 'In `a/b.py:4-6` (attached as `b.py:4-6`):\n\nWhy?\n\nReally?');
    assert.equal(questionOf(prompt), 'Why?\n\nReally?');
    assert.equal(questionOf('In `x`, why?'), 'In `x`, why?');
  });

  it('about a problem carry tool, rule, message and flow', () => {
    const text = problemQuestion('exploitable', {
      source: 'CodeQL',
      rule: 'py/sql-injection',
      severity: 'error',
      message: 'Depends on a user-provided value.',
      line: 7,
      steps: [
        { reference: 'app.py:3', message: 'source' },
        { reference: 'db.py:9', message: 'sink' },
      ],
    });
    assert.match(text, /^CodeQL reports `py\/sql-injection` \(error\) on line 7: Depends on/);
    assert.match(text, /1\. `app\.py:3`: source\n2\. `db\.py:9`: sink/);
    assert.match(text, /Is this exploitable\? Begin with one line "Verdict: exploitable"/);
  });

  it('get their verdict from a line of its own only', () => {
    assert.equal(verdictOf('Intro\n\n**Verdict:** not exploitable\n\nmore'), 'not exploitable');
    assert.equal(verdictOf('> Verdict: cannot tell'), 'cannot tell');
    assert.equal(verdictOf('My verdict: maybe; it depends'), undefined);
    assert.equal(verdictOf(`Verdict: ${'x'.repeat(500)}`)?.length, 60);
  });
});
