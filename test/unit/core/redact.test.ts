import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { REDACTED, createRedactor } from '../../../src/core/redact.ts';

describe('redactor', function () {
  // Busy machines: a guard, not an expectation.
  this.timeout(20_000);
  it('masks what stands in the usual places for keys, known or not', () => {
    const redactor = createRedactor();
    for (const text of [
      'wss://h/v1/stream?api_key=SECRET&session_id=1',
      'GET /?a=1&API_KEY=SECRET',
      'x-api-key: SECRET',
      '{"x-api-key":"SECRET","a":1}',
      "{ 'x-api-key': 'SECRET' }",
      'Authorization: Bearer SECRET',
      '{"authorization":"Basic SECRET"}',
      'Proxy-Authorization: SECRET',
      'https://user:SECRET@host/',
      '"{\\"x-api-key\\":\\"SECRET\\"}"',
    ]) {
      const result = redactor.redact(text);
      assert.ok(!result.includes('SECRET'), result);
      assert.ok(result.includes(REDACTED), result);
    }
    assert.match(redactor.redact('wss://h/v1/stream?api_key=SECRET&session_id=1'), /session_id=1$/);
  });

  it('leaves ordinary text alone', () => {
    const redactor = createRedactor();
    redactor.add('abc');
    for (const text of ['abc key', 'monkey=1', 'a@b.example', 'https://host/path?x=1', 'the api key is missing'])
      assert.equal(redactor.redact(text), text);
  });

  it('property: a registered secret survives in no spelling, wherever it stands', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_+/=. &%"\\é'), minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 10 }), fc.string({ maxLength: 10 }), (key, before, after) => {
        const redactor = createRedactor();
        redactor.add(key);
        const whole = before + key + after;
        for (const text of [
          whole,
          encodeURIComponent(whole),
          JSON.stringify(whole),
          Buffer.from(whole).toString('hex'),
          Buffer.from(whole).toString('hex').toUpperCase(),
        ]) {
          const result = redactor.redact(text);
          assert.ok(!result.toLowerCase().includes(Buffer.from(key).toString('hex')), result);
          assert.ok(!result.includes(key) && !result.includes(encodeURIComponent(key)), result);
        }
        // In base64 the first and last characters mix with what stands beside the secret; all that is surely its own is masked.
        for (const form of ['base64', 'base64url'] as const) {
          const result = redactor.redact(Buffer.from(whole).toString(form));
          for (let length = result.length; length >= 8; length -= 1)
            assert.ok(
              !Buffer.from(result.slice(0, length), 'base64')
                .toString('latin1')
                .includes(Buffer.from(key).toString('latin1')),
            );
        }
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });

  it('knows several secrets, the longer of two that begin alike whole', () => {
    const redactor = createRedactor();
    redactor.add('first-key');
    redactor.add('first-key-longer');
    assert.equal(redactor.redact('first-key-longer first-key'), `${REDACTED} ${REDACTED}`);
  });
});
