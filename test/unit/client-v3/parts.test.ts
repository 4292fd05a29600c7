/** The small parts: framing, memory, names of files, and when a turn ends. */

import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import { FrameReader, frame } from '../../../src/client/v3/frames.ts';
import { JobStatus, MessageSchema, MessageType } from '../../../src/client/v3/gen/api_hub_pb.js';
import { MessageMemory } from '../../../src/client/v3/memory.ts';
import { TurnReader } from '../../../src/client/v3/turn.ts';
import { uploadName } from '../../../src/client/v3/upload.ts';

describe('client v3: frames', () => {
  const read = (chunks: readonly Uint8Array[], limit = 1_000) => {
    const seen: string[] = [];
    const reader = new FrameReader(limit, {
      message: (payload, compressed) =>
        void seen.push(`${compressed ? 'z' : ''}${Buffer.from(payload).toString('latin1')}`),
      oversize: (length) => void seen.push(`>${length}`),
    });
    const fine = chunks.every((chunk) => reader.push(chunk));
    return { seen, fine, reader };
  };

  it('gives the same messages at any cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.nat(60), { maxLength: 30 }),
        (texts, cuts) => {
          const bytes = Buffer.concat(texts.map((text) => frame(Buffer.from(text, 'latin1'))));
          const chunks: Uint8Array[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          chunks.push(bytes.subarray(Math.min(at, bytes.length)));
          const { seen, fine, reader } = read(chunks);
          assert.ok(fine && !reader.partial);
          assert.deepEqual(
            seen,
            texts.map((text) => Buffer.from(text, 'latin1').toString('latin1')),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('skips what is too large at any cut, and reads on behind it', () => {
    const bytes = Buffer.concat([frame(Buffer.from('a')), frame(Buffer.alloc(50)), frame(Buffer.from('b'))]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      const { seen, fine, reader } = read(chunks, 49);
      assert.deepEqual([seen, fine, reader.skipping], [['a', '>50', 'b'], true, false], `cut ${size}`);
    }
  });

  it('refuses bytes that are no frames', () => {
    assert.equal(read([Buffer.from('HTTP/1.1')]).fine, false);
  });
});

describe('client v3: memory', () => {
  it('forgets the oldest, but nothing that is held', () => {
    const memory = new MessageMemory(4);
    memory.hold(['shown']);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'shown']) memory.add(id);
    assert.deepEqual(
      ['shown', 'a', 'b', 'c', 'd', 'e'].map((id) => memory.has(id)),
      [true, false, false, true, true, true],
    );
    assert.equal(memory.add('d'), false);
    assert.equal(memory.add('shown'), false);
    for (let index = 0; index < 1_000; index += 1) memory.add(`x${index}`);
    assert.ok(memory.has('shown') && memory.size <= 5);
  });
});

describe('client v3: names of files', () => {
  it('keeps the last part, without control characters, within 255 bytes', () => {
    assert.equal(uploadName('/srv/x/../a b.txt'), 'a b.txt');
    assert.equal(uploadName('C:\\x\\a.txt'), 'a.txt');
    assert.equal(uploadName('a\r\nb\u0000.txt'), 'ab.txt');
    assert.ok(Buffer.byteLength(uploadName('🔒'.repeat(200))) <= 255);
    for (const bad of ['', '/', '..', 'a/.', '\u0001']) assert.throws(() => uploadName(bad), /no name/);
  });
});

describe('client v3: turn', () => {
  const R = MessageType.RESPONSE;
  const start = (): TurnReader => {
    const turn = new TurnReader({ sessionId: 's', prompt: { id: 'p', text: 'hello ', notBefore: 0 } });
    turn.accept();
    turn.message(create(MessageSchema, { id: 'e', messageType: MessageType.PROMPT, content: 'hello' }));
    turn.state(JobStatus.RUNNING);
    return turn;
  };
  const say = (turn: TurnReader, messageType: MessageType, more: object = {}) =>
    turn.message(create(MessageSchema, { id: Math.random().toString(), messageType, ...more }));

  it('ends when both came, in either order', () => {
    const first = start();
    assert.equal(first.missing, 'progress');
    say(first, R);
    assert.equal(first.missing, 'status');
    first.state(JobStatus.COMPLETED);
    assert.deepEqual([first.missing, first.ending.outcome], [undefined, 'completed']);
    const second = start();
    second.state(JobStatus.COMPLETED);
    assert.equal(second.missing, 'message');
    say(second, R);
    assert.deepEqual([second.missing, second.ending.outcome], ['lastWord', 'completed']);
  });

  it('does not end with what was before the prompt', () => {
    const turn = new TurnReader({ sessionId: 's', prompt: { id: 'p', text: 'hello', notBefore: 100 } });
    turn.state(JobStatus.COMPLETED);
    say(turn, MessageType.PROMPT, { content: 'hello', timestamp: 99 });
    say(turn, R, { timestamp: 99 });
    assert.deepEqual([turn.missing, turn.begun, turn.echoed], ['progress', false, false]);
    const [echo] = say(turn, MessageType.PROMPT, { content: 'hello', timestamp: 101 });
    assert.ok(echo?.type === 'message' && echo.replaces === 'p');
    assert.deepEqual([turn.missing, turn.begun], ['progress', true]);
  });

  it('goes on over follow-ups', () => {
    for (const more of [{ title: 'Self-Critique Follow-Up' }, { content: "Starting phase 'session_review'" }]) {
      const turn = start();
      say(turn, R);
      say(turn, MessageType.THOUGHT, more);
      assert.equal(turn.missing, 'progress');
      say(turn, MessageType.THOUGHT, { title: 'Session Review: Passed' });
      assert.equal(turn.missing, 'status');
    }
    const again = start();
    say(again, R);
    say(again, MessageType.PROMPT, { content: 'an agent asks itself' });
    assert.equal(again.missing, 'progress');
  });

  it('hands over when asked, in either order', () => {
    const turn = start();
    turn.state(JobStatus.WAITING_FOR_TOOL_CONFIRMATION);
    assert.equal(turn.missing, 'question');
    say(turn, MessageType.TOOL_CONFIRMATION_REQUEST);
    assert.deepEqual([turn.missing, turn.ending.outcome], [undefined, 'waiting']);
    const other = start();
    say(other, MessageType.CLARIFICATION_REQUEST);
    other.state(JobStatus.WAITING_FOR_CLARIFICATION);
    assert.equal(other.missing, undefined);
  });

  it('ends a cancelled turn by the state alone, a failed one with its words', () => {
    const cancelled = start();
    cancelled.state(JobStatus.CANCELED);
    assert.deepEqual([cancelled.missing, cancelled.ending.outcome], ['lastWord', 'stopped']);
    const failed = start();
    say(failed, MessageType.FAILURE, { content: 'no luck' });
    failed.state(JobStatus.MAX_ATTEMPTS_EXCEEDED);
    assert.deepEqual(
      [failed.missing, failed.ending.outcome, failed.ending.error?.message],
      [undefined, 'failed', 'no luck'],
    );
    const silent = start();
    silent.state(JobStatus.FAILED);
    assert.equal(silent.ending.error?.message, 'The job failed.');
  });

  it('is not led astray by states of the future, and names each once', () => {
    const turn = start();
    const notices = [55, 55, 56].flatMap((status) => turn.state(status)).filter((event) => event.type === 'notice');
    assert.equal(notices.length, 2);
    assert.equal(turn.missing, 'progress');
  });

  it('never throws and never ends twice, whatever comes', () => {
    const step = fc.oneof(
      fc.record({ status: fc.integer({ min: -1, max: 60 }) }),
      fc.record({
        type: fc.integer({ min: 0, max: 40 }),
        title: fc.constantFrom('', 'Self-Reflection: Passed', 'Self-Reflection Follow-Up'),
        content: fc.string(),
      }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const turn = start();
        for (const at of steps) {
          const events =
            'status' in at ? turn.state(at.status) : say(turn, at.type, { title: at.title, content: at.content });
          assert.ok(Array.isArray(events) && !events.some((event) => event.type === 'turnEnd'));
          assert.ok(turn.missing === undefined || turn.missing.length > 0);
          assert.ok(turn.ending.outcome.length > 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
