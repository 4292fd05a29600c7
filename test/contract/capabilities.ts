/** What a service offers beside the common calls: one proof for each capability, and what its absence looks like. Feeds the README's table. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SecGeminiClient, Upload } from '../../src/core/client.ts';
import { isSecGeminiError } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import type { Capabilities } from '../../src/core/model.ts';
import { type Driven, drive, outcome, waitFor } from '../fakes/v1-drive.ts';

export type Capability = Exclude<keyof Capabilities, 'maxAttachmentBytes'>;

export interface CapabilityPrompts {
  /** Gets an ordinary answer. */
  readonly prompt: string;
  /** Works for some seconds and says something at once. */
  readonly longPrompt: string;
  /** Makes the service ask before it uses a tool. */
  readonly confirmPrompt?: string | undefined;
}

interface Proof {
  readonly prove: (client: SecGeminiClient, id: string, prompts: CapabilityPrompts) => Promise<void>;
  /** Without it, nothing may pretend: the group is not there, or the call is refused. */
  readonly absent: (client: SecGeminiClient, id: string) => Promise<void>;
}

const refused = (call: Promise<unknown>): Promise<void> =>
  assert.rejects(call, (error) => isSecGeminiError(error, 'invalidArgument'));
const noGroup =
  (group: keyof SecGeminiClient) =>
  async (client: SecGeminiClient): Promise<void> =>
    assert.equal(client[group], undefined);
/** What must be there once the capability says so. */
function there<T>(group: T | undefined): T {
  assert.ok(group !== undefined);
  return group;
}

async function working(client: SecGeminiClient, id: string, prompt: string): Promise<Driven> {
  const turn = drive(client, id, prompt);
  await waitFor(() => turn.events.some((event) => event.type === 'message' && event.message.kind !== 'prompt'));
  return turn;
}

const lines = (text: string): Upload => {
  const bytes = Buffer.from(text);
  return {
    name: 'access.jsonl',
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  };
};

