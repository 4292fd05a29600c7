import assert from 'node:assert/strict';
import { SessionMemory, TurnReader } from '../../../../src/client/v1/turn.ts';
import type { WireMessage } from '../../../../src/client/v1/wire.ts';
import { endMark, wire } from '../../../fakes/v1-server.ts';

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
