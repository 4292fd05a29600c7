import assert from 'node:assert/strict';
import { SessionMemory, TurnReader, foldHistory } from '../../../../src/client/v1/turn.ts';
import type { WireMessage } from '../../../../src/client/v1/wire.ts';
import { endMark, piece, wire } from '../../../fakes/v1-server.ts';

const as = (message: unknown): WireMessage => message as WireMessage;

describe('an end that is said once more', () => {
  it('ends no other turn, when this client has seen it before', () => {
    const memory = new SessionMemory();
    const first = new TurnReader({ sessionId: 's', promptId: 'q1', memory });
    const end = as(endMark({ parent_id: 'q1' }));
    assert.equal(first.read(end).ended?.outcome, 'completed');
    const second = new TurnReader({ sessionId: 's', promptId: 'q2', memory });
    const step = second.read(end);
    assert.equal(step.ended, undefined);
    assert.equal(step.ours, false);
  });

  it('ends no other turn, when only the history of before knows it (after a reload)', () => {
    const end = as(endMark({ parent_id: 'q1' }));
    const reader = new TurnReader({ sessionId: 's', promptId: 'q2', memory: new SessionMemory() });
    const history = [as(wire('query', 'first', { id: 'q1' })), end];
    assert.equal(reader.readHistory(history).found, false);
    assert.equal(reader.read(end).ended, undefined);
  });

  it('ends its own turn, however often it comes', () => {
    const reader = new TurnReader({ sessionId: 's', promptId: 'q1', memory: new SessionMemory() });
    const end = as(endMark({ parent_id: 'q1' }));
    assert.equal(reader.read(end).ended?.outcome, 'completed');
    assert.equal(reader.read(end).ended?.outcome, 'completed');
  });
});

describe('an id that stands for two messages', () => {
  const contents = (reader: TurnReader, messages: readonly unknown[]): string[] =>
    messages
      .flatMap((message) => reader.read(as(message)).events)
      .flatMap((event) => (event.type === 'message' ? [`${event.message.id} ${event.message.content}`] : []));

  it('loses neither where their types differ, shows a repeated one once, and names them as the history does', () => {
    const query = wire('query', 'q', { id: 'q1' });
    const thought = wire('thinking', 'thought', { id: 'same' });
    const result = wire('result', 'answer', { id: 'same' });
    const reader = new TurnReader({ sessionId: 's', promptId: 'q1', memory: new SessionMemory() });
    assert.deepEqual(contents(reader, [thought, result, thought, result]), ['same thought', 'same~result answer']);
    assert.deepEqual(reader.readHistory([query, thought, result].map(as)).events, []);
    assert.deepEqual(
      foldHistory([query, thought, result].map(as), 's').map(({ id }) => id),
      ['q1', 'same', 'same~result'],
    );
  });

  it('knows an update, and the whole of pieces, as what they are', () => {
    const reader = new TurnReader({ sessionId: 's', promptId: 'q1', memory: new SessionMemory() });
    const result = wire('result', 'one', { id: 'r' });
    const update = wire('update', 'two', { id: 'r' });
    assert.deepEqual(contents(reader, [piece('o', { id: 'r' }), result, update, result]), ['r one', 'r two']);
  });
});
