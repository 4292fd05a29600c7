// Storage: 1,000 sessions at start, a session of 10,000 messages and 10 MB, kept bytes, ledger. Figures of this machine's disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CachedSession } from '../../src/core/session-cache.ts';
import { LedgerFile } from '../../src/host/storage/ledger-file.ts';
import { inParallel } from '../../src/host/storage/in-parallel.ts';
import { cached, files, text } from '../unit/host/storage/support.ts';

const root = mkdtempSync(join(tmpdir(), 'sg-bench-'));

async function figure(name: string, n: number, work: (round: number) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < n; round += 1) {
    const started = performance.now();
    await work(round);
    times.push(performance.now() - started);
  }
  print(name, times, 'ms');
}

function print(name: string, values: number[], unit: string): void {
  const sorted = values.toSorted((a, b) => a - b);
  const round = (value: number | undefined): number => Math.round((value ?? 0) * 100) / 100;
  const value = round(sorted[Math.floor(sorted.length / 2)]);
  console.log(
    JSON.stringify({ name, value, unit, n: sorted.length, min: round(sorted[0]), max: round(sorted.at(-1)) }),
  );
}

try {
  // First, while the process is small: what is freed before would hide what is taken.
  const small = files(join(root, 'small'));
  const before = process.memoryUsage().rss;
  let most = before;
  const piece = new Uint8Array(64 * 1024);
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 3200; n += 1) {
      most = Math.max(most, process.memoryUsage().rss);
      yield piece;
    }
  };
  await figure('storage: keep 200 MiB while sending', 1, async () => {
    for await (const sent of small.keepSent('s1', source())) if (sent.length === 0) break;
  });
  print('storage: extra memory while keeping 200 MiB', [(most - before) / 1024 / 1024], 'MiB');

  const many = join(root, 'many');
  const messages = Array.from({ length: 20 }, (_, n) => text(`m${n}`, 'x'.repeat(500)));
  const filled = files(many);
  await inParallel(8, [...Array.from({ length: 1000 }).keys()], (n) =>
    filled.update(`s${n}`, () => cached(`s${n}`, { messages })),
  );
  await figure('storage: heads of 1,000 sessions', 5, () => files(many).heads());
  await figure('storage: list of 1,000 sessions with 20 messages each', 5, () => files(many).list());
  await figure('storage: sign-out, gone for everybody (rename)', 1, () => filled.clear());

  const long = join(root, 'long');
  const big = cached('s1', { messages: Array.from({ length: 10_000 }, (_, n) => text(`m${n}`, 'y'.repeat(800))) });
  const store = files(long);
  await store.update('s1', () => big);
  const grow = (n: number) => (current: CachedSession | undefined) =>
    current && { ...current, messages: [...current.messages, text(`new${n}`)] };
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  await figure('storage: update of a 10 MB session, own window', 10, (n) => store.update('s1', grow(n)));
  lag.disable();
  print('storage: longest block of the event loop meanwhile', [lag.max / 1e6], 'ms');
  const others = [files(long), files(long)];
  await figure(
    'storage: update of a 10 MB session, windows in turn',
    10,
    (n) => others[n % 2]?.update('s1', grow(n)) ?? Promise.resolve(),
  );
  await figure('storage: read of a 10 MB session', 5, () => files(long).read('s1'));
  await figure('storage: head of a 10 MB session', 5, () => files(long).heads());

  await figure('storage: update of a small session', 100, (n) =>
    small.update('s1', (current = cached()) => ({ ...current, draft: String(n) })),
  );
  const ledger = new LedgerFile({ path: join(root, 'ledger.jsonl') });
  await figure('storage: ledger entry', 100, (n) =>
    ledger.append({
      id: String(n),
      at: n,
      kind: 'file',
      sessionId: 's1',
      sessionName: 'Session',
      destination: 'https://sec.example',
      name: 'a.txt',
      bytes: 1,
      sha256: '0'.repeat(64),
      rule: 'confirmed',
      outcome: 'sent',
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