export const PROOFS: Readonly<Record<Capability, Proof>> = {
  cancel: {
    async prove(client, id, { longPrompt }) {
      const turn = await working(client, id, longPrompt);
      assert.equal(await there(client.turns).cancel(id), true);
      assert.equal(outcome(await turn.done), 'stopped');
    },
    absent: noGroup('turns'),
  },
  pause: {
    async prove(client, id, { longPrompt }) {
      const turn = await working(client, id, longPrompt);
      const turns = there(client.turns);
      assert.equal(await turns.pause(id), true);
      await waitFor(() => turn.events.some((event) => event.type === 'status' && event.status === 'paused'));
      assert.equal(await turns.resume(id), true);
      await turns.cancel(id);
      await turn.done;
    },
    absent: noGroup('turns'),
  },
  rename: {
    async prove(client, id) {
      await client.updateSession(id, { name: 'another name' });
      assert.equal((await client.getSession(id)).name, 'another name');
    },
    absent: (client, id) => refused(client.updateSession(id, { name: 'x' })),
  },
  editDescription: {
    async prove(client, id) {
      await client.updateSession(id, { description: 'what it is about' });
      assert.equal((await client.getSession(id)).description, 'what it is about');
    },
    absent: (client, id) => refused(client.updateSession(id, { description: 'x' })),
  },
  editTtl: {
    async prove(client, id) {
      await client.updateSession(id, { ttlSeconds: 600 });
      assert.equal((await client.getSession(id)).ttlSeconds, 600);
    },
    absent: (client, id) => refused(client.updateSession(id, { ttlSeconds: 600 })),
  },
  namesSessions: {
    async prove(client, id, { prompt }) {
      const { name, customName } = await client.getSession(id);
      assert.equal(customName, false);
      await drive(client, id, prompt).done;
      assert.notEqual((await client.getSession(id)).name, name);
    },
    async absent(client) {
      const { id, name } = await client.createSession({ name: 'Given' });
      assert.equal(name, 'Given');
      await client.deleteSession(id);
    },
  },
  promptOptions: {
    async prove(client, id, { prompt }) {
      const events: SessionEvent[] = [];
      const meta = { 'config.harness': 'secgemini-fast', disable_logging: 'true' };
      for await (const event of client.stream(id, { id: crypto.randomUUID(), text: prompt, meta })) events.push(event);
      assert.equal(outcome(events), 'completed');
    },
    async absent(client, id) {
      // Ignored, never an error: the house asks by the capability.
      assert.equal((await client.getSession(id)).id, id);
    },
  },
  archive: {
    async prove(client, id) {
      const listed = async (includeArchived: boolean): Promise<boolean> =>
        (await client.listSessions({ includeArchived, limit: 100 })).sessions.some((session) => session.id === id);
      await there(client.archive).setArchived(id, true);
      assert.deepEqual([await listed(false), await listed(true)], [false, true]);
      await there(client.archive).setArchived(id, false);
      assert.equal(await listed(false), true);
    },
    absent: noGroup('archive'),
  },
  publish: {
    async prove(client, id) {
      const publishing = there(client.publishing);
      assert.match(await publishing.publish(id), /^https?:/);
      await publishing.get(id);
      await publishing.unpublish(id);
      await assert.rejects(publishing.get(id), (error) => isSecGeminiError(error, 'notFound'));
    },
    absent: noGroup('publishing'),
  },
  feedback: {
    async prove(client, id, { prompt }) {
      await drive(client, id, prompt).done;
      await there(client.sendFeedback?.bind(client))(id, 5, 'good');
    },
    absent: noGroup('sendFeedback'),
  },
  logs: {
    async prove(client, id) {
      const attach = there(client.attachLogs?.bind(client));
      const result = await attach(id, lines('{"timestamp":1,"message":"one"}\n{"timestamp":2,"message":"two"}\n'));
      assert.equal(result.insertedLines, 2);
    },
    absent: async (client, id) => {
      if (client.attachLogs !== undefined) await assert.rejects(client.attachLogs(id, lines('{}\n')));
    },
  },
  loggingChoice: {
    async prove(client) {
      const quiet = await client.createSession({ logging: false });
      assert.equal((await client.getSession(quiet.id)).logging, false);
      await client.deleteSession(quiet.id);
    },
    absent: (client) => refused(client.createSession({ logging: false })),
  },
  partialMessages: {
    async prove(client, id, { prompt }) {
      assert.ok((await drive(client, id, prompt).done).some((event) => event.type === 'piece'));
    },
    absent: async () => undefined,
  },
  confirmations: {
    async prove(client, id, { confirmPrompt }) {
      assert.ok(confirmPrompt !== undefined, 'a prompt that makes it ask');
      assert.equal(outcome(await drive(client, id, confirmPrompt).done), 'waiting');
      const approvals = there(client.approvals);
      const waiting = there(await approvals.pending(id));
      assert.equal(await approvals.answer(id, waiting.id, true), true);
      const later: SessionEvent[] = [];
      for await (const event of client.listen(id)) later.push(event);
      assert.equal(outcome(later), 'completed');
      assert.equal(await approvals.pending(id), undefined);
    },
    absent: noGroup('approvals'),
  },
  alwaysAsk: {
    async prove(client, id) {
      const approvals = there(client.approvals);
      await approvals.setAlwaysAsk(id, true);
      await approvals.setAlwaysAsk(id, false);
    },
    absent: async (client, id) => {
      if (client.approvals !== undefined) await refused(client.approvals.setAlwaysAsk(id, true));
    },
  },
  mcpServers: {
    async prove(client, id) {
      const mcp = there(client.mcp);
      const url = 'https://mcp.example.invalid/tools';
      await mcp.setSession(id, [url]);
      assert.ok(JSON.stringify(await mcp.listSession(id)).includes(url));
    },
    absent: noGroup('mcp'),
  },
  skills: {
    async prove(client) {
      const skills = there(client.skills);
      const content = '---\nname: contract-skill\ndescription: A skill of the contract.\n---\nDo nothing.\n';
      await skills.upload('contract-skill', content);
      assert.ok((await skills.listUploaded()).includes('contract-skill'));
      assert.equal(await skills.get('contract-skill'), content);
      await skills.delete('contract-skill');
      assert.ok(!(await skills.listUploaded()).includes('contract-skill'));
    },
    absent: noGroup('skills'),
  },
};

const out = join(dirname(dirname(import.meta.dirname)), 'out', 'contract');

/** Writes what was proven of one service: `name` -> { protocol, proven }. The table of the README is made of these files. */
export function writeContractResult(name: string, protocol: string, proven: readonly string[]): void {
  mkdirSync(out, { recursive: true });
  const file = join(out, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ name, protocol, proven: proven.toSorted() }, undefined, 2)}\n`);
}
