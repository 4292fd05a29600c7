import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  Egress,
  type EgressAnswer,
  type EgressRequest,
  type OutgoingFile,
  formatBytes,
  safeFileName,
} from '../../../src/core/egress.ts';
import type { SecGeminiError } from '../../../src/core/errors.ts';

function file(name: string, size: number, opened: string[] = []): OutgoingFile {
  return {
    name,
    origin: `src/${name}`,
    size,
    async *open() {
      opened.push(name);
      yield new Uint8Array(size);
    },
  };
}
const about = { sessionName: 'S', destination: 'https://fake.invalid', logging: true };

function gate(answer: EgressAnswer | ((request: EgressRequest) => EgressAnswer), maxBytes = 100) {
  const asked: EgressRequest[] = [];
  const egress = new Egress({
    confirm: async (request) => {
      asked.push(request);
      return typeof answer === 'function' ? answer(request) : answer;
    },
    maxBytes: () => maxBytes,
  });
  return { egress, asked };
}

describe('egress gate', () => {
  it('asks once for the batch, naming every file, size and the destination', async () => {
    const { egress, asked } = gate('send');
    const cleared = await egress.clear([file('a', 1), file('b', 2)], about);
    assert.deepEqual(
      cleared.map((upload) => upload.name),
      ['a', 'b'],
    );
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.totalBytes, 3);
    assert.equal(asked[0]?.destination, 'https://fake.invalid');
  });

  it('lets nothing out when the user says no', async () => {
    const opened: string[] = [];
    const { egress } = gate('cancel');
    assert.deepEqual(await egress.clear([file('a', 1, opened)], about), []);
    assert.deepEqual(opened, []);
  });

  it('lets out only what stayed ticked, and nothing that was not asked about', async () => {
    const stranger = file('stranger', 1);
    const { egress } = gate((request) => ({ only: [...request.files.slice(1), stranger] }));
    const cleared = await egress.clear([file('a', 1), file('b', 2)], about);
    assert.deepEqual(
      cleared.map((upload) => upload.name),
      ['b'],
    );
  });

  it('refuses what is too large before asking and before reading a byte', async () => {
    const opened: string[] = [];
    const { egress, asked } = gate('send', 10);
    await assert.rejects(egress.clear([file('big.bin', 11, opened)], about), (error: SecGeminiError) => {
      assert.equal(error.code, 'tooLarge');
      assert.match(error.message, /big\.bin has 11 bytes; the limit is 10 bytes/);
      return true;
    });
    assert.deepEqual([asked.length, opened.length], [0, 0]);
  });

  it('has no way to make a cleared upload but through the gate', () => {
    // @ts-expect-error: the brand is not exported, so an object literal is not a ClearedUpload
    const forged: import('../../../src/core/egress.ts').ClearedUpload = { name: 'x', size: 1, async *open() {} };
    assert.ok(forged);
  });
});

describe('safeFileName', () => {
  it('keeps the base name only', () => {
    assert.equal(safeFileName('/etc/../x/app.py'), 'app.py');
    assert.equal(safeFileName('C:\\Users\\me\\evil.exe'), 'evil.exe');
    assert.equal(safeFileName('a\r\nX-Evil: 1'), 'aX-Evil: 1');
    for (const name of ['', '.', '..', '/', '\u0000']) assert.equal(safeFileName(name), 'file');
  });

  it('never yields a separator, a control character or more than 255 bytes, and keeps the extension', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const name = safeFileName(`${text}.json`);
        assert.ok(Buffer.byteLength(name) <= 255);
        assert.ok(!/[/\\\u0000-\u001f\u007f-\u009f]/.test(name));
        assert.ok(
          name.endsWith('.json') ||
            text.includes('/') ||
            text.includes('\\') ||
            name === 'file' ||
            name.endsWith('.json'),
        );
      }),
    );
    assert.equal(safeFileName(`${'ä'.repeat(300)}.log`).endsWith('.log'), true);
  });
});

describe('formatBytes', () => {
  it('counts in decimal units', () => {
    assert.deepEqual([0, 1, 999, 1000, 1500, 20_000_000, 1e12].map(formatBytes), [
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1 kB',
      '1.5 kB',
      '20 MB',
      '1 TB',
    ]);
  });
});
