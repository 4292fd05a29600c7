import assert from 'node:assert/strict';
import { hasHiddenCharacters, labelText, visibleText } from '../../../src/core/visible-text.ts';

const HIDDEN_RANGES: readonly (readonly [number, number])[] = [
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  [0x200b, 0x200f],
  [0x2060, 0x2064],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe007f],
  [0xfe00, 0xfe0f],
  [0xe0100, 0xe01ef],
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
];

describe('visible text', () => {
  it('shows every hidden character of trust.md S10 by its code point', () => {
    for (const [first, last] of HIDDEN_RANGES)
      for (let code = first; code <= last; code += 1) {
        const shown = visibleText(`a${String.fromCodePoint(code)}b`);
        assert.equal(shown, `a⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧b`);
        assert.ok(hasHiddenCharacters(String.fromCodePoint(code)));
      }
  });

  it('leaves ordinary text of any script, tabs and newlines as they are', () => {
    const text = 'Grüße, Москва, 東京, مرحبا, 😀\n\tindented';
    assert.equal(visibleText(text), text);
    assert.equal(hasHiddenCharacters(text), false);
  });

  it('makes one line for a label and cuts it between characters', () => {
    assert.equal(labelText(' a\r\nb\tc '), 'a b c');
    assert.equal(labelText('😀😀😀😀', 3), '😀😀…');
  });
});
