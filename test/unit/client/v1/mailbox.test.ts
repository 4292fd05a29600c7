import assert from 'node:assert/strict';
import { createV1Client } from '../../../../src/client/v1/create.ts';
import { Mailbox } from '../../../../src/client/mailbox.ts';
import { FAKE_KEY, V1Fake, endMark, wire } from '../../../fakes/v1-server.ts';

describe('mailbox (F20)', () => {
  it('asks for a pause at 1,000 items or 16 MiB, for more at half of it, and keeps the order', () => {
    const asked: boolean[] = [];
    const mailbox = new Mailbox<number>((full) => asked.push(full));
    for (let index = 0; index < 1_000; index += 1) mailbox.put(index);
    assert.deepEqual(asked, [true]);
    for (let index = 0; index < 499; index += 1) assert.equal(mailbox.take(), index);
    assert.deepEqual(asked, [true]);
    assert.equal(mailbox.take(), 499);
    assert.deepEqual(asked, [true, false]);
    mailbox.put(1_000, 17 * 1024 * 1024);
    assert.deepEqual(asked, [true, false, true]);
    for (let index = 500; index <= 1_000; index += 1) assert.equal(mailbox.take(), index);
    assert.deepEqual(asked, [true, false, true, false]);
    assert.equal(mailbox.take(), undefined);
    assert.equal(mailbox.length, 0);
  });

  it('wakes whoever waits', async () => {
    const mailbox = new Mailbox<string>(() => undefined);
    const ready = mailbox.ready();
    mailbox.put('here');
    await ready;
    assert.equal(mailbox.take(), 'here');
  });

  it('F20: 50,000 messages at once, a reader that dawdles: all arrive in order, the peer is held back meanwhile', async function () {
    this.timeout(20_000);
    const fake = await V1Fake.start();
    const client = createV1Client({ endpoint: fake.url, apiKey: FAKE_KEY, protocol: 'v1' });
    const session = fake.addSession();
    const stream = client.stream(session, { id: 'p', text: 'flood' })[Symbol.asyncIterator]();
    // Connecting, connected, sent: then nobody reads for a while.
    for (let index = 0; index < 3; index += 1) await stream.next();
    const peer = await fake.peer(0);
    await peer.next();
    const filler = 'x'.repeat(1_000);
    for (let index = 0; index < 50_000; index += 1) peer.text(wire('thinking', `${index} ${filler}`));
    peer.text(endMark());
    for (let index = 0; index < 50; index += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(peer.unsent > 5_000_000, 'most of 60 MB still waits on the other side');
    let next = 0;
    for (let result = await stream.next(); result.done !== true; result = await stream.next()) {
      const event = result.value;
      if (event.type !== 'message' || event.message.kind !== 'thinking') continue;
      assert.equal(event.message.content.split(' ')[0], String(next));
      next += 1;
    }
    assert.equal(next, 50_000);
    await client.close();
    await fake.close();
  });
});
