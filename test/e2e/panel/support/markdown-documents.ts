/** Generated Markdown that is dense in what can go wrong at a cut: markers, fences, tables, definitions, lists in quotes. */
import * as fc from 'fast-check';

const word = fc.constantFrom(
  ...[
    'a',
    'foo',
    'x y',
    '*b*',
    '**c',
    '`d`',
    '``',
    '[foo]',
    '[x](src/a.ts:3)',
    '![i](https://e.example/p.png)',
    '<https://e.example>',
  ],
  ...[
    '<b onclick=x>',
    '&amp;',
    '\\',
    '\\[',
    '| p',
    '~~s~~',
    '#',
    '1.',
    'é\u200b',
    '😀',
    '\t',
    '  ',
    '[ ] t',
    '__',
    '---',
    'a.py:12',
  ],
);
const words = fc.array(word, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(' '));
const prefix = fc.constantFrom(
  ...['', '', '', '> ', '- ', '  - ', '1. ', '   ', '    ', '# ', '\t', '>> ', '+ [x] ', '  '],
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(prefix, words).map(([before, text]) => before + text) },
  { weight: 2, arbitrary: fc.constant('') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        '```',
        '```js',
        '~~~',
        '````',
        '   ```',
        '---',
        '===',
        '***',
        '| a | b |',
        '|---|:-:|',
        '| 1 | 2 |',
        '|-|',
        '> ```',
        '- ```',
      ],
      ...[
        '[foo]: /url',
        "[foo]: <https://e.example> 'ti",
        "tle'",
        '[bar]:',
        '#',
        '######',
        '-',
        '*',
        '1)',
        '> ',
        '<div>',
        '<!-- c',
        '-->',
      ],
    ),
  },
);

/** Some lines with any of the three line ends, the last one perhaps without. */
export const markdownDocument: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\n', '\n', '\r\n')), { minLength: 1, maxLength: 12 }),
    fc.boolean(),
  )
  .map(([lines, open]) => {
    const text = lines.map(([content, end]) => content + end).join('');
    return open ? text.trimEnd() : text;
  });
