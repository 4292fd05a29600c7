import assert from 'node:assert/strict';
import { divideCreate, dividePatch } from '../../../src/core/session-make.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

const offers = (some: Partial<FakeClient['capabilities']>) => ({
  capabilities: { ...new FakeClient().capabilities, ...some },
});
const v1 = offers({ editDescription: true, editTtl: true, loggingChoice: true, promptOptions: false });
const v3 = offers({ editDescription: false, editTtl: false, loggingChoice: false, promptOptions: true });

describe('what a session is made with', () => {
  it('goes to the service whole where it has fields for it', () => {
    const all = { name: 'n', description: 'd', ttlSeconds: 300, logging: false };
    assert.deepEqual(divideCreate(v1, all, {}), { forService: all, options: undefined, facts: undefined });
    const patch = { description: 'd', ttlSeconds: 300 };
    assert.deepEqual(dividePatch(v1, patch), { forService: patch, facts: undefined });
  });

  it('stays here or goes with each prompt where it has none; a time to live is refused', () => {
    assert.deepEqual(divideCreate(v3, { name: 'n', description: 'd', logging: false }, { mode: 'dfir' }), {
      forService: { name: 'n' },
      options: { mode: 'dfir', logging: false },
      facts: { description: 'd' },
    });
    assert.throws(() => divideCreate(v3, { ttlSeconds: 300 }, {}), { code: 'invalidArgument' });
    assert.deepEqual(dividePatch(v3, { description: 'd' }), { forService: undefined, facts: { description: 'd' } });
    assert.deepEqual(dividePatch(v3, { name: 'n' }), { forService: { name: 'n' }, facts: undefined });
    assert.throws(() => dividePatch(v3, { ttlSeconds: 300 }), { code: 'invalidArgument' });
  });

  it('is shown as the description of the session, whatever the service says later', async () => {
    const client = new FakeClient();
    Object.assign(client, v3);
    const sessions = new SessionManager({ newId: () => 'id', now: () => 0 });
    sessions.setClient(client);
    const { id } = await sessions.create({ name: 'n', description: 'why' });
    assert.equal(sessions.state(id)?.info.description, 'why');
    await sessions.update(id, { description: 'other' });
    await sessions.refreshSession(id);
    assert.equal(sessions.state(id)?.info.description, 'other');
    await sessions.update(id, { description: '' });
    assert.equal(sessions.state(id)?.info.description, '');
    sessions.dispose();
  });
});
