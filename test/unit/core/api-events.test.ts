import assert from 'node:assert/strict';
import { apiMessage, eventsOf, queryResult } from '../../../src/core/api-events.ts';
import type { Message } from '../../../src/core/model.ts';
import { type SessionAction, type SessionState, initialState, reduce } from '../../../src/core/session-state.ts';
import { message, sessionInfo } from '../../fakes/fake-client.ts';

const start = initialState(sessionInfo('s1'));
const prompt = message('q', 'prompt', 'hi');

function after(...actions: SessionAction[]): SessionState {
  return actions.reduce(reduce, start);
}

function types(action: SessionAction): string[] {
  return eventsOf({ sessionId: 's1', action, state: after(action) }, 7).map(({ type }) => type);
}

describe('events of the exported API', () => {
  it('come from every kind of message', () => {
    const of = (kind: Message['kind']): string[] => types({ type: 'message', message: message('m', kind, 'x') });
    assert.deepEqual(of('response'), ['messagePosted', 'messageComplete']);
    assert.deepEqual(of('toolCall'), ['messagePosted', 'toolCall']);
    assert.deepEqual(of('toolResult'), ['messagePosted', 'toolResult']);
    assert.deepEqual(of('thinking'), ['messagePosted', 'thinking']);
    assert.deepEqual(of('source'), ['messagePosted', 'searchResult']);
    assert.deepEqual(of('confirmationRequest'), ['messagePosted', 'approvalRequest']);
    assert.deepEqual(of('unknown'), ['messagePosted']);
    const card = message('local:tool:1', 'confirmationRequest', 'x');
    assert.deepEqual(types({ type: 'message', message: card }), ['messagePosted'], 'the desk tells of it');
  });

  it('come from turns, pieces, states and failures', () => {
    const error = { code: 'rateLimited', message: 'Too fast', action: 'Wait.' } as const;
    assert.deepEqual(types({ type: 'turnStart', prompt }), ['messagePosted', 'streaming']);
    assert.deepEqual(types({ type: 'piece', message: message('m', 'response', ''), text: 'Hal' }), ['messageDelta']);
    assert.deepEqual(types({ type: 'status', status: 'paused' }), ['participantStatus']);
    assert.deepEqual(types({ type: 'history', messages: [prompt] }), ['messagesPosted']);
    assert.deepEqual(types({ type: 'turnEnd', outcome: 'failed', error }), ['error', 'streaming']);
    const refused = { ...error, code: 'unauthenticated' } as const;
    // The connection asks for the key, once, whatever stumbled over it.
    assert.deepEqual(types({ type: 'turnEnd', outcome: 'failed', error: refused }), ['error', 'streaming']);
    assert.deepEqual(types({ type: 'draft', text: 'what the user types is not told' }), []);
    assert.deepEqual(types({ type: 'seen' }), []);
  });

  it('hand out copies: a caller cannot change what is shown', () => {
    const raw = { inner: { words: 'as it came' } };
    const copy = apiMessage(message('m', 'response', 'x', { raw, status: 'interrupted' }));
    assert.equal(copy.status, 'error');
    (copy.raw as typeof raw).inner.words = 'changed';
    assert.equal(raw.inner.words, 'as it came');
  });
});

describe('the result of a query', () => {
  const answer = message('a', 'response', 'Yes.');
  const usage = {
    promptTokens: 1,
    generatedTokens: 2,
    thinkingTokens: 0,
    cachedTokens: 0,
    toolTokens: 0,
    totalTokens: 3,
  };

  it('is what stands behind the last prompt, with status, usage and text', () => {
    const state = after(
      { type: 'history', messages: [message('q0', 'prompt', 'before'), message('a0', 'response', 'old')] },
      { type: 'turnStart', prompt },
      { type: 'message', message: message('t', 'thinking', 'hm') },
      { type: 'message', message: { ...answer, usage } },
      { type: 'notice', text: 'a line of this machine' },
      { type: 'turnEnd', outcome: 'completed' },
    );
    const result = queryResult(state);
    assert.deepEqual(
      result.messages.map(({ id }) => id),
      ['t', 'a'],
    );
    assert.deepEqual([result.statusCode, result.statusMessage, result.text], [200, 'OK', 'Yes.']);
    assert.equal(result.usage?.totalTokens, 3);
  });

  it('names what went wrong by its code', () => {
    const ended = (action: SessionAction): [number, string] => {
      const { statusCode, statusMessage } = queryResult(after({ type: 'turnStart', prompt }, action));
      return [statusCode, statusMessage];
    };
    const error = (code: 'unauthenticated' | 'expired' | 'rateLimited' | 'invalidArgument' | 'protocol') =>
      ended({ type: 'turnEnd', outcome: 'failed', error: { code, message: 'Why', action: '' } });
    assert.deepEqual(error('unauthenticated'), [401, 'Why']);
    assert.deepEqual(error('expired'), [404, 'Why']);
    assert.deepEqual(error('rateLimited'), [429, 'Why']);
    assert.deepEqual(error('invalidArgument'), [400, 'Why']);
    assert.deepEqual(error('protocol'), [500, 'Why']);
    assert.deepEqual(ended({ type: 'turnEnd', outcome: 'waiting' }), [202, 'waiting']);
    assert.deepEqual(ended({ type: 'turnEnd', outcome: 'stopped' }), [499, 'stopped']);
    assert.deepEqual(ended({ type: 'turnEnd', outcome: 'interrupted' }), [503, 'interrupted']);
  });
});
