// A review inside the real extension host, against the local sandbox, once for each protocol: from the command to the problems, their fixes and back.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { Answers } from '../support/answers.ts';

const SQL = 'python/sql-injection';

describe('findings of a review', function () {
  this.timeout(120_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
  const uri = vscode.Uri.joinPath(folder, 'app', 'server.py');
  let answers: Answers;

  /** Our problems of the file, by rule, once `fits` says so. */
  const problems = async (
    fits: (found: ReadonlyMap<unknown, vscode.Diagnostic>) => boolean,
  ): Promise<ReadonlyMap<unknown, vscode.Diagnostic>> => {
    const now = (): ReadonlyMap<unknown, vscode.Diagnostic> =>
      new Map(
        vscode.languages
          .getDiagnostics(uri)
          .filter(({ source }) => source === 'Sec-Gemini')
          .map((diagnostic) => [diagnostic.code, diagnostic]),
      );
    if (fits(now())) return now();
    return new Promise((resolve) => {
      const listener = vscode.languages.onDidChangeDiagnostics(() => {
        if (!fits(now())) return;
        listener.dispose();
        resolve(now());
      });
    });
  };
  const lineOf = (found: ReadonlyMap<unknown, vscode.Diagnostic>, rule: string): number | undefined =>
    found.get(rule)?.range.start.line;
  const fixes = async (rule: string): Promise<vscode.CodeAction[]> => {
    const found = (await problems((all) => all.has(rule))).get(rule);
    assert.ok(found);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    return actions.filter(({ title }) => title.startsWith('Sec-Gemini: '));
  };
  const run = async (rule: string, title: string): Promise<void> => {
    const action = (await fixes(rule)).find((each) => each.title === `Sec-Gemini: ${title}`);
    assert.ok(action?.command, title);
    await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments as unknown[]));
  };

  before(async () => {
    answers = new Answers();
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    const door = await extension.activate();
    answers.expect(/Let "Findings suite" use Sec-Gemini in this window\?/, 'Allow in This Window');
    const api = await door.connect('Findings suite');
    const events = api.listen({ types: ['connected'] })[Symbol.asyncIterator]();
    const connected = events.next();
    await vscode.commands.executeCommand('secGemini.startSandbox');
    await connected;
    await events.return?.();
    // So that there is a choice whatever ran before.
    await api.create({ name: 'Case 8' });
  });
  afterEach(() => answers.done());
  after(() => answers.dispose());

  it('stand in Problems at their code, asked for by the gate', async () => {
    await vscode.window.showTextDocument(uri);
    answers.expect(/Review in which session\?/, 'New session');
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*server\.py[^]*1 secret was found/, 'Redact and Send');
    await vscode.commands.executeCommand('secGemini.reviewFile', uri);
    const found = await problems((all) => all.has(SQL));
    assert.equal(lineOf(found, SQL), 22);
    assert.equal(lineOf(found, 'python/debug-server'), 43);
    assert.equal(found.get(SQL)?.severity, vscode.DiagnosticSeverity.Error);
    assert.match(
      found.get(SQL)?.message ?? '',
      /^SQL statement built from text \(critical\)\nText that comes from outside/,
    );
  });

  it('have fixes of their own, and those of other tools do not', async () => {
    assert.deepEqual(
      (await fixes(SQL)).map(({ title }) => title.slice('Sec-Gemini: '.length)),
      ['Show the Fix as a Diff', 'Ask About This Finding', 'Verify This Finding', 'Suppress This Finding…'],
    );
  });

  it('stay with their code when it moves, are stale when it changes, and recover with it', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), '# above\n'.repeat(30));
    await vscode.workspace.applyEdit(edit);
    assert.match(document.lineAt(52).text, /SELECT id, total/);
    await problems((all) => lineOf(all, SQL) === 52 && lineOf(all, 'python/debug-server') === 73);
    const change = new vscode.WorkspaceEdit();
    change.insert(uri, new vscode.Position(52, document.lineAt(52).text.length), '  # looked at');
    await vscode.workspace.applyEdit(change);
    const stale = await problems((all) => all.get(SQL)?.message.includes('Stale') === true);
    assert.equal(stale.get(SQL)?.severity, vscode.DiagnosticSeverity.Information);
    assert.ok(!(await fixes(SQL)).some(({ title }) => title.includes('Fix')), 'its fix is for other code');
    await vscode.commands.executeCommand('undo');
    await problems((all) => all.get(SQL)?.message.includes('Stale') === false);
  });

  it('are lost with their code, and found where it was when it comes back', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.delete(uri, new vscode.Range(0, 0, document.lineCount, 0));
    await vscode.workspace.applyEdit(edit);
    await problems((all) => all.get(SQL)?.message.includes('Stale: the code it is about is gone') === true);
    await vscode.commands.executeCommand('undo');
    await problems((all) => lineOf(all, SQL) === 52 && all.get(SQL)?.message.includes('Stale') === false);
  });

  it('are suppressed with a reason, and taken back', async () => {
    answers.expect(/Suppress This Finding/, 'Only run by hand');
    await run('python/debug-server', 'Suppress This Finding…');
    await problems((all) => !all.has('python/debug-server'));
    answers.expect(/Review in which session\?/, 'New session');
    answers.expect(/Send 1 file to Sec-Gemini\?/, 'Redact and Send');
    await vscode.commands.executeCommand('secGemini.reviewFile', uri);
    assert.ok(!(await problems((all) => all.has(SQL))).has('python/debug-server'), 'a new review leaves it suppressed');
  });

  it('are verified by a question at their code, whose verdict stands with them', async () => {
    answers.expect(/Send 1 file to Sec-Gemini\?[^]*server\.py:53-53/, 'Send');
    await run(SQL, 'Verify This Finding');
    await problems((all) => all.get(SQL)?.message.includes('Verdict: confirmed') === true);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});

describe("VS Code's own chat", () => {
  it('has our tool, with a closed schema, and the tool refuses what is no question before it asks anybody', async () => {
    const tool = vscode.lm.tools.find(({ name }) => name === 'ask_sec_gemini');
    assert.ok(tool, 'where AI features are off it is registered all the same, and no model sees it');
    assert.equal((tool.inputSchema as { additionalProperties: boolean }).additionalProperties, false);
    for (const input of [{ question: '' }, { question: 'x', approved: true }])
      await assert.rejects(async () =>
        vscode.lm.invokeTool('ask_sec_gemini', { input, toolInvocationToken: undefined }),
      );
  });
});
