import assert from 'node:assert/strict';
import type { SecGeminiError } from '../../../src/core/errors.ts';
import type { Attachment } from '../../../src/core/model.ts';
import { forkNotice, messageIndexOf, planFork, replayOf, transcriptOf } from '../../../src/core/session-fork.ts';
import { type SessionState, initialState } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

const file = (id: string, sha256?: string): Attachment => ({
  id,
  name: `${id}.txt`,
  size: 1,
  ...(sha256 === undefined ? {} : { sha256 }),
});

const state: SessionState = {
  ...initialState(sessionInfo('s1', { name: 'Case 7' })),
  messages: [
    message('q1', 'prompt', 'first question'),
    message('local:notice:1:q1', 'notice', 'a line of this machine'),
    message('t1', 'toolCall', '{"path":"a"}', { title: 'read_file' }),
    message('a1', 'response', 'first answer'),
    message('q2', 'prompt', 'second question'),
    message('a2', 'response', 'second answer'),
  ],
  attachments: [file('early', 'aa'), file('late', 'bb'), file('elsewhere')],
  local: { attachedAfter: { early: '', late: 'q2' } },
};
const isKept = ({ sha256 }: Attachment): boolean => sha256 !== undefined;

describe('a fork', () => {
  it('counts the messages of the service from 0, inclusive', () => {
    assert.deepEqual(
      transcriptOf(state).map(({ id }) => id),
      ['q1', 't1', 'a1', 'q2', 'a2'],
    );
    assert.deepEqual(
      planFork(state, 0, { isKept }).messages.map(({ id }) => id),
      ['q1'],
    );
    assert.equal(planFork(state, 2, { isKept }).lastMessageId, 'a1');
    assert.equal(planFork(state, 4, { isKept }).messages.length, 5);
    assert.equal(messageIndexOf(state, 'a1'), 2);
    for (const index of [5, -2, 1.5, Number.NaN])
      assert.throws(
        () => planFork(state, index, { isKept }),
        (error: SecGeminiError) => {
          assert.equal(error.code, 'invalidArgument');
          assert.match(error.action, /last one is 4/);
          return true;
        },
      );
    assert.throws(() => messageIndexOf(state, 'local:notice:1:q1'), /not part of the conversation/);
  });

  it('takes all files whose bytes are here, and names those that are not', () => {
    const plan = planFork(state, 2, { isKept });
    assert.deepEqual(
      [plan.files, plan.missing, plan.dropped].map((files) => files.map(({ id }) => id)),
      [['early', 'late'], ['elsewhere'], []],
    );
    const notice = forkNotice('Case 7', plan, 2);
    assert.match(notice, /New session with the transcript replayed/);
    assert.match(notice, /not on this machine: elsewhere\.txt/);
  });

  it('replays what was said up to there, what tools said included, and nothing after', () => {
    const text = replayOf(state, planFork(state, 2, { isKept }), 0);
    for (const part of ['first question', 'first answer', 'read\\_file', '"path":"a"', 'Case 7'])
      assert.ok(text.includes(part), part);
    for (const part of ['second', 'a line of this machine']) assert.ok(!text.includes(part), part);
  });
});

describe('a rewind', () => {
  it('leaves out what was attached after the last kept message, when asked', () => {
    const plan = planFork(state, 2, { isKept, cleanUpMedia: true });
    assert.deepEqual(
      plan.files.map(({ id }) => id),
      ['early'],
    );
    assert.deepEqual(
      plan.dropped.map(({ id }) => id),
      ['late'],
    );
    assert.deepEqual(planFork(state, 3, { isKept, cleanUpMedia: true }).dropped, []);
  });

  it('replays nothing when only the name of the session is before it', () => {
    const named = { ...state, messages: [message('n', 'sessionName', 'Case 7'), ...state.messages] };
    assert.equal(planFork(named, 0, { isKept }).replays, false);
    assert.equal(planFork(named, 1, { isKept }).replays, true);
  });

  it('may go before the first message', () => {
    const plan = planFork(state, -1, { isKept, cleanUpMedia: true });
    assert.deepEqual(plan.messages, []);
    assert.deepEqual(
      plan.dropped.map(({ id }) => id),
      ['late'],
    );
    assert.match(forkNotice('Case 7', plan, -1), /nothing of its conversation was kept/);
  });
});
