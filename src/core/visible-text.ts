/** Makes characters that hide or reorder text visible, for labels, approvals and logs (trust.md S10). Contents for copy stay verbatim. */

/** Bidi controls, zero-width and invisible characters, tags, variation selectors, C0 and C1 (tab and newline pass). */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]/gu;

/** Replaces each hidden character by its code point in brackets, e.g. ⟦U+202E⟧. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`;
  });
}

/** One line for a label: hidden characters visible, line breaks and tabs as spaces, cut with an ellipsis after `max` characters. */
export function labelText(text: string, max = 200): string {
  const line = visibleText(text.replace(/[\r\n\t]+/g, ' ')).trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** True when the text holds a character that `visibleText` would mark. */
export function hasHiddenCharacters(text: string): boolean {
  HIDDEN.lastIndex = 0;
  return HIDDEN.test(text);
}
