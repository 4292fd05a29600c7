import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { LEASE_FILE, parseLease, STATE_FILE } from '../../../src/core/sandbox-lease.ts';
import { sayHello } from '../../../src/sandbox/life/hello.ts';
import { runProfile } from '../../../src/sandbox/life/profile.ts';
import type { ProfileLine } from '../../../src/sandbox/life/profile.ts';
import type { Run } from '../../../src/sandbox/life/plain.ts';
import { portsOf } from '../../../src/sandbox/life/profile-state.ts';
import { call, cleanUp, connect, ManualClock, register, session, temporaryFolder } from './support.ts';
import type { Listener } from './support.ts';

describe('sandbox, one per profile', () => {
  const runs = new Set<Run<ProfileLine>>();
  const words: string[] = [];
  const servers = new Set<Server>();

  afterEach(async () => {
    await Promise.all([...runs].map((run) => run.stop()));
    runs.clear();
    words.length = 0;
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    servers.clear();
    await cleanUp();
  });

  function open(folder: string, clock = new ManualClock()): Run<ProfileLine> {
    const run = runProfile({ folder, clock }, (said) => words.push(said));
    runs.add(run);
    return run;
  }

  const portOf = (line: ProfileLine): number => Number(new URL(line.endpoint).port);
  const hold = (line: ProfileLine, key = line.apiKey): Promise<Listener> =>
    connect({ port: portOf(line) }, '/sandbox/hold', { 'x-api-key': key });

  it('writes a lease that only its owner may read, and takes it away at the end', async () => {
    const folder = temporaryFolder();
    const run = open(folder);
    const line = await run.ready;
    const file = join(folder, LEASE_FILE);
    const lease = parseLease(readFileSync(file, 'utf8'));
    assert.deepEqual([lease?.pid, lease?.port, lease?.key], [process.pid, portOf(line), line.apiKey]);
    assert.equal(Buffer.from(line.apiKey, 'base64url').length, 32);
    if (process.platform !== 'win32') {
      for (const name of [LEASE_FILE, STATE_FILE]) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
    }
    assert.equal((await call(line, '/v1/user/info', undefined, { 'x-api-key': line.apiKey })).status, 200);
    await run.stop();
    await run.ended;
    assert.deepEqual(readdirSync(folder), [STATE_FILE]);
  });

  it('keeps sessions, key and port over a restart', async () => {
    const folder = temporaryFolder();
    const clock = new ManualClock();
    const first = open(folder, clock);
    const line = await first.ready;
    const id = await register(line, {}, line.apiKey);
    await first.stop();
    const again = await open(folder, clock).ready;
    assert.deepEqual([again.endpoint, again.apiKey, again.joined], [line.endpoint, line.apiKey, false]);
    assert.equal((await session(again, id, again.apiKey))?.['id'], id);
  });

  it('is one, however many windows start it at the same time', async () => {
    const folder = temporaryFolder();
    const lines = await Promise.all(Array.from({ length: 6 }, () => open(folder).ready));
    assert.equal(lines.filter(({ joined }) => !joined).length, 1);
    assert.equal(new Set(lines.map(({ endpoint, apiKey }) => `${endpoint} ${apiKey}`)).size, 1);
    assert.deepEqual(readdirSync(folder).sort(), [LEASE_FILE, STATE_FILE].sort());
  });

  it('waits for one that is ending', async () => {
    const folder = temporaryFolder();
    const clock = new ManualClock();
    const first = open(folder, clock);
    const line = await first.ready;
    const stopped = first.stop();
    const second = await open(folder, clock).ready;
    await stopped;
    assert.deepEqual([second.endpoint, second.joined], [line.endpoint, false]);
  });

  it('ends 60 s after its last window left, or when none comes', async () => {
    const alone = new ManualClock();
    const nobody = open(temporaryFolder(), alone);
    await nobody.ready;
    alone.advance(60_000);
    await nobody.ended;

    const clock = new ManualClock();
    const run = open(temporaryFolder(), clock);
    const line = await run.ready;
    const [one, two] = [await hold(line), await hold(line)];
    clock.advance(19_000);
    one.socket.close();
    await one.closed;
    let ended = false;
    void run.ended.then(() => (ended = true));
    for (let i = 0; i < 6; i++) {
      clock.advance(19_000);
      for (let trip = 0; trip < 2; trip++) {
        const back = once(two.socket, 'pong');
        two.socket.ping();
        await back;
      }
    }
    assert.equal(ended, false, 'a window holds it');
    two.socket.close();
    await two.closed;
    clock.advance(59_000);
    const three = await hold(line);
    clock.advance(10_000);
    assert.equal((await call(line, '/health')).status, 200, 'a window came back in time');
    three.socket.terminate();
    await three.closed;
    // The server has seen it too once it answers another connection.
    await call(line, '/health');
    clock.advance(60_000);
    await run.ended;
    await assert.rejects(call(line, '/health'));
  });

  it('lets only who has the key hold it', async () => {
    const line = await open(temporaryFolder()).ready;
    await assert.rejects(hold(line, 'wrong'), /403/);
  });

  it('proves itself without the key being said, and tells other programs apart', async () => {
    const line = await open(temporaryFolder()).ready;
    assert.equal(await sayHello(portOf(line), line.apiKey), 'ours');
    assert.equal(await sayHello(portOf(line), 'another key'), 'other');
  });

  it('takes another port when a program has its own, and every window finds it there', async () => {
    const folder = temporaryFolder();
    const clock = new ManualClock();
    const first = open(folder, clock);
    const line = await first.ready;
    await first.stop();
    const squatter = createServer((socket) => socket.resume().end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
    servers.add(squatter);
    squatter.listen(portOf(line), '127.0.0.1');
    await once(squatter, 'listening');
    const [second, third] = [await open(folder, clock).ready, await open(folder, clock).ready];
    assert.equal(second.apiKey, line.apiKey);
    assert.equal(portOf(second), portsOf(line.apiKey, portOf(line))[1]);
    assert.deepEqual([second.joined, third.joined, third.endpoint], [false, true, second.endpoint]);
  });

  it('does not believe a lease that a crash left behind', async () => {
    const folder = temporaryFolder();
    const first = open(folder);
    const line = await first.ready;
    const lease = readFileSync(join(folder, LEASE_FILE));
    await first.stop();
    writeFileSync(join(folder, LEASE_FILE), lease);
    const second = await open(folder).ready;
    assert.deepEqual([second.joined, second.endpoint], [false, line.endpoint]);
  });

  it('puts a state file aside that is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, STATE_FILE), 'something else');
    await open(folder).ready;
    assert.equal(readdirSync(folder).filter((name) => name.includes('.damaged-')).length, 1);
    assert.match(words.join(), /put aside/);
  });

  it('reads no lease that is not whole', () => {
    const good = { version: 1, pid: 1, port: 2, key: 'k'.repeat(43), startedAt: 3 };
    assert.deepEqual(parseLease(JSON.stringify(good)), good);
    for (const bad of [
      '',
      '{',
      'null',
      '[]',
      ...Object.keys(good).map((name) => JSON.stringify({ ...good, [name]: undefined })),
    ])
      assert.equal(parseLease(bad), undefined, bad);
    assert.equal(parseLease(JSON.stringify({ ...good, port: 65_536 })), undefined);
    assert.equal(parseLease(JSON.stringify({ ...good, key: 'a b' })), undefined);
  });
});
