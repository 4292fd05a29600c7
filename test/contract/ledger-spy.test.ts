// A server that counts what it gets has got exactly what the ledger says, byte for byte: files as they are, redacted, as samples, sent again,
// and prompts (trust.md S31, S32). Over both protocols.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createV3Client } from '../../src/client/create-client.ts';
import { createV1Client } from '../../src/client/v1/create.ts';
import type { SecGeminiClient } from '../../src/core/client.ts';
import { type OutgoingFile, Egress } from '../../src/core/egress.ts';
import type { EgressAnswer, EgressRequest } from '../../src/core/egress-model.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { SessionManager } from '../../src/core/session-manager.ts';
import { LedgerFile } from '../../src/host/storage/ledger-file.ts';
import { inspectText } from '../../src/scan/inspect-text.ts';
import { FAKE_KEY, V1Fake, endMark, wire } from '../fakes/v1-server.ts';
import { HUB_KEY, V3Hub } from '../fakes/v3-hub.ts';
import { folder, removeFolders } from '../unit/host/storage/support.ts';

interface Got {
  readonly kind: 'file' | 'prompt';
  readonly bytes: number;
  readonly sha256: string;
}

interface Spy {
  readonly client: SecGeminiClient;
  /** A session that is there. */
  session(): string;
  /** Everything that arrived whole, in the order of arrival within its kind. */
  got(): readonly Got[];
  /** The next file arrives whole and is then refused. */
  refuseNextFile(): void;
  stop(): Promise<void>;
}

const TOKEN = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

async function spyV1(): Promise<Spy> {
  const fake = await V1Fake.start();
  fake.onPeer = (peer) => {
    peer.accept();
    void (async () => {
      for (;;) {
        const asked = await peer.next().catch(() => undefined);
        if (asked === undefined) return;
        if (asked.message_type !== 'query') continue;
        peer.text(wire('result', 'The answer'));
        peer.text(endMark());
      }
    })();
  };
  let refuse = false;
  fake.override = ({ path }) => {
    if (path !== '/v1/session/attach_file' || !refuse) return undefined;
    refuse = false;
    return { status: 500, body: { detail: 'no room' } };
  };
  const client = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1' });
  return {
    client,
    session: () => fake.addSession(),
    refuseNextFile: () => {
      refuse = true;
    },
    got: () => [
      ...fake.requests
        .filter(({ path }) => path === '/v1/session/attach_file')
        .map(({ body }) => {
          const bytes = Buffer.from((JSON.parse(body) as { content: string }).content, 'base64');
          return { kind: 'file' as const, bytes: bytes.length, sha256: sha256(bytes) };
        }),
      ...fake.queries.map(({ content }) => promptGot(String(content))),
    ],
    stop: async () => {
      await client.close();
      await fake.close();
    },
  };
}

async function spyV3(): Promise<Spy> {
  const hub = new V3Hub();
  await hub.listen();
  const client = await createV3Client({ endpoint: hub.url, apiKey: HUB_KEY, protocol: 'v3' });
  return {
    client,
    session: () => hub.session().id,
    refuseNextFile: () => {
      hub.takesUploads = false;
    },
    got: () => [
      ...hub.uploads
        .filter(({ whole }) => whole)
        .map(({ size, sha256: hash }) => ({ kind: 'file' as const, bytes: size, sha256: hash })),
      ...hub.prompts().map(promptGot),
    ],
    stop: async () => {
      await client.close();
      await hub.stop();
    },
  };
}

function promptGot(text: string): Got {
  return { kind: 'prompt', bytes: Buffer.byteLength(text), sha256: sha256(text) };
}

function outgoing(name: string, content: Uint8Array | string): OutgoingFile {
  const bytes = Buffer.from(content);
  return {
    name,
    origin: name,
    paths: [`/ws/${name}`],
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
    },
  };
}

