// Extra memory while attaching (speed.md figure 4, trust.md T17: at most 64 MiB whatever the size): one file of 200 MB over v3, and 500 files of
// a folder over v3 and v1, through the gate, the ledger and the kept copies, into the sandbox in a process of its own.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createV3Client } from '../../src/client/create-client.ts';
import { createV1Client } from '../../src/client/v1/create.ts';
import type { SecGeminiClient } from '../../src/core/client.ts';
import { Egress, type OutgoingFile } from '../../src/core/egress.ts';
import { SessionManager } from '../../src/core/session-manager.ts';
import { LedgerFile } from '../../src/host/storage/ledger-file.ts';
import { inspectText } from '../../src/scan/inspect-text.ts';
import { CacheWriter } from '../../src/host/storage/cache-writer.ts';
import { startSandbox } from '../contract/sandbox-process.ts';
import { files } from '../unit/host/storage/support.ts';

const MIB = 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const root = mkdtempSync(join(tmpdir(), 'sg-bench-'));
const sandbox = await startSandbox();

function print(name: string, value: number, unit: string): void {
  const rounded = Math.round(value * 100) / 100;
  console.log(JSON.stringify({ name, value: rounded, unit, n: 1, min: rounded, max: rounded }));
}

const piece = Buffer.from('2026-11-21 12:00:00 host sshd[1]: a line of a log that holds nothing\n'.repeat(3900));

/** Lines of a log, made as they are read, as a file would be. */
function outgoing(name: string, size: number): OutgoingFile {
  return {
    name,
    origin: name,
    paths: [`/ws/${name}`],
    size,
    async *open() {
      for (let at = 0; at < size; at += piece.length) yield piece.subarray(0, Math.min(piece.length, size - at));
    },
  };
}

/** Bytes of objects and buffers that are still reachable. */
async function memoryHeld(): Promise<number> {
  await new Promise(setImmediate);
  // Twice: buffers go with the objects that held them.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function measure(name: string, client: SecGeminiClient, batch: readonly OutgoingFile[]): Promise<void> {
  const egress = new Egress({
    confirm: async () => 'send',
    maxBytes: () => 1e9,
    scan: (bytes, options) => inspectText(bytes, options),
    ledger: new LedgerFile({ path: join(root, 'ledger.jsonl') }),
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: randomUUID,
    now: Date.now,
  });
  const cache = files(join(root, 'kept'));
  const sessions = new SessionManager({ newId: randomUUID, now: Date.now });
  sessions.setClient(client, { cache, recorder: new CacheWriter(cache) });
  const { id } = await sessions.create();
  const about = { sessionId: id, sessionName: 'S', destination: client.origin, chosen: 'named' as const };
  // The scanner and the client's code are loaded before the measurement begins.
  await sessions.attach(id, await egress.clear([outgoing('first.log', 1000)], about));
  const heldBefore = await memoryHeld();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const started = performance.now();
  await sessions.attach(id, await egress.clear(batch, about));
  clearInterval(watch);
  print(`attach: ${name}`, performance.now() - started, 'ms');
  print(`attach: extra memory, ${name}`, (Math.max(most, process.memoryUsage().rss) - before) / MIB, 'MiB');
  await sessions.flush();
  // V8 keeps room for the next young objects (up to 3 x 16 MiB); what is really held afterwards is this.
  const held = await memoryHeld();
  print(`attach: memory held afterwards, ${name}`, (held - heldBefore) / MIB, 'MiB');
  sessions.dispose();
  await client.close();
}

try {
  const v3 = (): Promise<SecGeminiClient> =>
    createV3Client({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v3' });
  const folder = Array.from({ length: 500 }, (_file, index) => outgoing(`file-${index}.log`, 20_000));
  await measure('200 MB over v3', await v3(), [outgoing('big.log', 199_000_000)]);
  await measure('500 files of 20 kB over v3', await v3(), folder);
  await measure(
    '500 files of 20 kB over v1',
    createV1Client({ endpoint: sandbox.endpoint, apiKey: sandbox.apiKey, protocol: 'v1' }),
    folder,
  );
} finally {
  await sandbox.kill();
  rmSync(root, { recursive: true, force: true });
}
