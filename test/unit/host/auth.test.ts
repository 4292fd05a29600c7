// The key enters by the password box and no other door (S23).
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Services } from '../../../src/host/services.ts';
import { fakeVscode } from './fake-vscode.ts';

const { createAuthFeature } = await import('../../../src/host/auth/auth.feature.ts');

const root = join(import.meta.dirname, '..', '..', '..');

/** `typed`: what the user types into the box. */
function auth(typed: string | undefined) {
  const given: string[] = [];
  const boxes: { password?: boolean }[] = [];
  const nothing = () => ({ dispose: () => undefined });
  fakeVscode['workspace'] = {
    getConfiguration: () => ({ inspect: () => undefined }),
    onDidChangeConfiguration: nothing,
    onDidGrantWorkspaceTrust: nothing,
  };
  fakeVscode['commands'] = { executeCommand: async () => undefined };
  fakeVscode['ProgressLocation'] = { Notification: 15 };
  fakeVscode['window'] = {
    showInputBox: async (options: { password?: boolean }) => {
      boxes.push(options);
      return typed;
    },
    withProgress: async (_options: unknown, run: () => Promise<unknown>) => run(),
    showInformationMessage: async () => undefined,
  };
  fakeVscode['env'] = {
    clipboard: {
      readText: async () => {
        throw new Error('The clipboard is nobody’s way to hand over a key.');
      },
    },
  };
  const connection = {
    status: { kind: 'signedOut' },
    isSandbox: false,
    onDidChange: () => ({ dispose: () => undefined }),
    setKey: async (key: string) => {
      given.push(key);
      return true;
    },
  };
  const log = {
    error: (message: string, error: unknown) => {
      throw new Error(message, { cause: error });
    },
  };
  const sessions = { onDidChange: connection.onDidChange, onDidChangeList: connection.onDidChange };
  const services = { connection, sessions, log, store: { add: () => undefined } };
  const { commands } = createAuthFeature(services as unknown as Services);
  return { setApiKey: commands.setApiKey ?? assert.fail(), given, boxes };
}

const STOLEN = 'a-key-by-the-wrong-door-0123456789';

describe('the key (S23)', () => {
  for (const argument of [STOLEN, { apiKey: STOLEN }, [STOLEN], { key: STOLEN, password: STOLEN }])
    it(`does not enter as an argument: ${JSON.stringify(argument).slice(0, 20)}`, async () => {
      const { setApiKey, given, boxes } = auth(undefined);
      await setApiKey(argument, STOLEN);
      assert.deepEqual(given, []);
      assert.equal(boxes.length, 1);
      assert.ok(!JSON.stringify(boxes).includes(STOLEN));
    });

  it('enters as the user types it, unseen', async () => {
    const { setApiKey, given, boxes } = auth('typed-0123456789');
    await setApiKey({ apiKey: STOLEN });
    assert.deepEqual(given, ['typed-0123456789']);
    assert.equal(boxes[0]?.password, true);
  });

  it('has no setting and no address that could carry it', () => {
    const { contributes, activationEvents = [] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      contributes: { configuration: { properties: Record<string, unknown> } };
      activationEvents?: string[];
    };
    const names = Object.keys(contributes.configuration.properties);
    assert.deepEqual(
      names.filter((name) => /key|token|password|credential/i.test(name.split('.').slice(1).join('.'))),
      [],
    );
    assert.ok(!activationEvents.includes('onUri'));
    for (const file of globSync('src/**/*.ts', { cwd: root }))
      assert.ok(!readFileSync(join(root, file), 'utf8').includes('registerUriHandler'), file);
  });
});
