import assert from 'node:assert/strict';
import { Connection, type ConnectionPorts, DEFAULT_ENDPOINT, type SandboxLease } from '../../../src/core/connection.ts';
import { Emitter } from '../../../src/core/emitter.ts';
import { SecGeminiError } from '../../../src/core/errors.ts';
import { FakeClient } from '../../fakes/fake-client.ts';

interface World {
  readonly connection: Connection;
  readonly keys: Map<string, string>;
  readonly clients: { endpoint: string; apiKey: string; client: FakeClient }[];
  readonly asked: string[];
  readonly released: number[];
  readonly settings: { endpoint: string };
  readonly settingsChanged: Emitter<void>;
  readonly protocolChanged: Emitter<void>;
  readonly secretsChanged: Emitter<void>;
  readonly sandboxEnded: Emitter<'stopped' | 'lost'>;
  environmentKey: string | undefined;
  agree: boolean;
  sandboxActive: boolean;
  sandboxStopped: number;
  refuse: SecGeminiError | undefined;
}

function world(): World {
  const confirmed = new Set<string>();
  const secretsChanged = new Emitter<void>();
  const settingsChanged = new Emitter<void>();
  const protocolChanged = new Emitter<void>();
  const sandboxEnded = new Emitter<'stopped' | 'lost'>();
  const it: World = {
    keys: new Map(),
    clients: [],
    asked: [],
    released: [],
    settings: { endpoint: DEFAULT_ENDPOINT },
    settingsChanged,
    protocolChanged,
    secretsChanged,
    sandboxEnded,
    environmentKey: undefined,
    agree: true,
    sandboxActive: false,
    sandboxStopped: 0,
    refuse: undefined,
    connection: undefined as unknown as Connection,
  };
  const ports: ConnectionPorts = {
    settings: {
      endpoint: () => it.settings.endpoint,
      onDidChange: settingsChanged.event,
      onDidChangeProtocol: protocolChanged.event,
    },
    secrets: {
      get: async (origin) => it.keys.get(origin),
      store: async (origin, key) => {
        it.keys.set(origin, key);
        secretsChanged.fire();
      },
      delete: async (origin) => {
        it.keys.delete(origin);
        secretsChanged.fire();
      },
      onDidChange: secretsChanged.event,
    },
    memory: {
      sandboxActive: () => it.sandboxActive,
      setSandboxActive: async (active) => {
        it.sandboxActive = active;
      },
      isConfirmed: (origin) => confirmed.has(origin),
      confirm: async (origin) => {
        confirmed.add(origin);
      },
    },
    environmentKey: () => it.environmentKey,
    createClient: ({ endpoint, apiKey }) => {
      const client = new FakeClient(endpoint);
      if (it.refuse !== undefined) client.failNext.set('account', it.refuse);
      it.clients.push({ endpoint, apiKey, client });
      return client;
    },
    sandbox: {
      start: async (): Promise<SandboxLease> => ({
        endpoint: 'http://127.0.0.1:4711',
        apiKey: 'sandbox-key',
        release: () => it.released.push(1),
        onDidEnd: sandboxEnded.event,
      }),
      stop: async () => {
        it.sandboxStopped += 1;
      },
    },
    confirmEndpoint: async (host) => {
      it.asked.push(host);
      return it.agree;
    },
  };
  return Object.assign(it, { connection: new Connection(ports) });
}

