import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Placeholders, redactSecrets, restorePlaceholders } from '../../../src/core/redaction.ts';

const place = (text: string, secret: string, kind = 'password', from = 0) => {
  const start = text.indexOf(secret, from);
  return { start, end: start + secret.length, kind };
};

describe('redaction', () => {
  it('replaces what was flagged and every other place where the same secret stands', () => {
    const text = 'pw = "Blue-Sky-77"\nlogin(Blue-Sky-77)\nBlue-Sky-7';
    const placeholders = new Placeholders();
    assert.equal(
      redactSecrets(text, [place(text, 'Blue-Sky-77')], placeholders),
      'pw = "[[SECRET-1:password]]"\nlogin([[SECRET-1:password]])\nBlue-Sky-7',
    );
  });

  it('replaces a very short secret only where it was flagged', () => {
    assert.equal(
      redactSecrets('pin=1234 in 1234', [place('pin=1234', '1234')], new Placeholders()),
      'pin=[[SECRET-1:password]] in 1234',
    );
  });

  it('gives the same secret the same placeholder, and others the next number', () => {
    const placeholders = new Placeholders({ '[[SECRET-4:jwt]]': 'first-secret' });
    assert.equal(placeholders.of('first-secret', 'password'), '[[SECRET-4:jwt]]');
    assert.equal(placeholders.of('second-secret', 'Some Kind!'), '[[SECRET-5:some-kind-]]');
    assert.deepEqual(placeholders.map, {
      '[[SECRET-4:jwt]]': 'first-secret',
      '[[SECRET-5:some-kind-]]': 'second-secret',
    });
  });

  it('replaces the secrets that the session knows already, flagged or not', () => {
    const placeholders = new Placeholders({ '[[SECRET-1:password]]': 'Blue-Sky-77' });
    assert.equal(redactSecrets('see Blue-Sky-77', [], placeholders), 'see [[SECRET-1:password]]');
  });

  it('keeps the numbers of lines, and restores a key of several lines exactly', () => {
    const key = 'BEGIN\r\nAAAA\r\nBBBB\nEND';
    const text = `one\n${key}\nlast`;
    const placeholders = new Placeholders();
    const redacted = redactSecrets(text, [place(text, key, 'private-key')], placeholders);
    assert.equal(redacted, 'one\n[[SECRET-1:private-key]]\r\n\r\n\n\nlast');
    assert.equal(redacted.split('\n').length, text.split('\n').length);
    assert.equal(restorePlaceholders(redacted, placeholders.map), text);
    // Quoted alone, as an answer would.
    assert.equal(
      restorePlaceholders('the key [[SECRET-1:private-key]] leaks', placeholders.map),
      `the key ${key} leaks`,
    );
  });

  it('does not let the words of a file stand for a secret', () => {
    const text = 'see [[SECRET-1:password]], pw = "Blue-Sky-77"';
    const placeholders = new Placeholders();
    const redacted = redactSecrets(text, [place(text, 'Blue-Sky-77')], placeholders);
    assert.equal(redacted, 'see [[SECRET-1:password]], pw = "[[SECRET-2:password]]"');
    assert.equal(restorePlaceholders(redacted, placeholders.map), text);
  });

  it('restores only what the map knows, and no names of objects', () => {
    const map = { '[[SECRET-1:jwt]]': 'the-secret' };
    const text = '[[SECRET-1:JWT]] [[SECRET-2:jwt]] [[SECRET-1:jwt] [[constructor]] [[SECRET-1:jwt]]';
    assert.equal(restorePlaceholders(text, map), text.replace(/\[\[SECRET-1:jwt\]\]$/, 'the-secret'));
    assert.equal(restorePlaceholders('$& $1 [[SECRET-1:jwt]]', { '[[SECRET-1:jwt]]': '$&$1' }), '$& $1 $&$1');
  });

  it('leaves no flagged secret behind and can always be undone', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!-]{6,20}(?:\n[A-Za-z0-9]{4,9})?$/);
    const filler = fc.stringMatching(/^[ a-z\n.[\]]{0,30}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(filler, secret), { maxLength: 8 }), filler, (parts, end) => {
        let text = '';
        const ranges: { start: number; end: number; kind: string }[] = [];
        for (const [before, value] of parts) {
          text += before;
          ranges.push({ start: text.length, end: text.length + value.length, kind: 'jwt' });
          text += value;
        }
        text += end;
        const placeholders = new Placeholders();
        const redacted = redactSecrets(text, ranges, placeholders);
        const rest = redacted.replace(/\[\[SECRET-\d+:jwt\]\]/g, '\u0000');
        for (const [, value] of parts)
          assert.ok(!rest.includes(value), `${JSON.stringify(value)} in ${JSON.stringify(redacted)}`);
        assert.equal(restorePlaceholders(redacted, placeholders.map), text);
        assert.equal(redacted.split('\n').length, text.split('\n').length);
      }),
    );
  }).timeout(20_000);

  it('walks a large text once', () => {
    const placeholders = new Placeholders();
    for (let index = 0; index < 1500; index += 1) placeholders.of(`secret-number-${index}-of-many`, 'jwt');
    const text = 'secret-numbe and nothing else\n'.repeat(6000);
    assert.equal(redactSecrets(text, [], placeholders), text);
  }).timeout(20_000);
});
