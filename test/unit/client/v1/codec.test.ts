import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { FRAME_LIMITS, parseJson } from '../../../../src/client/json.ts';
import {
  decodeFrame,
  decodeMessage,
  drawn,
  isBase64,
  statusError,
  toAccount,
  toAttachments,
  toMessage,
  toSessionInfo,
} from '../../../../src/client/v1/codec.ts';
import { SessionMemory, TurnReader, foldHistory } from '../../../../src/client/v1/turn.ts';
import { sessionSchema, userInfoSchema } from '../../../../src/client/v1/wire.ts';
import { SecGeminiError, isSecGeminiError } from '../../../../src/core/errors.ts';
import type { RenderAs } from '../../../../src/core/model.ts';
import { initialState, isLocal, reduce } from '../../../../src/core/session-state.ts';
import { frameText, messageLike, seed } from '../../../fakes/v1-arbitraries.ts';
import { endMark, piece, wire } from '../../../fakes/v1-server.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').toString('base64');

describe('v1 codec', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  const message = (fields: Record<string, unknown>) => toMessage(decodeMessage(wire('info', '', fields)), 's');

  it('takes no message of the service for a note of this machine', () => {
    assert.equal(message({ id: 'local:tool:1' }).id, 'wire:local:tool:1');
    const folded = foldHistory([decodeMessage(wire('result', 'x', { id: 'local:1' }))], 's');
    assert.ok(!folded.some(isLocal));
  });

  it('gives a message without an id one that is the same each time, and only such a message', () => {
    const of = (fields: Record<string, unknown>): string => decodeMessage({ ...wire('info', 'x'), ...fields }).id;
    const plain = { id: undefined, created_at: 5, content: 'one' };
    assert.equal(of(plain), of({ ...plain, id: null }));
    assert.notEqual(of(plain), of({ ...plain, content: 'two' }));
    assert.notEqual(of(plain), of({ ...plain, created_at: 6 }));
    assert.equal(of({ id: 'own' }), 'own');
    // Without an id they mean nothing.
    for (const message_type of ['update', 'delete']) assert.throws(() => of({ id: undefined, message_type }));
  });

  it('draws by mime type; a RESULT of text/plain is Markdown', () => {
    const cases: [string, string | null, string, RenderAs, string?][] = [
      ['result', 'text/plain', '# hi', 'markdown'],
      ['result', null, '# hi', 'markdown'],
      ['update', 'text/plain', '# hi', 'markdown'],
      ['thinking', 'text/plain', '# hi', 'text'],
      ['result', 'text/markdown', 'x', 'markdown'],
      ['result', 'text/html', '<b>', 'html'],
      ['result', 'application/json', '{}', 'json'],
      ['result', 'text/serialized-json', '{}', 'json'],
      ['result', 'text/python', 'x', 'code'],
      ['result', 'image/png', PNG, 'image'],
      ['result', 'image/png', 'no base64!', 'unknown'],
      ['result', 'image/svg+xml', PNG, 'unknown'],
      ['result', 'application/pdf', 'JVBERi0=', 'unknown'],
      ['result', 'sec-gemini/graph', 'x', 'graph'],
      ['result', 'sec-gemini/timeline', 'x', 'timeline'],
      ['result', 'sec-gemini/table', 'x', 'table'],
      ['result', 'sec-gemini/code', 'x', 'code'],
      ['result', 'sec-gemini/markdown', 'x', 'markdown'],
      ['result', 'sec-gemini/json', 'x', 'json'],
      ['result', 'sec-gemini/html', 'x', 'html'],
      ['result', 'sec-gemini/canvas', 'x', 'canvas'],
      ['result', 'sec-gemini/image', PNG, 'image', PNG],
      ['result', 'sec-gemini/image', `data:image/png;base64,${PNG}`, 'image', PNG],
      ['result', 'sec-gemini/image', '{"some":"shape"}', 'text'],
      ['result', 'sec-gemini/hologram', 'x', 'unknown'],
      ['result', 'TEXT/HTML; charset=utf-8', 'x', 'html'],
    ];
    for (const [message_type, mime_type, content, render, expected = content] of cases) {
      const result = drawn({ message_type, mime_type, content });
      assert.deepEqual([result.render, result.content], [render, expected], `${message_type} ${mime_type}`);
    }
    assert.equal(isBase64('aGk='), true);
    for (const text of ['', 'aGk', 'aG k=', 'aGk=aGk=', '=aaa']) assert.equal(isBase64(text), false, text);
  });

  it('maps kinds; tool calls by our convention; unknown ones stay', () => {
    assert.equal(message({ message_type: 'query', role: 'user' }).kind, 'prompt');
    assert.equal(message({ state: 'end' }).kind, 'end');
    assert.equal(message({ state: 'calling_tool', title: 'grep', content: '{}' }).kind, 'toolCall');
    assert.equal(message({ state: 'tool_result' }).kind, 'toolResult');
    assert.equal(message({ message_type: 'error' }).kind, 'error');
    assert.equal(message({ message_type: 'error', status_code: 500 }).kind, 'failure');
    assert.equal(message({ message_type: 'constructor' }).kind, 'unknown');
    assert.equal(message({ state: 'retriving' }).activity, 'retrieving');
    assert.equal(message({ turn: '7' }).turn, 7);
    assert.equal(message({ turn: 'abc' }).turn, undefined);
    assert.equal(message({ parent_id: '3713' }).parentId, undefined);
  });

  it('maps statuses to codes with a sentence each', () => {
    for (const [status, text, code] of [
      [401, '', 'unauthenticated'],
      [403, '', 'permissionDenied'],
      [404, 'Session not found', 'notFound'],
      [404, 'Session expired', 'expired'],
      [410, '', 'expired'],
      [500, 'Session not found', 'notFound'],
      [413, '', 'tooLarge'],
      [422, '', 'invalidArgument'],
      [429, '', 'rateLimited'],
      [503, '', 'unavailable'],
      [504, '', 'timeout'],
      [299, '', 'protocol'],
    ] as const) {
      const error = statusError(status, text || 'x', text);
      assert.equal(error.code, code, String(status));
      assert.match(error.action, /\.$/);
    }
  });

  it('both spellings of usage are read', () => {
    const usage = message({
      usage: { prompt_tokens: 1, generated_tokens: 2, cached_total_tokens: 3, thoughts_total_tokens: 4 },
    }).usage;
    assert.deepEqual(usage, {
      promptTokens: 1,
      generatedTokens: 2,
      thinkingTokens: 4,
      cachedTokens: 3,
      toolTokens: 0,
      totalTokens: 3,
    });
  });

  it('a session: dates, expiry, files by hash and occurrence, unreadable ones keep their place', () => {
    const sha = 'A'.repeat(64);
    const info = toSessionInfo(
      sessionSchema.parse({
        id: 's',
        ttl: 300,
        update_time: 100.5,
        create_time: 1,
        can_log: false,
        name: null,
        future: { kept: true },
        messages: [wire('query', 'x')],
        files: [{ name: 'a', sha256: sha }, 'nonsense', { name: 'a', sha256: sha }],
      }),
    );
    assert.equal(info.expiresAt, 100_500 + 300_000);
    assert.equal(info.logging, false);
    assert.equal(info.status, 'running');
    assert.deepEqual((info.raw as { future: unknown }).future, { kept: true });
    const lower = sha.toLowerCase();
    assert.deepEqual(
      info.attachments?.map((file) => file.id),
      [`${lower}:0:a`, '-:0:(unreadable)', `${lower}:1:a`],
    );
    assert.deepEqual(toAttachments(null), []);
  });

  it('an account: key expiry in milliseconds, zero means never and unlimited', () => {
    const account = toAccount(
      userInfoSchema.parse({
        user: { id: 'u', key_expire_time: 2_000_000_000, tpm: 0, rpm: 5 },
        available_models: [{ model_string: 'm', use_experimental: true }],
      }),
    );
    assert.equal(account.keyExpiresAt, 2_000_000_000_000);
    assert.equal(account.tokensPerMinute, undefined);
    assert.equal(account.requestsPerMinute, 5);
    assert.deepEqual(account.models, [{ name: 'm', version: '', description: '', experimental: true }]);
    assert.equal(toAccount(userInfoSchema.parse({ user: { id: 'u', key_expire_time: 0 } })).keyExpiresAt, undefined);
  });

  it('history is folded: pieces, updates, deletes, tool calls', () => {
    const first = wire('result', 'draft');
    const gone = wire('thinking', 'gone');
    const folded = foldHistory(
      [
        wire('query', 'q', { role: 'user' }),
        first,
        gone,
        wire('update', 'final', { id: first.id }),
        wire('delete', '', { id: gone.id }),
        piece('whole', { group: 'x' }),
        piece(' text', { group: 'x' }),
        wire('result', 'whole text', { group: 'x' }),
        wire('local_tool_call', '{}'),
        endMark(),
      ].map(decodeMessage),
      's',
    );
    assert.deepEqual(
      folded.map((item) => [item.kind, item.content]),
      [
        ['prompt', 'q'],
        ['response', 'final'],
        ['response', 'whole text'],
        ['end', 'Done'],
      ],
    );
  });

  describe('bounds (S41)', () => {
    it('size, depth and nodes', () => {
      const limits = { size: 1000, depth: 4, nodes: 20 };
      assert.throws(
        () => parseJson(JSON.stringify('x'.repeat(2000)), limits),
        (error) => isSecGeminiError(error, 'tooLarge'),
      );
      assert.throws(
        () => parseJson('[[[[[1]]]]]', limits),
        (error) => isSecGeminiError(error, 'protocol'),
      );
      assert.deepEqual(parseJson('[[[[1]]]]', limits), [[[[1]]]]);
      assert.deepEqual(parseJson('["[[[[[[","\\"[[[[[["]', limits), ['[[[[[[', '"[[[[[[']);
      assert.throws(
        () => parseJson(JSON.stringify(Array(30).fill(1)), limits),
        (error) => isSecGeminiError(error, 'protocol'),
      );
      assert.throws(
        () => parseJson('['.repeat(1_000_000), FRAME_LIMITS),
        (error) => isSecGeminiError(error, 'protocol'),
      );
    });

    it('no key reaches a prototype, plain or escaped, at any depth', () => {
      const value = parseJson(
        '{"a":[{"__proto__":{"polluted":1}}],"\\u005f_proto__":{"polluted":1}}',
        FRAME_LIMITS,
      ) as { a: object[] };
      const copy = Object.assign({}, value, value.a[0]) as Record<string, unknown>;
      assert.equal(copy.polluted, undefined);
      assert.equal(Object.hasOwn(value, '__proto__'), false);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    });
  });

  describe('properties', () => {
    const options = { seed: seed(), numRuns: 300 };

    it('any frame is a message or a SecGeminiError, and pollutes nothing', () => {
      fc.assert(
        fc.property(frameText, (text) => {
          try {
            toMessage(decodeFrame(text), 's');
          } catch (error) {
            assert.ok(error instanceof SecGeminiError, String(error));
            assert.ok(['protocol', 'tooLarge'].includes(error.code));
          }
          assert.equal(({} as Record<string, unknown>).polluted, undefined);
        }),
        options,
      );
    });

    it('what is decoded keeps every field, known or not', () => {
      fc.assert(
        fc.property(messageLike, (value) => {
          const text = JSON.stringify({ ...value, id: 'a', message_type: 'info', content: 'x', status_code: 200 });
          const decoded = decodeFrame(text);
          const plain = parseJson(text, FRAME_LIMITS) as Record<string, unknown>;
          for (const key of Object.keys(plain)) assert.ok(Object.hasOwn(decoded, key), key);
          assert.deepEqual(decoded.extra, plain.extra);
        }),
        options,
      );
    });

    it('any order of any messages, twice, gives a state without doubles', () => {
      fc.assert(
        fc.property(fc.array(messageLike, { maxLength: 20 }), (values) => {
          const reader = new TurnReader({ sessionId: 's', promptId: 'q', memory: new SessionMemory() });
          let state = initialState({
            id: 's',
            protocol: 'v1',
            name: '',
            description: '',
            status: 'idle',
            createdAt: 0,
            updatedAt: 0,
          });
          for (const value of [...values, ...values]) {
            let decoded;
            try {
              decoded = decodeMessage(JSON.parse(JSON.stringify(value)));
            } catch {
              continue;
            }
            for (const event of reader.read(decoded).events) state = reduce(state, event);
          }
          const ids = state.messages.map((item) => item.id);
          assert.equal(new Set(ids).size, ids.length);
        }),
        options,
      );
    });

    it('however a text is cut and shuffled within a window, the whole wins', () => {
      fc.assert(
        fc.property(
          fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 12 }),
          fc.boolean(),
          fc.infiniteStream(fc.nat(7)),
          (parts, sameId, jumps) => {
            const whole = wire('result', parts.join(''));
            const frames = [...parts.map((text) => piece(text, sameId ? { id: whole.id } : {})), whole, endMark()];
            const order = [...frames];
            for (let index = 0; index < order.length; index += 1) {
              const other = Math.min(order.length - 1, index + (jumps.next().value as number));
              [order[index], order[other]] = [order[other]!, order[index]!];
            }
            const reader = new TurnReader({ sessionId: 's', promptId: 'q', memory: new SessionMemory() });
            let state = initialState({
              id: 's',
              protocol: 'v1',
              name: '',
              description: '',
              status: 'idle',
              createdAt: 0,
              updatedAt: 0,
            });
            for (const item of order)
              for (const event of reader.read(decodeMessage(item)).events) state = reduce(state, event);
            const shown = state.messages.filter((item) => item.kind === 'response');
            assert.ok(shown.some((item) => item.content === parts.join('') && item.status === 'complete'));
            assert.ok(
              shown.every((item) => item.status !== 'streaming'),
              'no piece outlives the whole',
            );
            assert.equal(shown.length, 1);
          },
        ),
        options,
      );
    });
  });
});
