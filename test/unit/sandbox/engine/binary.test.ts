import assert from 'node:assert/strict';
import { binaryFacts, imageSize } from '../../../../src/sandbox/engine/binary.ts';
import { samplePng } from '../../../../src/sandbox/engine/demo-render.ts';
import { ask, fileOf } from './support.ts';

const bytesOf = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)));

describe('binary files', () => {
  it('reads the size of pictures', () => {
    assert.deepEqual(imageSize(Buffer.from(samplePng(64, 32), 'base64')), { width: 64, height: 32 });
    assert.deepEqual(imageSize(bytesOf('GIF89a', [10, 0, 20, 0])), { width: 10, height: 20 });
    const jpeg = bytesOf([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 48, 0, 96, 3, 0, 0]);
    assert.deepEqual(imageSize(jpeg), { height: 48, width: 96 });
    const bmp = bytesOf(
      'BM',
      Array.from({ length: 16 }, () => 0),
      [7, 0, 0, 0, 9, 0, 0, 0],
    );
    assert.deepEqual(imageSize(bmp), { width: 7, height: 9 });
    const webp = bytesOf('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0], [99, 0, 0], [49, 0, 0], [0]);
    assert.deepEqual(imageSize(webp), { width: 100, height: 50 });
  });

  it('survives pictures that are cut', () => {
    for (const whole of [
      Buffer.from(samplePng(), 'base64'),
      bytesOf([0xff, 0xd8, 0xff, 0xe0]),
      bytesOf('GIF8'),
      bytesOf('BM'),
      bytesOf('RIFF....WEBP'),
    ])
      for (let length = 0; length < Math.min(30, whole.length); length += 1) binaryFacts(whole.subarray(0, length));
  });

  it('measures entropy and counts strings', () => {
    const zeros = binaryFacts(new Uint8Array(1000));
    assert.equal(zeros.entropy, 0);
    assert.equal(zeros.strings, 0);
    const all = binaryFacts(Uint8Array.from({ length: 256 }, (_unused, index) => index));
    assert.equal(all.entropy, 8);
    assert.equal(binaryFacts(bytesOf([0], 'a string', [0], 'short', [0], 'another one', [0])).strings, 2);
  });

  it('says so in the answer', async () => {
    const png = Buffer.from(samplePng(64, 32), 'base64');
    const text = await ask('inspect', { files: [fileOf('logo.png', png, 'png', 'image/png')] });
    assert.match(text, /PNG image/);
    assert.match(text, /64 × 32 pixels/);
    assert.match(text, /bits per byte/);
    assert.match(await ask('what is on line 1 of logo.png', { files: [fileOf('logo.png', png)] }), /no text/);
    assert.match(
      await ask('inspect', { files: [fileOf('a.bin', bytesOf([0x7f], 'ELF', [0, 1, 2]))] }),
      /Linux program \(ELF\)/,
    );
  });
});
