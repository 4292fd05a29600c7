import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { ClearedUpload } from '../../../src/core/egress.ts';
import { safeFileName } from '../../../src/core/file-name.ts';
import { formatBytes } from '../../../src/core/format.ts';
import type {
  EgressAbout,
  EgressChoice,
  EgressPorts,
  OutgoingFile,
  RuleVerdict,
} from '../../../src/core/egress-model.ts';
import type { SecGeminiError } from '../../../src/core/errors.ts';
import { HOSTILE_NAMES } from '../../corpus/hostile-names.ts';
import { TOKEN, about, choose, file, gate, sent } from './egress-support.ts';

const denied = (text: RegExp) => (error: SecGeminiError) => {
  assert.equal(error.code, 'permissionDenied');
  assert.match(error.message, text);
  return true;
};

describe('egress gate', () => {
  it('asks once for the batch, naming every file, size and the destination', async () => {
    const { egress, asked } = gate('send');
    const cleared = await egress.clear([file('a', 'x'), file('b', 'yy')], about);
    assert.deepEqual(
      cleared.map((upload) => upload.name),
      ['a', 'b'],
    );
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.totalBytes, 3);
    assert.equal(asked[0]?.destination, 'https://fake.invalid');
  });

  it('lets nothing out when the user says no', async () => {
    const { egress } = gate('cancel');
    assert.deepEqual(await egress.clear([file('a')], about), []);
  });

  it('lets out only what was chosen, and nothing that was not asked about', async () => {
    const stranger = file('stranger');
    const { egress } = gate((request) => ({
      choices: new Map<OutgoingFile, EgressChoice>([
        [stranger, 'send'],
        ...request.files.slice(1).map((each): [OutgoingFile, EgressChoice] => [each, 'send']),
      ]),
    }));
    const cleared = await egress.clear([file('a'), file('b')], about);
    assert.deepEqual(
      cleared.map((upload) => upload.name),
      ['b'],
    );
  });

  it('sends the bytes as they are, and the very candidate can be told from the upload', async () => {
    const one = file('a.txt', 'first\r\nsecond \u00e4\n');
    const [upload] = await gate('send').egress.clear([one], about);
    assert.ok(upload);
    assert.equal(await sent(upload), 'first\r\nsecond \u00e4\n');
    assert.equal(await sent(upload), 'first\r\nsecond \u00e4\n', 'a second try gets the same bytes');
    assert.equal(upload.file, one);
    assert.equal(upload.sourceSha256, createHash('sha256').update('first\r\nsecond \u00e4\n').digest('hex'));
  });

  it('refuses what is too large before asking and before reading a byte', async () => {
    const big = file('big.bin', 'x'.repeat(11));
    const { egress, asked } = gate('send', { maxBytes: () => 10 });
    await assert.rejects(egress.clear([big], about), (error: SecGeminiError) => {
      assert.equal(error.code, 'tooLarge');
      assert.match(error.message, /big\.bin has 11 bytes; the limit is 10 bytes/);
      return true;
    });
    assert.deepEqual([asked.length, big.opened], [0, 0]);
  });

  it('does not send a file that changed after it was looked at', async () => {
    let content = 'harmless';
    const swapped: OutgoingFile = {
      ...file('a.txt', content),
      async *open() {
        yield new TextEncoder().encode(content);
      },
    };
    const [upload] = await gate('send').egress.clear([swapped], about);
    content = 'SECRETS!';
    assert.ok(upload);
    const seen: Uint8Array[] = [];
    await assert.rejects(async () => {
      for await (const piece of upload.open()) seen.push(piece);
    }, /changed after you confirmed/);
    assert.deepEqual(seen, []);
  });

  it('stops between two files when it is cancelled', async () => {
    const abort = new AbortController();
    const files = [file('a'), file('b'), file('c')];
    const { egress, asked } = gate('send');
    const clearing = egress.clear(files, {
      ...about,
      signal: abort.signal,
      onInspected: (done) => {
        if (done === 2) abort.abort(new Error('stopped'));
      },
    });
    await assert.rejects(clearing, /stopped/);
    assert.deepEqual([asked.length, files[2]?.opened], [0, 0]);
  });

  it('has no way to make a cleared upload but through the gate', () => {
    // @ts-expect-error: the brand is not exported, so an object literal is not a ClearedUpload
    const forged: ClearedUpload = { name: 'x', size: 1, async *open() {} };
    assert.ok(forged);
  });
});

