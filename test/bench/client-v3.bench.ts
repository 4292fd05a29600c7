// Figures 4 and 5 of the speed targets on v3: messages received, bytes uploaded and what that costs in memory, both beside the official
// Python client in the same run where it is installed; and how soon a lost link stands again.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, ftruncateSync, mkdtempSync, openSync, closeSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createV3Client } from '../../src/client/create-client.ts';
import type { V3Client } from '../../src/client/v3/client.ts';
import { HUB_KEY, V3Hub } from '../fakes/v3-hub.ts';

const ROUNDS = 5;
const UPLOAD_BYTES = 256_000_000;
const RECEIVE = [
  { bytes: 200, count: 40_000 },
  { bytes: 4_096, count: 8_000 },
] as const;

function print(name: string, values: readonly number[], unit: string): void {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const round = (number: number): number => Math.round(number * 100) / 100;
  const figure = {
    name,
    value: round(value),
    unit,
    n: sorted.length,
    min: round(sorted[0] ?? 0),
    max: round(sorted.at(-1) ?? 0),
  };
  console.log(JSON.stringify(figure));
}

const python = join(process.env.SGCONF ?? join(homedir(), '.cache', 'sg-conf'), 'v3', 'bin', 'python');

/** The official client's figure, or undefined where it is not installed or failed (said on stderr). */
function official(...args: string[]): Promise<number | undefined> {
  if (!existsSync(python)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, 'support', 'v3_official.py');
    const child = spawn(python, [script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.on('close', () => {
      const value = Number.parseFloat(output);
      if (!Number.isFinite(value)) console.error(`The official client gave no figure for ${args[0] ?? ''}.`);
      resolve(Number.isFinite(value) ? value : undefined);
    });
  });
}

async function receive(client: V3Client, count: number, bytes: number): Promise<number> {
  const { id } = await client.createSession({});
  let first = 0;
  let last = 0;
  let seen = 0;
  for await (const event of client.stream(id, { id: randomUUID(), text: `flood ${count} ${bytes}` })) {
    if (event.type !== 'message' || event.message.kind !== 'thinking') continue;
    last = performance.now();
    first ||= last;
    seen += 1;
  }
  if (seen !== count) throw new Error(`${seen} of ${count} messages`);
  return ((seen - 1) / (last - first)) * 1000;
}

/** Megabytes a second, and how many MiB the process grew while it ran. */
async function upload(client: V3Client): Promise<{ speed: number; extra: number }> {
  const { id } = await client.createSession({});
  const piece = Buffer.alloc(65_536, 'x');
  const source = {
    name: 'large.bin',
    size: UPLOAD_BYTES,
    async *open() {
      for (let left = UPLOAD_BYTES; left > 0; left -= piece.length)
        yield piece.subarray(0, Math.min(left, piece.length));
    },
  };
  const before = process.memoryUsage.rss();
  let peak = before;
  const started = performance.now();
  await client.attach(id, source, {
    onProgress: () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    },
  });
  const seconds = (performance.now() - started) / 1000;
  return { speed: UPLOAD_BYTES / 1e6 / seconds, extra: (peak - before) / 1024 / 1024 };
}

/** From "the service is back, try now" to the link that stands, while a turn runs. */
async function recovery(): Promise<number> {
  const hub = new V3Hub();
  await hub.listen();
  hub.onPrompt = () => undefined;
  const client = await createV3Client({ endpoint: hub.url, apiKey: HUB_KEY, protocol: 'v3', random: () => 1 });
  const { id } = await client.createSession({});
  const stop = new AbortController();
  let down = false;
  let backAt = 0;
  let took = Number.NaN;
  for await (const event of client.stream(id, { id: 'p', text: 'hello' }, { signal: stop.signal })) {
    if (event.type === 'delivery' && event.state === 'delivered') await hub.stop();
    else if (event.type === 'connection' && event.state === 'reconnecting' && !down) {
      down = true;
      setTimeout(() => {
        void hub.listen().then(() => {
          backAt = performance.now();
          client.retryNow();
        });
      }, 100);
    } else if (event.type === 'connection' && event.state === 'connected' && down) {
      took = performance.now() - backAt;
      stop.abort();
    }
  }
  await client.close();
  await hub.stop();
  return took;
}

async function startFlood(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support', 'v3-flood.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const port = Number(await new Promise<string>((resolve) => lines.once('line', resolve)));
  return { child, port };
}

const { child, port } = await startFlood();
const folder = mkdtempSync(join(tmpdir(), 'sg-bench-'));
const client = await createV3Client({ endpoint: `http://127.0.0.1:${port}`, apiKey: HUB_KEY, protocol: 'v3' });
try {
  for (const { bytes, count } of RECEIVE) {
    const ours: number[] = [];
    const theirs: number[] = [];
    await receive(client, 1_000, bytes);
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await receive(client, count, bytes));
      const value = await official('receive', `127.0.0.1:${port}`, HUB_KEY, String(count / 4), String(bytes));
      if (value !== undefined) theirs.push(value);
    }
    print(`v3 receive ${bytes} B`, ours, 'messages/s');
    if (theirs.length > 0) {
      print(`v3 receive ${bytes} B, official Python client`, theirs, 'messages/s');
      print(
        `v3 receive ${bytes} B, ours / official`,
        ours.slice(0, theirs.length).map((value, at) => value / (theirs[at] ?? 1)),
        'x',
      );
    }
  }
  const file = join(folder, 'large.bin');
  const handle = openSync(file, 'w');
  ftruncateSync(handle, UPLOAD_BYTES);
  closeSync(handle);
  const speeds: number[] = [];
  const extras: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { speed, extra } = await upload(client);
    speeds.push(speed);
    extras.push(extra);
    const value = await official('upload', `127.0.0.1:${port}`, HUB_KEY, file);
    if (value !== undefined) theirs.push(value);
  }
  print('v3 upload 256 MB', speeds, 'MB/s');
  print('v3 upload 256 MB, peak extra memory', extras, 'MiB');
  if (theirs.length > 0) {
    print('v3 upload 256 MB, official Python client', theirs, 'MB/s');
    print(
      'v3 upload 256 MB, ours / official',
      speeds.slice(0, theirs.length).map((value, at) => value / (theirs[at] ?? 1)),
      'x',
    );
  }
  const recoveries: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) recoveries.push(await recovery());
  print('v3 recovery after the service is back', recoveries, 'ms');
} finally {
  await client.close();
  child.stdin?.end();
  rmSync(folder, { recursive: true, force: true });
}
