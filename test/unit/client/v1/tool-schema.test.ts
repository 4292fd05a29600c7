import assert from 'node:assert/strict';
import { wireSchema } from '../../../../src/client/v1/tool-schema.ts';

describe("a tool's arguments on v1", () => {
  it('keep what the wire knows, under its names, at every depth', () => {
    assert.deepEqual(
      wireSchema({
        type: 'object',
        description: 'All',
        additionalProperties: false,
        required: ['path'],
        properties: {
          path: { type: 'string', minLength: 1, maxLength: 9, pattern: '^a', default: 'a' },
          mode: { enum: ['a', 'b'] },
          list: { type: 'array', minItems: 1, items: { type: 'integer', minimum: 1, maximum: 2.5 } },
          either: { oneOf: [{ type: 'string' }, { $ref: '#/$defs/x' }] },
        },
        $defs: { x: { type: 'boolean' } },
      }),
      {
        type: 'object',
        description: 'All',
        additional_properties: false,
        required: ['path'],
        properties: {
          path: { type: 'string', min_length: 1, max_length: 9, pattern: '^a', default: 'a' },
          mode: { enum: ['a', 'b'] },
          list: { type: 'array', min_items: 1, items: { type: 'integer', minimum: 1, maximum: 2.5 } },
          either: { any_of: [{ type: 'string' }, { ref: '#/$defs/x' }] },
        },
        defs: { x: { type: 'boolean' } },
      },
    );
  });

  it('leave out what the service would refuse the session over', () => {
    assert.deepEqual(wireSchema({ type: ['string', 'null'] }), { type: 'string', nullable: true });
    assert.deepEqual(wireSchema({ type: ['string', 'number', 'null'] }), { nullable: true });
    assert.deepEqual(wireSchema({ type: 'null' }), { type: 'null' });
    for (const odd of [
      { type: 'date' },
      { type: 7 },
      { enum: [1, 'a'] },
      { items: true },
      { items: [{}] },
      { minLength: -0.5 },
      { required: true },
      { properties: [] },
      { anyOf: {} },
    ])
      assert.deepEqual(wireSchema(odd), {}, JSON.stringify(odd));
    assert.deepEqual(wireSchema({ properties: { a: true } }), { properties: { a: {} } });
  });
});
