// A key in settings.json is never used from there; the user's own moves to secret storage on request, a workspace's is only deleted (S23).
import assert from 'node:assert/strict';
import { fakeVscode } from './fake-vscode.ts';

const { KeysInSettings } = await import('../../../src/host/auth/keys-in-settings.ts');

const MOVE = 'Move to Secret Storage';
const DELETE = 'Delete From Settings';
const KEY = 'a-key-in-the-settings-0123456789';
const OTHER = 'another-key-in-settings-987654321';

interface Given {
  readonly user?: Record<string, unknown>;
  readonly workspace?: Record<string, unknown>;
  /** Of the one folder of a multi-root workspace. */
  readonly folder?: Record<string, unknown>;
  readonly trusted?: boolean;
  readonly answers?: readonly string[];
  readonly keep?: (key: string) => Promise<boolean>;
  readonly update?: () => Promise<void>;
}

function keys({ user = {}, workspace = {}, folder, trusted = true, answers = [], keep, update }: Given) {
  const asked: { text: string; buttons: string[] }[] = [];
  const told: string[] = [];
  const kept: string[] = [];
  const failed: unknown[] = [];
  const hidden: string[] = [];
  let granted: () => void = () => assert.fail();
  const state = { trusted };
  const uri = { path: '/folder' };
  fakeVscode['ConfigurationTarget'] = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };
  fakeVscode['workspace'] = {
    get isTrusted() {
      return state.trusted;
    },
    workspaceFile: folder === undefined ? undefined : { path: '/a.code-workspace' },
    workspaceFolders: [{ uri }],
    onDidChangeConfiguration: () => ({ dispose: () => undefined }),
    onDidGrantWorkspaceTrust: (listener: () => void) => {
      granted = listener;
      return { dispose: () => undefined };
    },
    getConfiguration: (_section: undefined, scope: unknown) => ({
      inspect: (name: string) => ({
        globalValue: user[name],
        workspaceValue: workspace[name],
        workspaceFolderValue: scope === uri ? folder?.[name] : undefined,
      }),
      update: async (name: string, value: unknown, target: number) => {
        assert.equal(value, undefined);
        await update?.();
        delete (target === 1 ? user : target === 2 ? workspace : scope === uri ? folder : undefined)?.[name];
      },
    }),
  };
  const left = [...answers];
  fakeVscode['window'] = {
    showWarningMessage: async (text: string, ...buttons: string[]) => {
      asked.push({ text, buttons });
      const next = left[0];
      return next !== undefined && buttons.includes(next) ? left.shift() : undefined;
    },
    showInformationMessage: async (text: string) => void told.push(text),
  };
  const found = new KeysInSettings({
    log: { redactor: { add: (secret: string) => void hidden.push(secret) } as never },
    keep: async (key) => {
      kept.push(key);
      return (await keep?.(key)) ?? true;
    },
    fail: (error) => void failed.push(error),
  });
  const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const grant = (): void => {
    state.trusted = true;
    granted();
  };
  return { found, asked, told, kept, failed, hidden, user, workspace, settled, grant };
}

describe('a key in settings.json (S23)', () => {
  for (const name of ['secGemini.apiKey', 'sec-gemini.apiKey', 'secGemini.key'])
    it(`the user's own moves to secret storage on request: ${name}`, async () => {
      const { asked, told, kept, hidden, user, settled } = keys({
        user: { [name]: ` ${KEY} `, a: 1 },
        answers: [MOVE],
      });
      await settled();
      assert.deepEqual(kept, [KEY]);
      assert.deepEqual(user, { a: 1 });
      assert.equal(told.length, 1);
      assert.ok(hidden.includes(KEY));
      assert.ok(!JSON.stringify([asked, told]).includes(KEY));
    });

  it('is neither used nor touched without a yes, and asked about once in a window', async () => {
    const { found, asked, kept, user, settled } = keys({ user: { 'secGemini.apiKey': KEY } });
    await settled();
    await found.look();
    assert.equal(asked.length, 1);
    assert.deepEqual(kept, []);
    assert.deepEqual(user, { 'secGemini.apiKey': KEY });
  });

  it('stays where it is when the service refuses it or the user does not agree to the endpoint', async () => {
    const refused = keys({
      user: { 'secGemini.key': KEY },
      answers: [MOVE],
      keep: async () => Promise.reject(new Error('refused')),
    });
    await refused.settled();
    assert.equal(refused.failed.length, 1);
    assert.deepEqual(refused.user, { 'secGemini.key': KEY });
    const declined = keys({ user: { 'secGemini.key': KEY }, answers: [MOVE], keep: async () => false });
    await declined.settled();
    assert.deepEqual(declined.user, { 'secGemini.key': KEY });
    assert.deepEqual(declined.told, []);
  });

  it('a second, different key is not deleted with the first', async () => {
    const { kept, user, settled } = keys({
      user: { 'secGemini.apiKey': KEY, 'sec-gemini.apiKey': KEY, 'secGemini.key': OTHER },
      answers: [MOVE],
    });
    await settled();
    assert.deepEqual(kept, [KEY]);
    assert.deepEqual(user, { 'secGemini.key': OTHER });
  });

  it('says so when it could not be deleted', async () => {
    const { asked, told, user, settled } = keys({
      user: { 'secGemini.apiKey': KEY },
      answers: [DELETE],
      update: async () => Promise.reject(new Error('unsaved changes')),
    });
    await settled();
    assert.deepEqual(user, { 'secGemini.apiKey': KEY });
    assert.deepEqual(told, []);
    assert.match(asked[1]?.text ?? '', /could not be deleted.*unsaved changes/);
  });

  it("a workspace's is never used, only deleted on request, in folders too", async () => {
    const folder = { 'secGemini.key': OTHER };
    const { asked, kept, workspace, settled } = keys({
      workspace: { 'secGemini.apiKey': KEY },
      folder,
      answers: [MOVE, DELETE],
    });
    await settled();
    assert.deepEqual(asked[0]?.buttons, [DELETE]);
    assert.deepEqual(workspace, { 'secGemini.apiKey': KEY });
    const agreed = keys({ workspace: { 'secGemini.apiKey': KEY }, folder, answers: [DELETE] });
    await agreed.settled();
    assert.deepEqual([agreed.workspace, folder], [{}, {}]);
    assert.match(agreed.told[0] ?? '', /revoke/);
    assert.deepEqual([...kept, ...agreed.kept], []);
    assert.ok(!JSON.stringify([asked, agreed.asked, agreed.told]).includes(KEY));
  });

  it('a restricted workspace gets no word, until it is trusted', async () => {
    const { asked, settled, grant } = keys({ workspace: { 'secGemini.apiKey': KEY }, trusted: false });
    await settled();
    assert.deepEqual(asked, []);
    grant();
    await settled();
    assert.equal(asked.length, 1);
  });
});
