import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { sampleDocument, sampleKind } from '../../../src/core/egress-sample.ts';

const bytes = (...values: (number | string)[]): Uint8Array =>
  Uint8Array.from(values.flatMap((value) => (typeof value === 'string' ? [...Buffer.from(value, 'latin1')] : [value])));

describe('safe samples', () => {
  it('knows executables by their first bytes', () => {
    for (const head of [
      bytes('MZ', 0x90, 0),
      bytes(0x7f, 'ELF', 2),
      bytes(0xcf, 0xfa, 0xed, 0xfe),
      bytes(0xca, 0xfe, 0xba, 0xbe),
      bytes(0, 'asm', 1, 0, 0, 0),
      bytes('dex\n035', 0),
      bytes(0x4c, 0, 0, 0, 1, 0x14, 2, 0),
    ])
      assert.equal(sampleKind(head), 'executable');
  });

  it('knows archives by their first bytes, real ones too', () => {
    const tar = new Uint8Array(512);
    tar.set(bytes('ustar'), 257);
    for (const head of [
      zipSync({ 'a.txt': bytes('x') }),
      gzipSync('x'),
      bytes('BZh91AY'),
      bytes(0xfd, '7zXZ', 0),
      bytes('7z', 0xbc, 0xaf, 0x27, 0x1c),
      bytes('Rar!', 0x1a, 7, 0),
      bytes(0x28, 0xb5, 0x2f, 0xfd),
      bytes('!<arch>\n'),
      bytes('MSCF', 0),
      tar,
    ])
      assert.equal(sampleKind(head), 'archive');
  });

  it('takes text, scripts, pictures and empty files for neither', () => {
    for (const head of [
      bytes(),
      bytes('M'),
      bytes('#!/bin/sh\n'),
      bytes('PK is a name'),
      bytes(0x89, 'PNG\r\n'),
      bytes('%PDF-1.7'),
    ])
      assert.equal(sampleKind(head), undefined);
  });

  it('makes a document without the content', () => {
    const text = new TextDecoder().decode(
      sampleDocument('a"b.exe', 3, 'archive', { md5: 'm', sha1: 's', sha256: 'h' }),
    );
    assert.deepEqual(Object.entries(JSON.parse(text) as object).slice(1), [
      ['name', 'a"b.exe'],
      ['size', 3],
      ['kind', 'archive'],
      ['md5', 'm'],
      ['sha1', 's'],
      ['sha256', 'h'],
    ]);
  });
});
