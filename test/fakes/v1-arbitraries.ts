/** Hostile and half-right v1 messages for property tests; the seed is printed, so every failure can be run again. */

import * as fc from 'fast-check';

/** FC_SEED=… repeats a run. */
export function seed(): number {
  const given = Number(process.env.FC_SEED);
  const value =
    Number.isSafeInteger(given) && process.env.FC_SEED !== undefined ? given : Math.floor(Math.random() * 2 ** 31);
  console.error(`fast-check seed ${value} (FC_SEED=${value} repeats this run)`);
  return value;
}

const TYPES = [
  'result',
  'source',
  'debug',
  'info',
  'error',
  'thinking',
  'update',
  'delete',
  'confirmation_request',
  'confirmation_response',
  'query',
  'local_tool_call',
  'local_tool_result',
  'hologram',
  '__proto__',
  'constructor',
];
const STATES = ['undefined', 'start', 'end', 'calling_tool', 'tool_result', 'retriving', 'dreaming', 'toString'];
const MIMES = [
  'text/plain',
  'text/markdown',
  'text/html',
  'application/json',
  'text/serialized-json',
  'image/png',
  'image/svg+xml',
  'application/pdf',
  'sec-gemini/image',
  'sec-gemini/table',
  'sec-gemini/hologram',
  'sec-gemini/',
  '/',
  '',
  'TEXT/PLAIN; charset=utf-8',
];

const anything = fc.anything({
  withNullPrototype: false,
  withBigInt: false,
  withDate: false,
  withMap: false,
  withSet: false,
  withTypedArray: false,
});

/** Fields as they should be, mostly; now and then anything at all. */
export const messageLike: fc.Arbitrary<Record<string, unknown>> = fc.record(
  {
    id: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
      { weight: 1, arbitrary: anything },
    ),
    message_type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...TYPES) }, { weight: 1, arbitrary: anything }),
    parent_id: fc.oneof(fc.constantFrom('3713', 'a', 'b', 'zzz'), anything),
    turn: fc.oneof(fc.string(), fc.integer(), anything),
    group: fc.oneof(fc.constantFrom('g', 'h'), anything),
    actor: fc.oneof(fc.string(), anything),
    role: fc.oneof(fc.constantFrom('user', 'agent', 'system', 'other'), anything),
    timestamp: fc.oneof(fc.integer(), anything),
    created_at: fc.oneof(fc.double(), anything),
    title: fc.oneof(fc.string(), anything),
    state: fc.oneof(fc.constantFrom(...STATES), anything),
    content: fc.oneof({ weight: 9, arbitrary: fc.string({ unit: 'binary' }) }, { weight: 1, arbitrary: anything }),
    mime_type: fc.oneof(fc.constantFrom(...MIMES), anything),
    status_code: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(200, 206, 404, 429, 500) },
      { weight: 1, arbitrary: anything },
    ),
    status_message: fc.oneof(fc.string(), anything),
    usage: anything,
    extra: anything,
  },
  { requiredKeys: [] },
);

/** Text of a frame: JSON of a message, JSON of anything, JSON that was damaged, or noise. */
export const frameText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: messageLike.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: anything.map((value) => JSON.stringify(value) ?? 'undefined') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(messageLike, fc.nat(), fc.nat(), fc.string({ unit: 'binary', maxLength: 4 }))
      .map(([value, at, length, patch]) => {
        const text = JSON.stringify(value);
        const from = at % Math.max(1, text.length);
        return text.slice(0, from) + patch + text.slice(from + (length % 6));
      }),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.nat(300).map((depth) => '['.repeat(depth) + ']'.repeat(depth)) },
  {
    weight: 1,
    arbitrary: fc
      .string()
      .map(
        (key) =>
          `{"id":"a","message_type":"info","__proto__":{"polluted":${JSON.stringify(key)}},"\\u005f_proto__":{"polluted":1}}`,
      ),
  },
);
