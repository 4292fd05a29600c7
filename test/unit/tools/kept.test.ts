// What outlives a call: placeholders of the session's own map, and tools that a window left with the service.
import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { restorePlaceholders } from '../../../src/core/redaction.ts';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import { LeftOffers } from '../../../src/host/tools/left-offers.ts';
import { scanSecrets } from '../../../src/scan/secrets.ts';
import { FakeClient } from '../../fakes/fake-client.ts';
import { TOKEN, gate } from '../core/egress-support.ts';
import { world } from './support.ts';

const OTHER = TOKEN.replace('A1b2', 'Z9y8');

describe("placeholders in a tool's output", () => {
  it("are those of the session's own map, which shows them on this machine and no other secret in their place", async () => {
    const { egress } = gate('send');
    const w = await world(
      { 'config.js': `const token = "${TOKEN}";\n` },
      { redact: (sessionId, text, secrets) => egress.redact(sessionId, text, secrets) },
    );
    try {
      // A prompt had a secret of its own before: number 1 is taken.
      const prompt = `key = "${OTHER}"`;
      await egress.redact(w.sessionId, prompt, await scanSecrets(prompt));
      w.tools.consent.switchOn(w.sessionId);
      await w.startTurn();
      w.person = () => ({ kind: 'allow', forSession: false, redact: true });
      const { text } = await w.call('read_file', { path: 'config.js' });
      assert.match(text, /\[\[SECRET-2:github-token\]\]/);
      assert.ok(!w.sent.join().includes(TOKEN));
      const map = await egress.secretMap(w.sessionId);
      assert.equal(map['[[SECRET-2:github-token]]'], TOKEN);
      assert.ok(restorePlaceholders(text, map).includes(TOKEN));
      assert.ok(!restorePlaceholders(text, map).includes(OTHER));
    } finally {
      await w.dispose();
    }
  });

  it('keep the output here when they cannot be kept', async () => {
    const w = await world(
      { 'config.js': `const token = "${TOKEN}";\n` },
      { redact: async () => Promise.reject(new SecGeminiError('storage', 'The disk is full.')) },
    );
    try {
      w.tools.consent.switchOn(w.sessionId);
      await w.startTurn();
      w.person = () => ({ kind: 'allow', forSession: false, redact: true });
      const { text, isError } = await w.call('read_file', { path: 'config.js' });
      assert.ok(isError);
      assert.ok(!text.includes('SECRET') && !text.includes(TOKEN));
    } finally {
      await w.dispose();
    }
  });
});

describe('tools that a window left with the service', () => {
  const memento = (): vscode.Memento => {
    const kept = new Map<string, unknown>();
    return {
      keys: () => [...kept.keys()],
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) =>
        void (value === undefined ? kept.delete(key) : kept.set(key, value)),
    } as vscode.Memento;
  };

  it('are taken back once, from sessions that are not on, and again later when it fails', async () => {
    const sessions = new SessionManager({ newId: () => 'id', now: Date.now });
    const offers: [string, number][] = [];
    let fails = false;
    const client = Object.assign(new FakeClient(), {
      sessionTools: {
        serve: () => undefined,
        offer: async (id: string, tools: readonly unknown[]) => {
          if (fails) throw new SecGeminiError('unavailable', 'no network');
          offers.push([id, tools.length]);
        },
      },
    });
    const state = memento();
    const left = new LeftOffers(state, sessions, { info() {}, warn() {}, error() {} } as never);
    const first = await client.createSession({ name: 'A' });
    const second = await client.createSession({ name: 'B' });
    await left.add(first.id);
    await left.add(second.id);
    await left.add('gone');
    // Not connected: nothing is lost.
    await left.withdraw(() => false);
    sessions.setClient(client);
    await sessions.refresh();
    fails = true;
    await left.withdraw((id) => id === second.id);
    assert.deepEqual(offers, []);
    fails = false;
    await left.withdraw((id) => id === second.id);
    await left.withdraw((id) => id === second.id);
    assert.deepEqual(offers, [[first.id, 0]]);
    await left.remove(second.id);
    await left.withdraw(() => false);
    assert.deepEqual(offers, [[first.id, 0]]);
    sessions.dispose();
  });
});