describe('Connection', () => {
  it('is signed out without a key and makes no client', async () => {
    const it = world();
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'signedOut');
    assert.equal(it.clients.length, 0);
  });

  it('connects to the default endpoint with the key of that origin, without a question', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'real-key');
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'connected');
    assert.deepEqual(
      it.clients.map(({ endpoint, apiKey }) => [endpoint, apiKey]),
      [[DEFAULT_ENDPOINT, 'real-key']],
    );
    assert.deepEqual(it.asked, []);
  });

  it('asks once before another endpoint gets a key, and not at all unasked', async () => {
    const it = world();
    it.settings.endpoint = 'http://127.0.0.1:9000';
    it.environmentKey = 'env-key';
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'unconfirmed');
    assert.deepEqual([it.asked.length, it.clients.length], [0, 0]);
    it.agree = false;
    await it.connection.connect({ ask: true });
    assert.equal(it.connection.status.kind, 'unconfirmed');
    assert.equal(it.clients.length, 0);
    it.agree = true;
    await it.connection.connect({ ask: true });
    await it.connection.connect({ ask: true });
    assert.equal(it.connection.status.kind, 'connected');
    assert.deepEqual(it.asked, ['127.0.0.1:9000', '127.0.0.1:9000']);
    assert.equal(it.clients[0]?.apiKey, 'env-key');
  });

  it('connects again when the protocol changes, to the sandbox too', async () => {
    const it = world();
    await it.connection.startSandbox();
    it.protocolChanged.fire();
    await it.connection.settled();
    assert.deepEqual(
      it.clients.map(({ client }) => client.closed),
      [true, false],
    );
    it.settingsChanged.fire();
    await it.connection.settled();
    assert.equal(it.clients.length, 2, 'the endpoint of the settings is not the sandbox');
  });

  it('never sends the key of one origin to another', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'real-key');
    it.settings.endpoint = 'https://evil.example';
    await it.connection.connect({ ask: true });
    assert.equal(it.connection.status.kind, 'signedOut');
    assert.equal(it.clients.length, 0);
  });

  it('never sends a real key to the sandbox, and goes back after it', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'real-key');
    it.environmentKey = 'env-key';
    await it.connection.connect();
    await it.connection.startSandbox();
    assert.equal(it.connection.status.kind === 'connected' && it.connection.status.target, 'sandbox');
    assert.ok(it.clients[0]?.client.closed);
    assert.equal(it.clients[1]?.apiKey, 'sandbox-key');
    await it.connection.stopSandbox();
    assert.deepEqual([it.sandboxStopped, it.released.length], [1, 1]);
    assert.equal(it.clients[2]?.apiKey, 'real-key');
    assert.ok(it.clients.every(({ endpoint, apiKey }) => !endpoint.includes('127.0.0.1') || apiKey === 'sandbox-key'));
  });

  it('follows when the sandbox was stopped in another window, and starts it again when it was lost', async () => {
    const it = world();
    await it.connection.startSandbox();
    it.sandboxEnded.fire('lost');
    await it.connection.settled();
    assert.equal(it.connection.status.kind, 'connected');
    it.sandboxEnded.fire('stopped');
    await new Promise(setImmediate);
    await it.connection.settled();
    assert.equal(it.sandboxActive, false);
    assert.equal(it.connection.status.kind, 'signedOut');
  });

  it('keeps a key only when the service knows it', async () => {
    const it = world();
    it.refuse = new SecGeminiError('unauthenticated', 'Unknown key.');
    await assert.rejects(it.connection.setKey('bad-key'), (error: SecGeminiError) => error.code === 'unauthenticated');
    assert.equal(it.keys.size, 0);
    assert.ok(it.clients[0]?.client.closed);
    it.refuse = undefined;
    assert.equal(await it.connection.setKey('  good-key\n'), true);
    assert.equal(it.keys.get(DEFAULT_ENDPOINT), 'good-key');
    await it.connection.settled();
    assert.equal(it.connection.status.kind, 'connected');
  });

  it('names what is wrong with a text that cannot be a key', async () => {
    const it = world();
    for (const key of ['', '  ', 'two words', 'kö'])
      await assert.rejects(it.connection.setKey(key), (error: SecGeminiError) => error.code === 'invalidArgument');
    assert.equal(it.clients.length, 0);
  });

  it('closes the connection when the key is deleted in any window', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'real-key');
    await it.connection.connect();
    it.keys.delete(DEFAULT_ENDPOINT);
    it.secretsChanged.fire();
    await new Promise(setImmediate);
    await it.connection.settled();
    assert.equal(it.connection.status.kind, 'signedOut');
    assert.ok(it.clients[0]?.client.closed);
  });

  it('stays away when the user disconnects, until they connect again; an attempt under way is dropped', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'real-key');
    await it.connection.connect();
    await it.connection.disconnect();
    assert.ok(it.clients[0]?.client.closed);
    assert.equal(it.connection.client, undefined);
    const { status } = it.connection;
    assert.match(status.kind === 'offline' ? `${status.error.message} ${status.error.action}` : '', /You disconnected/);
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'connected');
    const connecting = it.connection.connect();
    await it.connection.disconnect();
    await connecting;
    assert.equal(it.connection.status.kind, 'offline');
    assert.ok(it.clients.every(({ client }) => client.closed));
  });

  it('tells a refused key from a service that cannot be reached', async () => {
    const it = world();
    it.keys.set(DEFAULT_ENDPOINT, 'key');
    it.refuse = new SecGeminiError('unauthenticated', 'Unknown key.');
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'keyRefused');
    it.refuse = new SecGeminiError('unavailable', 'No network.');
    await it.connection.connect();
    assert.equal(it.connection.status.kind, 'offline');
  });

  it('says what is wrong with the endpoint and talks to nobody', async () => {
    const it = world();
    it.environmentKey = 'key';
    it.settings.endpoint = 'http://evil.example';
    await it.connection.connect({ ask: true });
    assert.equal(it.connection.status.kind === 'offline' && it.connection.status.error.code, 'invalidArgument');
    assert.equal(it.clients.length, 0);
  });
});
