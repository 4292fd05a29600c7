import assert from 'node:assert/strict';
import { CHUNK_UNITS, TextLines, breathe, chunksOf, decodeText, looksLikeText } from '../../../src/scan/text.ts';

describe('engine text', () => {
  it('numbers lines from 1, without their endings', () => {
    const lines = new TextLines('one\r\ntwo\n\nfour');
    assert.equal(lines.count, 4);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 0].map((number) => lines.line(number)),
      ['one', 'two', '', 'four', undefined, undefined],
    );
    assert.equal(lines.lineAt(0), 1);
    assert.equal(lines.lineAt(5), 2);
    assert.equal(lines.lineAt(lines.text.length), 4);
  });

  it('counts no line behind a final newline, and none in an empty text', () => {
    assert.equal(new TextLines('a\nb\n').count, 2);
    assert.equal(new TextLines('a\nb\n').line(3), undefined);
    assert.equal(new TextLines('').count, 0);
  });

  it('cuts what is searched at a line, and says so', () => {
    const lines = new TextLines('0123456789\n'.repeat(10), 60);
    assert.equal(lines.truncated, true);
    assert.equal(lines.scannedUnits, 55);
    assert.equal(lines.count, 10);
  });

  it('cuts pieces behind newlines, and overlaps them inside a long line', () => {
    const text = 'x'.repeat(99).concat('\n').repeat(6000);
    const pieces = [...chunksOf(text)];
    assert.ok(pieces.length > 1);
    assert.equal(pieces.map((piece) => piece.text).join(''), text);
    const long = [...chunksOf('y'.repeat(CHUNK_UNITS * 2))];
    for (let index = 1; index < long.length; index += 1) {
      const before = long[index - 1];
      assert.ok(before !== undefined && (long[index]?.start ?? 0) < before.start + before.text.length);
    }
  });

  it('tells text from bytes', () => {
    assert.equal(looksLikeText(new TextEncoder().encode('plain\ttext\n')), true);
    assert.equal(looksLikeText(new TextEncoder().encode('Grüße, 日本語')), true);
    assert.equal(looksLikeText(Uint8Array.of(0xff, 0xfe, 0x61, 0x00)), true);
    assert.equal(looksLikeText(Uint8Array.of(0x61, 0x00, 0x62)), false);
    assert.equal(looksLikeText(Uint8Array.from({ length: 256 }, (_unused, index) => 128 + (index % 128))), false);
    assert.equal(decodeText(Uint8Array.of(0xff, 0xfe, 0x61, 0x00)), 'a');
  });

  it('stops with the reason of an aborted signal', async () => {
    const reason = new Error('stopped');
    await assert.rejects(breathe(AbortSignal.abort(reason)), reason);
  });
});
