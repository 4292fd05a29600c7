/** Texts that make a careless renderer slow (trust.md S11): known bad cases of CommonMark parsers, and of what we add to one. */

/** Fills up to `chars` with what a part makes of its number. */
function fill(chars: number, part: (index: number) => string): string {
  const parts: string[] = [];
  for (let length = 0, index = 0; length < chars; index += 1) {
    const next = part(index);
    parts.push(next);
    length += next.length;
  }
  return parts.join('').slice(0, chars);
}

const same = (text: string) => (chars: number) => fill(chars, () => text);
const around = (open: string, close: string) => (chars: number) => {
  const count = Math.floor(chars / (open.length + close.length));
  return `${open.repeat(count)}${close.repeat(count)}`;
};

/** Each by its name: a text of about that many characters. */
export const PATHOLOGICAL: Readonly<Record<string, (chars: number) => string>> = {
  'open brackets': same('['),
  'nested brackets': around('[', ']'),
  'open images': same('!['),
  'open links': same('[a]('),
  'open links with titles': same('[a](<b'),
  'bracket and reference': same('[a][b'),
  'many definitions': (chars) => fill(chars, (index) => `[d${index.toString()}]: /u\n\n`),
  'many references': (chars) => `[d]: /u\n\n${fill(chars, () => '[d] ')}`,
  'open emphasis': same('*a '),
  'mixed emphasis': same('*a **a '),
  'emphasis that never closes': same('a**b_'),
  'strong runs': same('**x'),
  strikethrough: same('~~a '),
  'rising backticks': (chars) => fill(chars, (index) => `e${'`'.repeat((index % 300) + 1)}`),
  'open code': same('`a '),
  'nested quotes': same('> '),
  'quotes line by line': same('> a\n'),
  'nested lists': (chars) => fill(chars, (index) => `${' '.repeat((index % 90) * 2)}- a\n`),
  'list marks in a line': same('- '),
  'ordered items': same('1. a\n'),
  'blank lines': same('\n'),
  'blanks and breaks': same('a  \n'),
  'open comments': same('<!-- a'),
  'open tags': same('<a b="'),
  entities: same('&#x1F600;'),
  escapes: same('\\*'),
  'table of many columns': (chars) => {
    const cells = '|a'.repeat(Math.floor(chars / 8));
    return `${cells}|\n${cells.replaceAll('a', '-')}|\n${cells}|\n`;
  },
  'table of many rows': (chars) => `|a|b|\n|-|-|\n${fill(chars, () => '|x|y|\n')}`,
  'underlines of headings': same('a\n=\n'),
  'files with lines': same('src/a.ts:1 '),
  'a path that never ends': same('a/'),
  'almost files': same('a.b:'),
  'calls in code': same('`a.b()` '),
  'code near line words': same('`a.ts` line 1 of '),
  'hidden characters': same('a\u202e\u200b'),
  'placeholders of secrets': same('[[SECRET-1:'),
};
