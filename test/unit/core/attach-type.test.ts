import assert from 'node:assert/strict';
import { CONTENT_TYPES, contentType, guessContentType, guessTextType } from '../../../src/core/attach-type.ts';

describe('the type of a content', () => {
  const texts: readonly [id: string, text: string][] = [
    ['json', '{"a": [1, 2]}'],
    ['json', '\n[\n  1\n]\n'],
    ['jsonl', '{"a":1}\n{"a":2}\n'],
    ['text', '{ not json at all'],
    ['diff', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n'],
    ['diff', '--- a.txt\n+++ b.txt\n@@ -1 +1 @@\n'],
    ['email', 'Received: from mail.invalid\n by x\nFrom: a@b.invalid\nSubject: hi\n\nbody'],
    ['shell', '#!/usr/bin/env bash\nset -e\n'],
    ['python', '#!/usr/bin/env python3\nprint(1)\n'],
    ['python', 'import os\n\nprint(os.name)\n'],
    ['html', '<!DOCTYPE html>\n<html>'],
    ['xml', '<?xml version="1.0"?>\n<a/>'],
    ['log', '2026-11-21T12:00:00Z sshd[1]: Failed password\n'],
    ['log', 'Nov 21 12:00:00 host sshd[1]: Failed password\n'],
    ['log', '203.0.113.9 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1\n'],
    ['csv', 'a,b,c\n1,2,3\n4,5,6\n'],
    ['markdown', '# Title\n\nwords\n'],
    ['javascript', "import x from 'y';\n"],
    ['powershell', 'function Get-Thing {\n}\n'],
    ['text', 'just words, and more, of them\nnothing else\n'],
    ['text', ''],
  ];
  for (const [id, text] of texts)
    it(`${JSON.stringify(text.slice(0, 30))} looks like ${id}`, () => {
      assert.equal(guessTextType(text).id, id);
      assert.equal(guessContentType(new TextEncoder().encode(text)).id, id);
    });

  it('is told by the first bytes before everything else', () => {
    const bytes: readonly [id: string, bytes: readonly number[]][] = [
      ['png', [0x89, 0x50, 0x4e, 0x47]],
      ['exe', [0x4d, 0x5a, 0x90, 0]],
      ['elf', [0x7f, 0x45, 0x4c, 0x46]],
      ['zip', [0x50, 0x4b, 3, 4]],
      ['binary', [1, 2, 0, 3]],
    ];
    for (const [id, head] of bytes) assert.equal(guessContentType(new Uint8Array(head)).id, id);
  });

  it('has one entry for each choice', () => {
    assert.equal(new Set(CONTENT_TYPES.map(({ id }) => id)).size, CONTENT_TYPES.length);
    for (const { extension, mimeType } of CONTENT_TYPES) assert.match(`${extension} ${mimeType}`, /^\.\w+ [\w.+/-]+$/);
    assert.equal(contentType('no such').id, 'text');
  });

  it('stays quick on long lines', () => {
    assert.equal(guessTextType('a-'.repeat(500_000)).id, 'text');
    assert.equal(guessTextType(`From: ${'x'.repeat(8000)}\n${'a: b\n'.repeat(1500)}`).id, 'text');
  });
});
