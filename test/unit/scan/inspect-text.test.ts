import assert from 'node:assert/strict';
import { PerformanceObserver } from 'node:perf_hooks';
import fc from 'fast-check';
import { inspectText } from '../../../src/scan/inspect-text.ts';

const TOKEN = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
const LINE = `token = "${TOKEN}"\n`;
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

describe('bytes as text', () => {
  for (const [words, bytes] of [
    ['UTF-8', Buffer.from(`\u00e4\u{1f600}\n${LINE}`)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${LINE}`)],
    ['Latin-1', Buffer.from(`\u00e4\u00ff\n${LINE}`, 'latin1')],
    ['UTF-16 with a mark', utf16(`\ufeff${LINE}`)],
    ['UTF-16 without a mark', utf16(LINE)],
    ['UTF-16, big-endian', Buffer.from(utf16(`\ufeff${LINE}`)).swap16()],
  ] as const)
    it(`finds secrets in ${words} and gives the very bytes back`, async () => {
      const found = await inspectText(bytes, { fileName: 'a.txt' });
      assert.ok(found);
      assert.deepEqual(
        found.secrets.map(({ start, end }) => found.text.slice(start, end)),
        [TOKEN],
      );
      assert.deepEqual(Buffer.from(found.encode(found.text)), Buffer.from(bytes));
      assert.equal(found.complete, true);
    });

  it('takes binary data for no text', async () => {
    assert.equal(await inspectText(new Uint8Array([0, 1, 2, 3, 0xff]), { fileName: 'a' }), undefined);
    assert.equal(await inspectText(new Uint8Array([0xff, 0xfe, 0x41]), { fileName: 'a' }), undefined);
  });

  it('reads a text whose last character is cut', async () => {
    const cut = Buffer.from(`${LINE}\u{1f600}`).subarray(0, -1);
    const found = await inspectText(cut, { fileName: 'a.txt', cut: true });
    assert.equal(found?.text.startsWith(LINE), true);
    assert.ok(!found?.text.includes('\ufffd'));
  });

  it('gives back every file that it takes for text, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text)),
        ),
        async (bytes) => {
          const found = await inspectText(bytes, { fileName: 'a' });
          if (found !== undefined) assert.deepEqual(Buffer.from(found.encode(found.text)), Buffer.from(bytes));
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(20_000);

  it('keeps nothing about what was searched, not even its name', async () => {
    const marks: string[] = [];
    const observer = new PerformanceObserver((list) => marks.push(...list.getEntries().map(({ name }) => name)));
    observer.observe({ entryTypes: ['mark', 'measure'] });
    await inspectText(Buffer.from(LINE), { fileName: 'the-name-of-the-file.txt' });
    marks.push(...observer.takeRecords().map(({ name }) => name));
    observer.disconnect();
    marks.push(...performance.getEntries().map(({ name }) => name));
    assert.deepEqual(
      marks.filter((name) => name.includes('the-name-of-the-file')),
      [],
    );
  });

  it('stops when it is cancelled', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await assert.rejects(inspectText(Buffer.from(LINE), { fileName: 'a', signal }), /gone/);
  });
});
