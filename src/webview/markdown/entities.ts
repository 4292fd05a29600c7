/**
 * Named character references by the browser's own table, for markdown-it: its copy of that table is 22 kB. Proven equal for every name by
 * `test/e2e/panel/markdown.spec.ts`.
 */

const parser = new DOMParser();
/** Answers given before, the same text for what names nothing. Bounded: a hostile text has as many names as it likes. */
const known = new Map<string, string>();
const MAX_KNOWN = 4_000;

/** The characters of one reference (`&` name `;`); the text itself when nothing has that name. */
export function decodeHTMLStrict(reference: string): string {
  let text = known.get(reference);
  if (text === undefined) {
    text = lookUp(reference);
    if (known.size < MAX_KNOWN) known.set(reference, text);
  }
  return text;
}

function lookUp(reference: string): string {
  if (!/^&[a-z][a-z0-9]{1,31};$/i.test(reference)) return reference;
  // A letter goes before, because white space at the start of a document is dropped.
  const text = parser.parseFromString(`x${reference}`, 'text/html').body.textContent.slice(1);
  // HTML also reads old names without their semicolon (`&notit;` is `¬it;`), CommonMark does not.
  return text.endsWith(';') && reference !== '&semi;' ? reference : text;
}
