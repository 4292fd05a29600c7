import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Row } from '../../../src/panel/protocol.ts';
import { duration, prettyJson, preview } from '../../../src/webview/words.ts';

describe('words of the page', () => {
  it('show what is thought without Markdown signs, and names as they are', () => {
    const row = { kind: 'thinking', content: '**I call** `mcp_notes__x` and _then_ __look__ at\n a_b.' };
    assert.equal(preview(row as unknown as Row), 'I call mcp_notes__x and then look at a_b.');
  });

  it('breaks JSON into lines without changing a value', () => {
    assert.equal(
      prettyJson('{"a":[1,{"b":"x,{}"}],"c":{},"d":[]}'),
      '{\n  "a": [\n    1,\n    {\n      "b": "x,{}"\n    }\n  ],\n  "c": {},\n  "d": []\n}',
    );
    fc.assert(
      fc.property(fc.json(), (text) => assert.deepEqual(JSON.parse(prettyJson(text)), JSON.parse(text))),
      { numRuns: 500, seed: 2 },
    );
  });

  it('shows numbers, double keys and escapes as they were written', () => {
    const shown = prettyJson('{"n":12345678901234567890,"n":1.0e2,"s":"\\u202e\\/"}');
    for (const part of ['12345678901234567890', '1.0e2', '"\\u202e\\/"']) assert.ok(shown.includes(part), part);
  });

  it('leaves alone what is no JSON, and what is too long to be read', () => {
    for (const text of ['', 'plain', '{broken', '[1,]', `[${'1,'.repeat(100_001)}1]`])
      assert.equal(prettyJson(text), text);
  });

  it('says nothing about times that make no sense', () => {
    assert.deepEqual([-5, 0, NaN, Infinity].map(duration), ['', '', '', '']);
    assert.deepEqual([340, 2_400, 180_000].map(duration), ['340 ms', '2.4 s', '3 min']);
  });
});
