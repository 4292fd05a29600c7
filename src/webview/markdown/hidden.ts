/** Characters that hide or reorder text get a visible mark beside them (trust.md S10). The character stays, so that copying is verbatim. */

import { hasHiddenCharacters, visibleText } from '../../core/visible-text.ts';

/** What legitimate text needs: variation selectors and joiners inside emoji, joiners between letters of scripts that use them. */
const LEGITIMATE =
  /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}0-9#*])\ufe0f|(?<=\p{Extended_Pictographic})\ufe0e|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})|(?<=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Sinhala}\p{M}])[\u200c\u200d](?=[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Sinhala}])/gu;

/** Wraps each hidden character of the text nodes below `root`. */
export function markHidden(root: ParentNode & Node): void {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (hasHiddenCharacters((node as Text).data)) found.push(node as Text);
  for (const text of found) text.replaceWith(markedText(text.data));
}

/** The text with each hidden character in a span of its own, whose mark is drawn by the style sheet and is no part of the text. */
export function markedText(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const keep = new Set<number>();
  for (const match of text.matchAll(LEGITIMATE)) keep.add(match.index);
  let plain = '';
  let at = 0;
  for (const character of text) {
    if (!keep.has(at) && hasHiddenCharacters(character)) {
      if (plain !== '') fragment.append(plain);
      plain = '';
      const span = document.createElement('span');
      span.className = 'hidden-char';
      span.dataset['mark'] = visibleText(character);
      span.append(character);
      fragment.append(span);
    } else plain += character;
    at += character.length;
  }
  if (plain !== '') fragment.append(plain);
  return fragment;
}
