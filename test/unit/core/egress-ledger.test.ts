import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Egress } from '../../../src/core/egress.ts';
import type { EgressAnswer, EgressPorts, OutgoingFile } from '../../../src/core/egress-model.ts';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { inspectText } from '../../../src/scan/inspect-text.ts';

const TOKEN = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const about = {
  sessionId: 's1',
  sessionName: 'Session',
  destination: 'https://fake.invalid',
  chosen: 'named',
  by: 'hand',
} as const;

function file(name: string, pieces: readonly Uint8Array[]): OutgoingFile {
  return {
    name,
    origin: name,
    paths: [],
    size: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
    async *open() {
      yield* pieces;
    },
  };
}

function gate(ports: Partial<EgressPorts> = {}, answer: EgressAnswer = 'send') {
  const entries: LedgerEntry[] = [];
  let ids = 0;
  const egress = new Egress({
    confirm: async () => answer,
    maxBytes: () => 100_000_000,
    scan: (bytes, options) => inspectText(bytes, options),
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: () => `id-${(ids += 1)}`,
    now: () => 42,
    ledger: {
      append: async (entry) => void entries.push(entry),
      read: async () => entries,
      clear: async () => undefined,
    },
    ...ports,
  });
  return { egress, entries };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the ledger in the gate', () => {
  it('is written before the first byte goes and completed with what really went', async () => {
    const { egress, entries } = gate();
    const [upload] = await egress.clear([file('a.txt', [bytesOf('one '), bytesOf('two')])], about);
    assert.ok(upload);
    assert.deepEqual(entries, [], 'nothing left yet');
    let first = true;
    for await (const _piece of upload.open()) {
      if (first)
        assert.deepEqual(
          entries.map(({ outcome }) => outcome),
          ['started'],
        );
      first = false;
    }
    const started: LedgerEntry = {
      id: 'id-1',
      at: 42,
      sessionId: 's1',
      sessionName: 'Session',
      destination: 'https://fake.invalid',
      kind: 'file',
      name: 'a.txt',
      bytes: 7,
      sha256: sha256('one two'),
      rule: 'confirmed',
      outcome: 'started',
    };
    assert.deepEqual(entries, [started, { ...started, bytes: 7, sha256: sha256('one two'), outcome: 'sent' }]);
  });

  it('lets nothing leave when it cannot be written', async () => {
    const ledger = {
      append: async () => Promise.reject(new Error('disk full')),
      read: async () => [],
      clear: async () => undefined,
    };
    const { egress } = gate({ ledger });
    const [upload] = await egress.clear([file('a.txt', [bytesOf('x')])], about);
    assert.ok(upload);
    const seen: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const piece of upload.open()) seen.push(piece);
    }, /disk full/);
    assert.deepEqual(seen, []);
    await assert.rejects(egress.prompt(about, 'hello'), /disk full/);
  });

  it('goes on when only its end cannot be written: the bytes are gone', async () => {
    let count = 0;
    const errors: string[] = [];
    const ledger = {
      append: async () => ((count += 1) > 1 ? Promise.reject(new Error('disk full')) : undefined),
      read: async () => [],
      clear: async () => undefined,
    };
    const log = { trace() {}, info() {}, warn() {}, error: (text: string) => void errors.push(text) };
    const { egress } = gate({ ledger, log });
    const [upload] = await egress.clear([file('a.txt', [bytesOf('x')])], about);
    assert.ok(upload);
    for await (const piece of upload.open()) assert.equal(piece.byteLength, 1);
    assert.equal(errors.length, 1);
  });

  it('says how much had gone when it was cut, and what the caller says of the end', async () => {
    const { egress, entries } = gate();
    const pieces = Array.from({ length: 3 }, () => new Uint8Array(1_500_000).fill(7));
    const [upload] = await egress.clear([file('big.bin', pieces)], about);
    assert.ok(upload);
    for await (const _piece of upload.open()) break;
    assert.deepEqual(
      entries.map(({ outcome, bytes }) => [outcome, bytes]),
      [
        ['started', 4_500_000],
        ['failed', 1_500_000],
      ],
    );
    assert.equal(entries[1]?.sha256, sha256(new Uint8Array(1_500_000).fill(7)));
    await upload.settle('cancelled');
    assert.deepEqual([entries[2]?.outcome, entries[2]?.bytes], ['cancelled', 1_500_000]);
  });

  it('has no entry for what never began to leave', async () => {
    const { egress, entries } = gate();
    const [upload] = await egress.clear([file('a.txt', [bytesOf('x')])], about);
    await upload?.settle('cancelled');
    assert.deepEqual(entries, []);
  });

  it('counts a second try as the same thing', async () => {
    const { egress, entries } = gate();
    const [upload] = await egress.clear([file('a.txt', [bytesOf('x')])], about);
    assert.ok(upload);
    for (const _try of [1, 2]) for await (const piece of upload.open()) assert.equal(piece.byteLength, 1);
    assert.deepEqual(new Set(entries.map(({ id }) => id)).size, 1);
  });

  it('names the rule or the click, and what was done to the file', async () => {
    const code = bytesOf(`k = "${TOKEN}"\n`);
    const rules: string[] = [];
    const cases: readonly [Partial<EgressPorts>, EgressAnswer, Uint8Array][] = [
      [{ ask: () => 'whenFlagged' }, 'cancel', bytesOf('plain')],
      [{}, 'redact', code],
      [{}, 'send', code],
      [{}, 'send', new Uint8Array([0x4d, 0x5a])],
    ];
    for (const [ports, answer, content] of cases) {
      const { egress, entries } = gate(ports, answer);
      const [upload] = await egress.clear([file('a.txt', [content])], about);
      assert.ok(upload);
      for await (const _piece of upload.open());
      rules.push(entries[0]?.rule ?? '');
    }
    assert.deepEqual(rules, [
      'allowed: nothing flagged',
      'confirmed; 1 secret redacted',
      'confirmed; 1 secret sent as they are',
      'confirmed; only name, size and hashes',
    ]);
  });

  it('equals the bytes of the wire for any content in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), async (pieces) => {
        const { egress, entries } = gate({ scan: async () => undefined });
        const [upload] = await egress.clear([file('a.bin', pieces)], about);
        assert.ok(upload);
        const wire: Uint8Array[] = [];
        for await (const piece of upload.open()) wire.push(piece);
        const all = Buffer.concat(wire);
        if (upload.choice === 'send') assert.ok(all.equals(Buffer.concat(pieces)));
        const last = entries.at(-1);
        assert.deepEqual([last?.outcome, last?.bytes, last?.sha256], ['sent', all.length, sha256(all)]);
        assert.equal(upload.size, all.length);
      }),
      { numRuns: 60 },
    );
  }).timeout(20_000);
});

describe('prompts in the ledger', () => {
  it('are written before they go, with their hash and first words, without their secrets', async () => {
    const { egress, entries } = gate({ confirmPrompt: async () => 'send' });
    const text = `why does this fail: token = "${TOKEN}"? ${'more '.repeat(100)}`;
    await egress.reviewPrompt(about, text);
    const record = await egress.prompt(about, text);
    assert.equal(entries.length, 1);
    const [entry] = entries;
    assert.deepEqual(
      [entry?.kind, entry?.outcome, entry?.rule],
      ['prompt', 'started', 'sent by the user; 1 secret sent as it is'],
    );
    assert.deepEqual([entry?.bytes, entry?.sha256], [bytesOf(text).byteLength, sha256(text)]);
    assert.match(entry?.name ?? '', /^why does this fail/);
    assert.ok([...(entry?.name ?? '')].length <= 80 && !entry?.name.includes(TOKEN.slice(0, 12)));
    await record.settle('sent');
    assert.deepEqual([entries[1]?.id, entries[1]?.outcome], [entry?.id, 'sent']);
  });
});
