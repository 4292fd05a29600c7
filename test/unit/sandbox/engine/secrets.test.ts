import assert from 'node:assert/strict';
import { cleanLines } from '../../../corpus/clean-lines.ts';
import { KINDS, seededSecrets } from '../../../corpus/seeded-secrets.ts';
import { maskSecret, scanSecrets } from '../../../../src/scan/secrets.ts';
import { ask, fileOf } from './support.ts';

/** A line of a key file, put together so that this file holds none. */
const mark = (edge: 'BEGIN' | 'END', kind: string): string => `-----${edge} ${kind} KEY-----`;

const SEED = 20_240_109;

describe('secret scanner', () => {
  it('finds at least 95 of 100 seeded secrets of at least 20 kinds, on their lines', async () => {
    const seeded = seededSecrets(SEED, 6);
    assert.ok(KINDS.length >= 20 && seeded.length >= 100);
    const missed: string[] = [];
    for (const { kind, fileName, text, line, secret } of seeded) {
      const at = text.indexOf(secret);
      const matches = await scanSecrets(text, { fileName });
      const hit = matches.some((match) => match.line === line && match.start < at + secret.length && match.end > at);
      if (!hit) missed.push(`${kind} in ${fileName}`);
    }
    assert.ok(
      missed.length <= seeded.length * 0.05,
      `seed ${SEED}: missed ${missed.length} of ${seeded.length}: ${missed.join(', ')}`,
    );
  });

  it('reports at most 1 of 1,000 clean lines', async () => {
    const lines = cleanLines(SEED, 1000);
    assert.equal(new Set(lines).size, 1000);
    const matches = await scanSecrets(lines.join('\n'));
    assert.ok(
      matches.length <= 1,
      `seed ${SEED}: ${matches.map((match) => `${match.kind}: ${lines[match.line - 1] ?? ''}`).join('\n')}`,
    );
  });

  it('never quotes a seeded secret in an answer', async () => {
    // The first line of a private key is no secret, it is what the mask shows.
    const seeded = seededSecrets(SEED + 1, 2).filter(({ kind }) => kind !== 'private key');
    for (const { fileName, text, line, secret } of seeded) {
      const files = [fileOf(fileName, text)];
      for (const prompt of [
        'inspect',
        `what is on line ${line} of ${fileName}`,
        'list the indicators',
        'findings as json',
        'list the secrets',
      ])
        assert.ok(!(await ask(prompt, { files })).includes(secret), `${prompt} quotes ${fileName}`);
    }
  });

  it('masks with the beginning and the length, never the whole', () => {
    assert.equal(maskSecret('abcdefghijklmnopqrst'), 'abcd… (20 characters)');
    assert.equal(maskSecret('abc'), '… (3 characters)');
    assert.equal(maskSecret(`${mark('BEGIN', 'RSA PRIVATE')}\nAAAA`), `${mark('BEGIN', 'RSA PRIVATE')}…`);
  });

  it('masks what mail and log checks quote, too', async () => {
    const line = 'urgent: use postgres://app:Blue-Sky-77@db.example.com/x within 24 hours';
    const mail = `From: a@example.com\nTo: b@example.com\nSubject: x\n\n${line}\n`;
    const text = await ask('inspect', { files: [fileOf('a.eml', mail)] });
    assert.match(text, /mail\/urgency/);
    assert.ok(!text.includes('Blue-Sky-77'));
  });

  it('masks lines behind the searched part, too', async function () {
    this.timeout(60_000);
    const filler = 'plain words of a long file\n'.repeat(170_000);
    const file = fileOf('long.txt', `${filler}DB_PASSWORD=Blue-Sky-77\nend\n`);
    const other = fileOf('other.txt', `${filler}DB_PASSWORD=Blue-Sky-78\nend\n`);
    for (const prompt of [
      'lines 170001 to 170002 of long.txt',
      'line 170001 of long.txt',
      'compare long.txt and other.txt',
    ]) {
      const text = await ask(prompt, { files: [file, other] });
      assert.ok(!text.includes('Blue-Sky-7'), prompt);
    }
    assert.match(await ask('line 170001 of long.txt', { files: [file] }), /DB_PASSWORD=.*… \(11 characters\)/);
  });

  it('takes overlapping finds as one, and a private key as a whole block', async () => {
    const key = [
      mark('BEGIN', 'PRIVATE'),
      'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
      'BKcwggSjAgEAAoIBAQC7',
      mark('END', 'PRIVATE'),
    ];
    const text = ['first', ...key, 'last'].join('\n');
    const matches = await scanSecrets(text);
    assert.equal(matches.length, 1);
    assert.equal(matches[0]?.line, 2);
    const shown = await ask('what is on lines 1 to 6 of key.txt', { files: [fileOf('key.txt', text)] });
    assert.ok(!shown.includes('MIIEvQ') && !shown.includes('BKcwggSj'));
    assert.ok(shown.includes('first') && shown.includes('last'));
  });

  it('masks the body of a private key whose end is missing', async () => {
    const text = `${mark('BEGIN', 'EC PRIVATE')}\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nrest of the file, in words`;
    const shown = await ask('what is on lines 1 to 3 of cut.txt', { files: [fileOf('cut.txt', text)] });
    assert.ok(!shown.includes('MIIEvQ') && shown.includes('rest of the file'));
  });

  it('finds a secret across the cut of two pieces of one long line', async () => {
    const token = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
    const text = `${'x '.repeat(131_060)}${token} ${'y '.repeat(200_000)}`;
    const matches = await scanSecrets(text);
    assert.deepEqual(
      matches.map((match) => text.slice(match.start, match.end)),
      [token],
    );
  });

  it('stops when the turn is cancelled', async () => {
    await assert.rejects(scanSecrets('text', { signal: AbortSignal.abort(new Error('gone')) }), /gone/);
  });
});
