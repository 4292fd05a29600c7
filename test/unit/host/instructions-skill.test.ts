import assert from 'node:assert/strict';
import { SecGeminiError } from '../../../src/core/errors.ts';
import type { LedgerEntry } from '../../../src/core/ledger.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import {
  type SkillPorts,
  instructionsSkill,
  removeInstructions,
  takesSkills,
  uploadInstructions,
} from '../../../src/host/domains/instructions-skill.ts';
import { FakeClient, V1_CAPABILITIES } from '../../fakes/fake-client.ts';

async function started(review: SkillPorts['review']) {
  const uploaded = new Map<string, string>();
  const client = Object.assign(new FakeClient(), {
    capabilities: { ...V1_CAPABILITIES, promptOptions: true },
    skills: {
      upload: async (name: string, content: string) => void uploaded.set(name, content),
      delete: async (name: string) => {
        if (!uploaded.delete(name)) throw new SecGeminiError('notFound', 'gone');
      },
    },
  });
  const sessions = new SessionManager({ newId: () => crypto.randomUUID(), now: () => 1000 });
  sessions.setClient(client as unknown as FakeClient);
  const { id } = await sessions.create();
  sessions.setOptions(id, { skills: ['my own'] });
  const entries: LedgerEntry[] = [];
  const ports = {
    sessions,
    ledger: { append: async (entry: LedgerEntry) => void entries.push(entry) },
    log: { error: () => undefined, warn: () => undefined },
    review,
  } as unknown as SkillPorts;
  const skills = (): readonly string[] | undefined => sessions.state(id)?.options?.skills;
  return { ports, id, uploaded, entries, skills, client };
}

describe('instructions as a skill', () => {
  it('are looked through, written down, uploaded, and asked for by each prompt beside the others', async () => {
    const { ports, id, uploaded, entries, skills } = await started(async (_id, text) =>
      text.replace('s3cret', '[[1]]'),
    );
    await uploadInstructions(ports, id, 'Use s3cret.');
    const name = instructionsSkill(id);
    assert.deepEqual(skills(), ['my own', name]);
    assert.match(uploaded.get(name) ?? '', /^---\nname: vscode-instructions-[^]*\n---\n\nUse \[\[1\]\]\.\n$/);
    assert.deepEqual(
      entries.map(({ kind, name, outcome }) => [kind, name, outcome]),
      [
        ['skill', name, 'started'],
        ['skill', name, 'sent'],
      ],
    );
    await uploadInstructions(ports, id, 'Changed.');
    assert.deepEqual(
      [skills(), uploaded.size],
      [['my own', name], 1],
      'a changed text takes the place of the one before',
    );
  });

  it('stay here when the user keeps them: nothing is uploaded, nothing asked for', async () => {
    const { ports, id, uploaded, skills, entries } = await started(async () => {
      throw new SecGeminiError('cancelled', 'Kept.');
    });
    await assert.rejects(uploadInstructions(ports, id, 'Use s3cret.'), { code: 'cancelled' });
    assert.deepEqual([uploaded.size, entries.length, skills()], [0, 0, ['my own']]);
  });

  it('go when they are no longer wanted, also where the service has them no more', async () => {
    const { ports, id, uploaded, skills } = await started(async (_id, text) => text);
    await uploadInstructions(ports, id, 'One.');
    await removeInstructions(ports, id);
    assert.deepEqual([uploaded.size, skills()], [0, ['my own']]);
    await uploadInstructions(ports, id, 'Two.');
    uploaded.clear();
    await removeInstructions(ports, id);
    assert.deepEqual(skills(), ['my own']);
  });

  it('are offered only where the service takes skills by prompt', async () => {
    const { client } = await started(async (_id, text) => text);
    assert.ok(takesSkills(client as unknown as FakeClient));
    assert.ok(!takesSkills(new FakeClient()));
    assert.ok(!takesSkills(undefined));
  });
});