for (const [protocol, spyOf] of [
  ['v1', spyV1],
  ['v3', spyV3],
] as const)
  describe(`what a spy gets and what the ledger says are the same (${protocol})`, function () {
    this.timeout(20_000);
    let spy: Spy;
    let sessions: SessionManager;
    let egress: Egress;
    let ledger: LedgerFile;
    let sessionId: string;
    let answer: EgressAnswer | ((request: EgressRequest) => EgressAnswer);
    let promptAnswer: 'send' | 'redact';
    let told: string[];

    beforeEach(async () => {
      spy = await spyOf();
      ledger = new LedgerFile({ path: join(folder(), 'ledger.jsonl') });
      answer = 'send';
      promptAnswer = 'send';
      told = [];
      egress = new Egress({
        confirm: async (request) => (typeof answer === 'function' ? answer(request) : answer),
        confirmPrompt: async () => promptAnswer,
        maxBytes: () => 10_000_000,
        scan: (bytes, options) => inspectText(bytes, options),
        ledger,
        newHash: (algorithm) => {
          const hash = createHash(algorithm);
          return { update: (piece) => void hash.update(piece), digest: () => hash.digest('hex') };
        },
        newId: randomUUID,
        now: Date.now,
      });
      sessions = new SessionManager({
        newId: randomUUID,
        now: Date.now,
        recordPrompt: (about, text) => egress.prompt(about, text),
        reviewPrompt: (about, text) => egress.reviewPrompt(about, text),
      });
      sessions.setClient(spy.client);
      sessionId = (await sessions.resume(spy.session())).id;
    });

    afterEach(async () => {
      sessions.dispose();
      await spy.stop();
      removeFolders();
    });

    const attach = async (file: OutgoingFile): Promise<void> => {
      const about = { sessionId, sessionName: 'S', destination: spy.client.origin, chosen: 'named' as const };
      await sessions.attach(sessionId, await egress.clear([file], about), {
        onAttached: ({ sha256: hash }) => told.push(hash ?? ''),
      });
    };
    const ask = async (text: string): Promise<void> => {
      const ended = new Promise<void>((resolve) => {
        const listener = sessions.onDidChange(({ action }) => {
          if (action.type !== 'turnEnd') return;
          listener.dispose();
          resolve();
        });
      });
      await sessions.send(sessionId, text);
      await ended;
    };
    /** Bytes and hashes of one kind, in order: of the spy and of the ledger. */
    const compare = async (): Promise<readonly LedgerEntry[]> => {
      const entries = await ledger.read();
      for (const kind of ['file', 'prompt'] as const) {
        const facts = (rows: readonly Got[]): string[] =>
          rows.filter((row) => row.kind === kind).map((row) => `${row.bytes} ${row.sha256}`);
        assert.deepEqual(facts(entries as readonly Got[]), facts(spy.got()));
      }
      return entries;
    };

    it('for files as they are, empty and large, redacted, and as samples', async () => {
      await attach(outgoing('notes.txt', 'notes\n'));
      await attach(outgoing('empty.txt', ''));
      await attach(outgoing('large.log', 'one line of a log\n'.repeat(150_000)));
      await attach(outgoing('as-it-is.js', `const token = '${TOKEN}';\n`));
      answer = 'redact';
      await attach(outgoing('redacted.js', `const token = '${TOKEN}';\n`));
      answer = 'send';
      await attach(outgoing('tool.exe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(5000, 7)])));
      const entries = await compare();
      assert.deepEqual(
        entries.map(({ outcome }) => outcome),
        Array.from({ length: 6 }, () => 'sent'),
      );
      // By its hash the copy of what was sent is found, whatever the service tells.
      assert.deepEqual(
        told,
        entries.map(({ sha256: hash }) => hash),
      );
      const redacted = `const token = '[[SECRET-1:github-token]]';\n`;
      assert.deepEqual([entries[4]?.bytes, entries[4]?.sha256], [redacted.length, sha256(redacted)]);
      assert.match(entries[5]?.rule ?? '', /only name, size and hashes/);
    });

    it('for a file that is refused when it is there, and sent again', async () => {
      spy.refuseNextFile();
      await assert.rejects(attach(outgoing('notes.txt', 'notes\n')));
      await attach(outgoing('notes.txt', 'notes\n'));
      const entries = await compare();
      assert.deepEqual(
        entries.map(({ outcome }) => outcome),
        ['failed', 'sent'],
      );
    });

    it('for prompts, with other letters, with a secret as it is, and without it', async () => {
      await ask('What is in the files?');
      await ask('Größe: 10 µm – 漢字 🛡️');
      await ask(`Is ${TOKEN} valid?`);
      promptAnswer = 'redact';
      await ask(`Is ${TOKEN} valid?`);
      const entries = await compare();
      assert.deepEqual(
        entries.map(({ kind, outcome }) => `${kind} ${outcome}`),
        Array.from({ length: 4 }, () => 'prompt sent'),
      );
      assert.equal(entries[3]?.sha256, sha256('Is [[SECRET-1:github-token]] valid?'));
    });

    it('for what did not leave: nothing, on both sides', async () => {
      answer = 'cancel';
      await attach(outgoing('notes.txt', 'notes\n')).catch(() => undefined);
      answer = 'send';
      const gone = outgoing('gone.txt', 'x');
      await assert.rejects(attach({ ...gone, open: () => assert.fail('the file vanished') }));
      assert.deepEqual(await compare(), []);
    });
  });
