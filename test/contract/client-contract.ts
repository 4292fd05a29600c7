/** What every implementation of a service must let the house's client do: one suite, run over each (sandbox, conformance server; v1, v3). */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { SecGeminiClient } from '../../src/core/client.ts';
import { safeFileName } from '../../src/core/file-name.ts';
import { isSecGeminiError } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import { HOSTILE_NAMES } from '../corpus/hostile-names.ts';
import { deliveries, drive, outcome } from '../fakes/v1-drive.ts';
import { type Capability, type CapabilityPrompts, PROOFS, writeContractResult } from './capabilities.ts';

export interface ContractSubject {
  readonly client: SecGeminiClient;
  /** The same service with a key that it does not know. */
  stranger(): SecGeminiClient;
  stop(): Promise<void>;
}

export interface ContractOptions extends CapabilityPrompts {
  /** A prompt whose turn takes at least half a second and says something at once. */
  readonly slowPrompt: string;
  /** What the ordinary answer must hold when a file with the text `needle-4711` is attached; undefined = nothing in particular. */
  readonly mentions?: ((sha256: string) => RegExp) | undefined;
}

export function describeClientContract(
  name: string,
  start: () => Promise<ContractSubject>,
  options: ContractOptions,
): void {
  describe(`client contract: ${name}`, function () {
    // Busy machines: a guard, not an expectation.
    this.timeout(20_000);
    let subject: ContractSubject;
    let client: SecGeminiClient;

    before(async function () {
      this.timeout(60_000);
      subject = await start();
      client = subject.client;
    });

    /** Capabilities whose proof held. */
    const proven: string[] = [];

    after(async function () {
      this.timeout(20_000);
      writeContractResult(name, client.protocol, proven);
      await subject.stop();
    });

    const text = 'password = "needle-4711"\n';
    const upload = (content: string, named: string) => {
      const bytes = Buffer.from(content);
      return {
        name: named,
        size: bytes.length,
        async *open() {
          yield bytes.subarray(0, 5);
          yield bytes.subarray(5);
        },
      };
    };

    it('tells the account, and refuses a stranger', async () => {
      const account = await client.account();
      assert.notEqual(account.userId, '');
      const stranger = subject.stranger();
      await assert.rejects(stranger.account(), (error) => isSecGeminiError(error, 'unauthenticated'));
      await stranger.close();
    });

    it('creates, lists, renames and deletes a session', async () => {
      const made = await client.createSession({ name: 'contract ✓', description: 'd' });
      assert.equal(made.name, 'contract ✓');
      assert.ok((await client.listSessions()).sessions.some((session) => session.id === made.id));
      if (client.capabilities.rename) {
        const renamed = await client.updateSession(made.id, { name: 'renamed' });
        assert.equal(renamed.name, 'renamed');
        assert.equal((await client.getSession(made.id)).name, 'renamed');
      }
      await client.deleteSession(made.id);
      await assert.rejects(client.getSession(made.id), (error) => isSecGeminiError(error, 'notFound'));
      await assert.rejects(client.deleteSession(made.id), (error) => isSecGeminiError(error, 'notFound'));
    });

    it('attaches byte for byte, names what is attached, detaches', async () => {
      const { id } = await client.createSession({});
      const sent: number[] = [];
      const file = await client.attach(id, upload(text, 'app.py'), { onProgress: (bytes) => sent.push(bytes) });
      assert.equal(sent.at(-1), Buffer.byteLength(text));
      const sha256 = createHash('sha256').update(text).digest('hex');
      if (file.sha256 !== undefined) assert.equal(file.sha256, sha256);
      const held = (await client.getSession(id)).attachments ?? [];
      assert.deepEqual(
        held.map((other) => other.name),
        ['app.py'],
      );
      assert.equal(held[0]?.id, file.id);
      await client.detach(id, file.id);
      assert.deepEqual((await client.getSession(id)).attachments, []);
      await assert.rejects(client.detach(id, file.id), (error) => isSecGeminiError(error, 'notFound'));
      await client.deleteSession(id);
    });

    it('attaches under the safe form of a hostile name and no other, and breaks nothing by it (S33)', async () => {
      // A fixed fifth of them, spread over all: each is a call and more.
      const names = [...new Set(HOSTILE_NAMES.filter((_name, index) => index % 5 === 0).map(safeFileName))];
      const { id } = await client.createSession({});
      for (const name of names) assert.equal((await client.attach(id, upload(text, name))).name, name);
      const held = (await client.getSession(id)).attachments ?? [];
      assert.deepEqual(held.map((file) => file.name).toSorted(), names.toSorted());
      await client.deleteSession(id);
    });

    it('streams one turn whose transcript is the history', async function () {
      this.timeout(20_000);
      const { id } = await client.createSession({});
      await client.attach(id, upload(text, 'app.py'));
      const turn = drive(client, id, options.prompt);
      const events = await turn.done;
      assert.equal(outcome(events), 'completed');
      assert.equal(events.filter((event) => event.type === 'turnEnd').length, 1);
      assert.deepEqual(deliveries(events), ['sent', 'delivered']);
      const shown = turn.state().messages.filter((message) => message.kind === 'response');
      assert.equal(shown.length, 1);
      assert.equal(shown[0]?.status, 'complete');
      const sha256 = createHash('sha256').update(text).digest('hex');
      if (options.mentions !== undefined) assert.match(shown[0]?.content ?? '', options.mentions(sha256));
      const history = await client.history(id);
      assert.ok(history.some((message) => message.kind === 'prompt' && message.content === options.prompt));
      assert.deepEqual(
        turn
          .state()
          // v3 echoes the prompt on the stream, v1 does not.
          .messages.filter((message) => message.kind !== 'prompt')
          .map((message) => message.id),
        history.filter((message) => message.kind !== 'prompt').map((message) => message.id),
      );
      await client.deleteSession(id);
    });

    it('leaves a turn and finds it again', async function () {
      this.timeout(30_000);
      const { id } = await client.createSession({});
      const turn = drive(client, id, options.slowPrompt);
      while (!turn.events.some((event) => event.type === 'message'))
        await new Promise((resolve) => setImmediate(resolve));
      turn.stop();
      assert.equal(outcome(await turn.done), 'stopped');
      const known = new Set(turn.state().messages.map((message) => message.id));
      const later: SessionEvent[] = [];
      for await (const event of client.listen(id, { knownIds: known })) later.push(event);
      assert.equal(outcome(later), 'completed');
      assert.ok(!later.some((event) => event.type === 'message' && known.has(event.message.id)));
      const prompts = (await client.history(id)).filter((message) => message.kind === 'prompt');
      assert.equal(prompts.length, 1);
      await client.deleteSession(id);
    });

    it('says notFound for a session that never was, on every way', async () => {
      const id = '00000000-0000-4000-8000-000000000000';
      await assert.rejects(client.getSession(id), (error) => isSecGeminiError(error, 'notFound'));
      await assert.rejects(client.history(id), (error) => isSecGeminiError(error, 'notFound'));
      await assert.rejects(client.attach(id, upload('x', 'x')), (error) => isSecGeminiError(error, 'notFound'));
      const last = (await drive(client, id, 'hello?').done).at(-1);
      assert.ok(last?.type === 'turnEnd' && last.outcome === 'failed' && last.error?.code === 'notFound');
    });

    it('cancels a call by its signal', async () => {
      await assert.rejects(client.listSessions({ signal: AbortSignal.abort() }), (error) =>
        isSecGeminiError(error, 'cancelled'),
      );
    });

    // Of what not every service has, either it is proven or it is truly absent: nothing in between.
    for (const capability of Object.keys(PROOFS) as Capability[])
      it(`capability: ${capability}`, async function () {
        this.timeout(40_000);
        const { prove, absent } = PROOFS[capability];
        const { id } = await client.createSession({});
        if (client.capabilities[capability]) {
          await prove(client, id, options);
          proven.push(capability);
        } else await absent(client, id);
        await client.deleteSession(id);
      });
  });
}
