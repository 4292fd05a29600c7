import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import { ledgerToJson, ledgerToList, ledgerToMarkdown } from '../../../src/core/ledger-export.ts';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { hasHiddenCharacters } from '../../../src/core/visible-text.ts';

const NASTY = [
  'a|b.txt',
  'x` | <img src=x> `y',
  '``',
  '\u202egpj.exe\u0000\u200b',
  '[click](command:evil) ![i](https://evil.example/i.png)',
  'two\nlines\r\n| --- |',
  'www.evil.example me@evil.example https://evil.example',
  '\\|',
  ' ',
  '\u{e0041}\u{e007f}',
];

const entries: readonly LedgerEntry[] = NASTY.map((name, index) => ({
  id: String(index),
  at: Date.UTC(2026, 0, 2, 3, 4, 5),
  kind: index === 0 ? 'prompt' : 'file',
  sessionId: 's1',
  sessionName: name,
  destination: 'https://sec.example',
  name,
  bytes: 10,
  sha256: 'ab'.repeat(32),
  rule: name,
  outcome: 'sent',
}));

describe('ledger export', () => {
  it('writes JSON that gives back every entry, with hidden characters to be seen', () => {
    const json = ledgerToJson(entries, { now: 0 });
    assert.equal(hasHiddenCharacters(json), false);
    const read = JSON.parse(json) as { entries: unknown; totals: unknown; exportedAt: string };
    assert.deepEqual(
      read.entries,
      entries.map((entry) => ({ ...entry, time: '2026-01-02T03:04:05.000Z' })),
    );
    assert.deepEqual(read.totals, { files: 9, prompts: 1, others: 0, bytes: 100 });
    assert.equal(read.exportedAt, '1970-01-01T00:00:00.000Z');
  });

  it('writes a Markdown table in which no name is anything but text', () => {
    const markdown = ledgerToMarkdown(entries, { now: 0, scope: NASTY.join('') });
    assert.equal(hasHiddenCharacters(markdown), false);
    const html = new MarkdownIt({ html: true, linkify: true }).render(markdown);
    assert.doesNotMatch(html, /<(a|img)\b/);
    const rows = html.split('<tr>').slice(2);
    assert.equal(rows.length, NASTY.length);
    for (const row of rows) assert.equal(row.match(/<td/g)?.length, 9, row);
    assert.match(html, /⟦U\+202E⟧gpj\.exe⟦U\+0000⟧/);
    assert.match(markdown, /9 files, 1 prompt; 100 bytes/);
  });

  it('lists the entries for reading, the newest first, with nothing in them but text', () => {
    const inTime = entries.map((entry, index) => ({ ...entry, at: entry.at + index * 1000 }));
    const list = ledgerToList(inTime, { scope: NASTY.join('') });
    assert.equal(hasHiddenCharacters(list), false);
    const html = new MarkdownIt({ html: true, linkify: true }).render(list);
    assert.doesNotMatch(html, /<(a|img|table)\b/);
    assert.equal(html.split('<h2>').length - 1, entries.length);
    const times = [...list.matchAll(/^## (.{19}) UTC: /gm)].map(([, time]) => time ?? '');
    assert.deepEqual(times, times.toSorted().toReversed());
    assert.equal(new Set(times).size, entries.length);
    assert.match(list, /⟦U\+202E⟧gpj\.exe⟦U\+0000⟧/);
  });

  it('says of each outcome what may have left', () => {
    const outcomes = (['started', 'sent', 'failed', 'cancelled'] as const).map(
      (outcome) => ({ ...entries[0], outcome }) as LedgerEntry,
    );
    const markdown = ledgerToMarkdown(outcomes, { now: 0 });
    for (const words of ['started, end not known', '| sent |', 'failed, a part may have left', 'cancelled, a part'])
      assert.ok(markdown.includes(words), words);
  });
});
