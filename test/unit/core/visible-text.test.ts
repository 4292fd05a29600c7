import assert from 'node:assert/strict';
import { HIDDEN_RANGES } from '../../fakes/hidden-characters.ts';
import { hasHiddenCharacters, labelText, visibleText } from '../../../src/core/visible-text.ts';

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
