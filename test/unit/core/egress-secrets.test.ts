import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { MAX_SCANNED_BYTES } from '../../../src/core/egress-inspect.ts';
import type { SecretMapStore } from '../../../src/core/egress-model.ts';
import type { SecretMap } from '../../../src/core/redaction.ts';
import { TOKEN, about, choose, file, gate, sent } from './egress-support.ts';

describe('egress gate: secrets (S32)', () => {
  const CODE = `first\nconst token = "${TOKEN}";\nagain ${TOKEN}\n`;

  it('flags them with line and kind, without keeping them', async () => {
    const { egress, asked } = gate('cancel');
    await egress.clear([file('a.ts', CODE)], about);
    const [item] = asked[0]?.items ?? [];
    assert.deepEqual(
      item?.secrets.map(({ kind, line }) => [kind, line]),
      [
        ['github-token', 2],
        ['github-token', 3],
      ],
    );
    assert.ok(!JSON.stringify(item?.secrets).includes(TOKEN));
  });

  for (const [words, answer] of [
    ['the button', 'redact'],
    ['the review', choose('redact')],
  ] as const)
    it(`redacts by ${words}: the secret does not leave, the rest does, and the map stays here`, async () => {
      const saved: Record<string, string>[] = [];
      const maps = new Map<string, SecretMap>();
      const secretMaps: SecretMapStore = {
        load: async (id) => maps.get(id) ?? {},
        update: async (id, change) => {
          maps.set(id, change(maps.get(id) ?? {}));
          saved.push({ ...maps.get(id) });
        },
      };
      const { egress } = gate(answer, { secretMaps });
      const [upload] = await egress.clear([file('a.ts', CODE)], about);
      assert.ok(upload);
      const text = await sent(upload);
      assert.equal(text, 'first\nconst token = "[[SECRET-1:github-token]]";\nagain [[SECRET-1:github-token]]\n');
      assert.equal(upload.size, text.length);
      assert.deepEqual(saved, [{ '[[SECRET-1:github-token]]': TOKEN }]);
      assert.deepEqual(await egress.secretMap('s1'), { '[[SECRET-1:github-token]]': TOKEN });
      assert.deepEqual(await egress.secretMap('s2'), {});
    });

  it('gives the same secret the same placeholder in every file of the session, and after a restart', async () => {
    const kept = { '[[SECRET-7:github-token]]': TOKEN };
    const secretMaps: SecretMapStore = { load: async () => kept, update: async (_id, change) => void change(kept) };
    const { egress } = gate('redact', { secretMaps });
    const uploads = await egress.clear([file('a.ts', CODE), file('b.ts', CODE)], about);
    for (const upload of uploads) assert.match(await sent(upload), /again \[\[SECRET-7:github-token\]\]/);
  });

  it('sends nothing when the map cannot be kept', async () => {
    const secretMaps = { load: async () => ({}), update: async () => Promise.reject(new Error('disk full')) };
    await assert.rejects(gate('redact', { secretMaps }).egress.clear([file('a.ts', CODE)], about), /disk full/);
  });

  it('does not redact a text that was searched in part only', async () => {
    const long = `${CODE}${'clean line\n'.repeat(200_000)}`;
    assert.ok(long.length > MAX_SCANNED_BYTES);
    const { egress, asked } = gate(choose('redact'));
    assert.deepEqual(await egress.clear([file('long.ts', long)], about), []);
    assert.equal(asked[0]?.items[0]?.scanned, 'part');
    assert.ok(!asked[0]?.items[0]?.choices.includes('redact'));
  }).timeout(20_000);

  it('redacts without changing another byte of a file in another encoding', async () => {
    const latin = Buffer.concat([
      Buffer.from([0xe4, 0xff, 0x0a]),
      Buffer.from(`k = "${TOKEN}"\n`),
      Buffer.from([0xfc]),
    ]);
    const [upload] = await gate('redact').egress.clear([file('l.txt', latin)], about);
    assert.ok(upload);
    const pieces: Uint8Array[] = [];
    for await (const piece of upload.open()) pieces.push(piece);
    assert.deepEqual(
      Buffer.concat(pieces).toString('latin1'),
      latin.toString('latin1').replace(TOKEN, '[[SECRET-1:github-token]]'),
    );
  });
});

describe('egress gate: safe samples', () => {
  const EXE = new Uint8Array([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0]);
  const sha = (algorithm: string): string => createHash(algorithm).update(EXE).digest('hex');

  it('sends only name, size and hashes of an executable unless the user chooses otherwise', async () => {
    const [upload] = await gate('send').egress.clear([file('invoice.pdf', EXE)], about);
    assert.ok(upload);
    assert.deepEqual([upload.name, upload.mimeType], ['invoice.pdf.sample.json', 'application/json']);
    const document: unknown = JSON.parse(await sent(upload));
    assert.deepEqual(document, {
      notice: 'Only the name, the size and the hashes of this file were sent, not its content.',
      name: 'invoice.pdf',
      size: 8,
      kind: 'executable',
      md5: sha('md5'),
      sha1: sha('sha1'),
      sha256: sha('sha256'),
    });
    const [whole] = await gate(choose('send')).egress.clear([file('invoice.pdf', EXE)], about);
    assert.ok(whole);
    assert.equal(whole.size, EXE.length);
  });

  it('is offered for every file', async () => {
    const { egress, asked } = gate(choose('hashes'));
    const [upload] = await egress.clear([file('a.txt', 'the content itself')], about);
    assert.ok(upload);
    assert.ok(!(await sent(upload)).includes('the content itself'));
    assert.ok(asked[0]?.items[0]?.choices.includes('hashes'));
  });
});
