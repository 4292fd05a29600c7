// What leaves unasked, and what the record says of it. With `secGemini.attach.confirm` at `whenFlagged` a person's own gesture sends unflagged files unasked, and no other extension's call does (S39).
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SecGeminiApi, SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { COMMANDS } from '../../../src/manifest.ts';
import { Answers } from '../support/answers.ts';

const setting = (value: string | undefined): Thenable<void> =>
  vscode.workspace.getConfiguration().update('secGemini.attach.confirm', value, vscode.ConfigurationTarget.Global);

describe('attaching with the setting "whenFlagged"', () => {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
  const plain = vscode.Uri.joinPath(folder, 'unasked', 'plain.txt');
  let answers: Answers;
  let api: SecGeminiApi;
  let id: string;

  before(async () => {
    answers = new Answers();
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    answers.expect(/Let "Unasked" use Sec-Gemini/, 'Allow in This Window');
    api = await (await extension.activate()).connect('Unasked');
    await vscode.commands.executeCommand(COMMANDS.startSandbox);
    await setting('whenFlagged');
    await vscode.workspace.fs.writeFile(plain, new TextEncoder().encode('one harmless line\nanother one\n'));
    const editor = await vscode.window.showTextDocument(plain);
    editor.selection = new vscode.Selection(0, 0, 1, 0);
  });
  beforeEach(async () => {
    id = (await api.create({ name: 'Unasked' })).id;
  });
  afterEach(() => answers.done());
  after(async () => {
    await setting(undefined);
    answers.dispose();
  });

  const attached = async (): Promise<number> => (await api.get(id)).attachments.length;
  const row = (): object => ({ kind: 'session', sessionId: id });

  it('takes the answer of a person to "Attach to which session?" for enough', async () => {
    answers.expect(/^Attach to which session\?$/, 'Unasked');
    await vscode.commands.executeCommand(COMMANDS.attachActiveFile);
    assert.equal(await attached(), 1);
  });

  type Call = [command: string, ...args: unknown[]];
  const asked = /Send 1 file to Sec-Gemini\?/;
  const pick = /^Attach to which session\?$/;
  const reply = (): object => ({
    text: 'What is this?',
    thread: { uri: plain, range: new vscode.Range(0, 0, 0, 5), comments: [], dispose: () => undefined },
  });
  for (const [words, questions, call] of [
    ['an id', [asked], (): Call => [COMMANDS.attachActiveFile, id]],
    ['a row that was made up', [asked], (): Call => [COMMANDS.attachActiveFile, row()]],
    ['a row that was made up, for the selection', [asked], (): Call => [COMMANDS.attachSelection, row()]],
    ['a file, as the Explorer names it', [pick, asked], (): Call => [COMMANDS.attachToSession, plain]],
    ['files, as the Explorer names them', [pick, asked], (): Call => [COMMANDS.attachToSession, undefined, [plain]]],
    ['a reply in a thread', [asked], (): Call => [COMMANDS.askInThread, reply()]],
  ] as const)
    it(`asks when a command is called with ${words}`, async () => {
      for (const question of questions) answers.expect(question, question === pick ? 'Unasked' : undefined);
      const [command, ...args] = call();
      await vscode.commands.executeCommand(command, ...args);
      assert.equal(await attached(), 0);
    });

  it('writes prompts into the record under the local sandbox’s name, as files', async () => {
    await api.query(id, 'Which record is this?');
    answers.expect(/^Show what left from where\?$/, 'All sessions');
    await vscode.commands.executeCommand(COMMANDS.showWhatLeft);
    const entries = vscode.window.activeTextEditor?.document.getText().split(/^## /m) ?? [];
    const entry = entries.find((each) => each.includes('Which record is this?'));
    assert.match(entry ?? 'no entry', /to `the local sandbox on this machine \(http:\/\/127\.0\.0\.1:\d+\)`/);
  });

  it('asks when another extension attaches through the API', async () => {
    for (const file of [{ name: 'a.txt', text: 'harmless' }, { path: plain.fsPath }, { uri: plain.toString() }]) {
      answers.expect(asked, undefined);
      assert.equal(await api.attach(id, file), false);
    }
    assert.equal(await attached(), 0);
  });
});
