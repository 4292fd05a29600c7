import assert from 'node:assert/strict';
import { keptWithImports } from '../../../src/core/kept-with-imports.ts';
import { mergeCachedSession } from '../../../src/core/session-cache-merge.ts';
import type { CachedSession } from '../../../src/core/session-cache.ts';
import { encodeExport, exportOf, importedSession } from '../../../src/core/session-export.ts';
import { mergeFacts } from '../../../src/core/session-local.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { initialState } from '../../../src/core/session-state.ts';
import { decodeSession, encodeSession } from '../../../src/host/storage/session-format.ts';
import { FakeClient, message, sessionInfo } from '../../fakes/fake-client.ts';
import { memoryKept } from '../../fakes/memory-kept.ts';

const ID = 'imported-7';

function manager(): SessionManager {
  let count = 0;
  return new SessionManager({ newId: () => `id-${(count += 1)}`, now: () => 5000 });
}

function adopt(sessions: SessionManager): string {
  const state = { ...initialState(sessionInfo('s9', { name: 'Old case' })), messages: [message('a', 'prompt', 'hi')] };
  const document = exportOf(state, { now: 1000 });
  const { info, local } = importedSession(document, ID, 2000);
  sessions.adopt(info, document.messages, local);
  return encodeExport(document);
}

describe('an imported session', () => {
  it('is there after a start without an account, and after signing in and out', async () => {
    const imports = memoryKept();
    const first = manager();
    first.setClient(undefined, imports);
    const text = adopt(first);
    first.dispose();

    const account = memoryKept();
    const second = manager();
    second.setClient(new FakeClient(), keptWithImports(account, imports));
    await second.restore();
    await second.refresh();
    await second.open(ID);
    const state = second.state(ID);
    assert.equal(state?.history, 'loaded');
    assert.equal(state.info.status, 'idle', 'a service that does not list it does not make it gone');
    assert.equal(encodeExport(exportOf(state, { now: 9 })), text);
    await second.clearKept();
    assert.ok(imports.disk.has(ID), 'it belongs to no account');
    assert.equal(account.disk.has(ID), false);
  });

  it('is never asked of a service, and takes nothing', async () => {
    const client = new FakeClient();
    const sessions = manager();
    sessions.setClient(client, keptWithImports(memoryKept(), memoryKept()));
    adopt(sessions);
    await sessions.open(ID);
    await sessions.reload(ID);
    await assert.rejects(sessions.send(ID, 'more'), /can only be read/);
    await assert.rejects(sessions.attach(ID, []), /can only be read/);
    await assert.rejects(sessions.update(ID, { name: 'x' }), /can only be read/);
    await assert.rejects(sessions.detach(ID, 'f'), /can only be read/);
    await sessions.delete(ID);
    assert.equal(sessions.state(ID), undefined);
    assert.deepEqual(client.calls, []);
    assert.deepEqual(client.sent, []);
  });
});

describe('facts of this machine', () => {
  const kept = (local: CachedSession['local']): CachedSession => ({
    info: sessionInfo('s1'),
    messages: [],
    attachments: [],
    origins: [],
    draft: '',
    queue: [],
    undelivered: [],
    seenAt: 0,
    ...(local === undefined ? {} : { local }),
  });

  it('survive the disk, those of a later version too', () => {
    const local = { closed: true, later: { x: 1 } } as CachedSession['local'];
    const rev = '00000000-0000-4000-8000-000000000000';
    assert.deepEqual(decodeSession(encodeSession({ rev, session: kept(local) })).session.local, local);
  });

  it('of two windows are both kept; what one takes away is gone', () => {
    const base = { closed: true, domain: 'general' };
    assert.deepEqual(mergeFacts(base, { domain: 'general' }, { ...base, instructionsSent: 'x' }), {
      domain: 'general',
      instructionsSent: 'x',
    });
    assert.equal(mergeCachedSession(kept(base), kept({ ...base, closed: false }), kept(base)).local?.closed, false);
  });
});