describe('egress gate: what is kept here (S26)', () => {
  it('takes denied files out of a batch, unread, and names the rule', async () => {
    const env = file('.ENV.local', 'TOKEN=1');
    const { egress, asked } = gate('send');
    const cleared = await egress.clear([file('a'), env, file('key.pem')], about);
    assert.deepEqual(
      cleared.map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(
      asked[0]?.refused.map(({ file: { name }, rule }) => [name, rule]),
      [
        ['.ENV.local', '.env*'],
        ['key.pem', '*.pem'],
      ],
    );
    assert.equal(env.opened, 0);
  });

  it('does not let a review bring a denied file back', async () => {
    const env = file('.env');
    const { egress } = gate((request) => ({
      choices: new Map<OutgoingFile, EgressChoice>([...request.files, env].map((each) => [each, 'send'])),
    }));
    const cleared = await egress.clear([file('a'), env], about);
    assert.deepEqual(
      cleared.map(({ name }) => name),
      ['a'],
    );
  });

  it('judges what a link points to as well as its name', async () => {
    const link = file('notes.txt', 'x', { paths: ['/ws/notes.txt', '/elsewhere/me/.ssh/id_ed25519'] });
    await assert.rejects(gate('send').egress.clear([link], about), denied(/notes\.txt stays on this machine/));
    assert.equal(link.opened, 0);
  });

  it('judges a selection and unsaved text by their document', async () => {
    const selection = file('.env:3-4', 'x', { paths: ['/ws/.env'] });
    await assert.rejects(gate('send').egress.clear([selection], about), denied(/rule \.env\*/));
  });

  it('lets one named file through after a question of its own, and asks the ordinary one, too', async () => {
    const warned: string[] = [];
    const confirmDenied = async (each: OutgoingFile, rule: string): Promise<boolean> => {
      warned.push(`${each.name} ${rule}`);
      return true;
    };
    const { egress, asked } = gate('send', { confirmDenied, ask: () => 'whenFlagged' });
    const cleared = await egress.clear([file('.env')], about);
    assert.deepEqual([warned, asked.length, cleared.length], [['.env .env*'], 1, 1]);
    assert.deepEqual(asked[0]?.items[0]?.notes, ['although .env* keeps it here']);
  });

  it('lets nothing through when that question is answered with no', async () => {
    const env = file('.env');
    const { egress, asked } = gate('send', { confirmDenied: async () => false });
    assert.deepEqual(await egress.clear([env], about), []);
    assert.deepEqual([asked.length, env.opened], [0, 0]);
  });

  for (const [words, files, chosen] of [
    ['one of several files', [file('.env'), file('.env.local')], 'named'],
    ['a file that was found in a folder', [file('.env')], 'collected'],
    ['a file of which nobody said how it was chosen', [file('.env')], undefined],
  ] as const)
    it(`does not even ask about ${words}`, async () => {
      const { egress, asked } = gate('send', { confirmDenied: async () => assert.fail('asked') });
      await assert.rejects(egress.clear(files, { ...about, chosen }), denied(/\.env stays on this machine/));
      assert.equal(asked.length, 0);
    });

  it('keeps what an ignore file names, whatever the user answers', async () => {
    const secret = file('plan.txt');
    const rules = async (): Promise<Map<OutgoingFile, RuleVerdict>> =>
      new Map([[secret, { kind: 'refused', rule: '.secgeminiignore: plan.*' }]]);
    const { egress, asked } = gate('send', { rules, confirmDenied: async () => true });
    await assert.rejects(egress.clear([secret], about), denied(/rule \.secgeminiignore: plan\.\*/));
    assert.deepEqual([asked.length, secret.opened], [0, 0]);
  });

  it("leaves git's ignored files here unless they are ticked", async () => {
    const log = file('debug.log');
    const rules = async (): Promise<Map<OutgoingFile, RuleVerdict>> =>
      new Map([[log, { kind: 'ask', rule: '.gitignore: *.log' }]]);
    const collected: EgressAbout = { ...about, chosen: 'collected' };
    const unticked = await gate('send', { rules }).egress.clear([file('a'), log], collected);
    assert.deepEqual(
      unticked.map(({ name }) => name),
      ['a'],
    );
    const ticked = await gate(choose('send'), { rules }).egress.clear([file('a'), log], collected);
    assert.deepEqual(
      ticked.map(({ name }) => name),
      ['a', 'debug.log'],
    );
  });

  it('refuses folders in Restricted Mode and always asks there', async () => {
    const { egress, asked } = gate('send', { restricted: () => true, ask: () => 'whenFlagged' });
    const one = file('a');
    await assert.rejects(egress.clear([one], { ...about, chosen: 'collected' }), denied(/Restricted Mode/));
    assert.deepEqual([asked.length, one.opened], [0, 0]);
    await egress.clear([one], about);
    assert.equal(asked.length, 1);
  });

  it('leaves out a file of a batch that cannot be read, and says so', async () => {
    const broken: OutgoingFile = {
      ...file('gone.txt'),
      // oxlint-disable-next-line require-yield
      async *open() {
        throw new Error('ENOENT');
      },
    };
    const { egress, asked } = gate('send');
    assert.equal((await egress.clear([file('a'), broken], about)).length, 1);
    assert.match(asked[0]?.refused[0]?.rule ?? '', /cannot be read: ENOENT/);
    await assert.rejects(egress.clear([broken], about), /ENOENT/);
  });
});

describe('egress gate: when it asks', () => {
  const whenFlagged = { ask: () => 'whenFlagged' as const };
  const asksFor = async (files: readonly OutgoingFile[], ports: Partial<EgressPorts> = {}): Promise<boolean> => {
    const { egress, asked } = gate('cancel', { ...whenFlagged, ...ports });
    await egress.clear(files, about);
    return asked.length > 0;
  };

  it('asks always unless the setting says otherwise', async () => {
    const { egress, asked } = gate('send');
    await egress.clear([file('a.txt')], about);
    assert.equal(asked.length, 1);
  });

  it('asks when flagged: not about text that was searched to its end and is free of secrets', async () => {
    assert.equal(await asksFor([file('a.txt', 'hello\n')]), false);
  });

  it('asks whatever the setting says when it may be another extension that sends (S39)', async () => {
    for (const by of ['call', undefined] as const) {
      const { egress, asked } = gate('cancel', whenFlagged);
      assert.deepEqual(await egress.clear([file('a.txt', 'hello\n')], { ...about, by }), []);
      assert.equal(asked.length, 1, String(by));
    }
  });

  it('asks about secrets, denied files, executables, what could not be searched, and files with several names', async () => {
    assert.equal(await asksFor([file('a.txt', `token = ${TOKEN}\n`)]), true);
    assert.equal(await asksFor([file('a.txt'), file('.env')]), true);
    assert.equal(await asksFor([file('a.txt', new Uint8Array([0x4d, 0x5a, 0, 1]))]), true);
    assert.equal(await asksFor([file('a.bin', new Uint8Array([0, 1, 2, 3]))]), true);
    assert.equal(await asksFor([file('a.txt', 'a line\n'.repeat(300_000))]), true);
    assert.equal(await asksFor([file('a.txt', 'x', { links: 2 })]), true);
    assert.equal(await asksFor([file('a.txt')], { scan: async () => undefined }), true);
  }).timeout(20_000);
});

describe('safeFileName', () => {
  it('keeps the base name only', () => {
    assert.equal(safeFileName('/etc/../x/app.py'), 'app.py');
    assert.equal(safeFileName('C:\\Users\\me\\evil.exe'), 'evil.exe');
    assert.equal(safeFileName('a\r\nX-Evil: 1'), 'aX-Evil: 1');
    for (const name of ['', '.', '..', '/', '\u0000']) assert.equal(safeFileName(name), 'file');
  });

  it('makes every hostile name one that no path, header or log is broken by (S33)', () => {
    assert.ok(HOSTILE_NAMES.length > 400);
    for (const name of HOSTILE_NAMES) {
      const safe = safeFileName(name);
      assert.ok(!/[/\\\u0000-\u001f\u007f-\u009f]/.test(safe), JSON.stringify(name));
      assert.ok(safe.isWellFormed(), JSON.stringify(name));
      assert.ok(safe !== '' && safe !== '.' && safe !== '..' && Buffer.byteLength(safe) <= 255, JSON.stringify(name));
      assert.equal(safeFileName(safe), safe);
    }
  });

  it('never yields a separator, a control character or more than 255 bytes, and keeps the extension', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const name = safeFileName(`${text}.json`);
        assert.ok(Buffer.byteLength(name) <= 255);
        assert.ok(!/[/\\\u0000-\u001f\u007f-\u009f]/.test(name));
        assert.ok(name.endsWith('.json') || name === 'file');
      }),
    );
    assert.equal(safeFileName(`${'ä'.repeat(300)}.log`).endsWith('.log'), true);
  }).timeout(20_000);
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
