import assert from 'node:assert/strict';
import { confirmationOf } from '../../../../src/client/v1/confirmation.ts';
import { message } from '../../../fakes/fake-client.ts';

const asked = (content: string, render: 'json' | 'text' = 'json') =>
  confirmationOf(message('m', 'confirmationRequest', content, { title: 'scan', render }));

describe('client v1: what it asks to be allowed', () => {
  it('takes a call apart, its arguments in the order that came', () => {
    const { toolName, args } = asked('{"tool_name":"move","tool_args":{"to":"b","from":"a"}}');
    assert.deepEqual([toolName, Object.entries(args)], ['move', Object.entries({ to: 'b', from: 'a' })]);
    assert.deepEqual(asked('{"name":"move","args":{"to":"b"}}').args, { to: 'b' });
  });

  it('lists no arguments rather than some of them, and keeps the words whole (S18)', () => {
    for (const content of [
      '{"tool_name":"move","tool_args":{"to":"b","__proto__":{"force":true}}}',
      '{"tool_name":"move","tool_args":{"to":"b","\\u005f\\u005fproto__":{"force":true}}}',
      '{"tool_name":"move","tool_args":{"to":"b"},"args":{"force":true}}',
      '{"tool_name":"move"',
    ])
      assert.deepEqual(asked(content), { id: 'm', toolName: 'scan', args: {}, message: content });
    assert.deepEqual(asked('{"tool_name":"move"}', 'text').toolName, 'scan');
  });
});
