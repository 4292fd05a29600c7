// Problems of other tools as questions, inside the real extension host: what goes out, and that only the user decides it.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ApiEvent, SecGeminiApi, SecGeminiExports } from '../../../src/api/sec-gemini.d.ts';
import { COMMANDS } from '../../../src/manifest.ts';
import { Answers } from '../support/answers.ts';

const CODE = [
  'def orders(db, customer):',
  '    return db.execute(f"SELECT id FROM orders WHERE customer = \'{customer}\'")',
  '',
].join('\n');
const FLOW = 'one = 1\ntwo = 2\nthree = 3\nname = input()\n';

describe('problems of other tools', function () {
  this.timeout(120_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
  const uri = vscode.Uri.joinPath(folder, 'problems', 'query.py');
  const source = vscode.Uri.joinPath(folder, 'problems', 'input.py');
  const range = new vscode.Range(1, 4, 1, 10);
  const reported = vscode.languages.createDiagnosticCollection('another tool');
  let answers: Answers;
  let api: SecGeminiApi;
  let id: string;

  const report = (tool: string, rule: NonNullable<vscode.Diagnostic['code']>, message: string): void => {
    const problem = new vscode.Diagnostic(range, message);
    problem.source = tool;
    problem.code = rule;
    problem.relatedInformation = [
      new vscode.DiagnosticRelatedInformation(new vscode.Location(source, new vscode.Range(3, 0, 3, 4)), 'user input'),
    ];
    reported.set(uri, [problem]);
  };
  /** What is asked and answered when the command runs on the reported problem. */
  const ask = async (command: string, message: string): Promise<readonly string[]> => {
    const said: string[] = [];
    const events: AsyncIterable<ApiEvent> = api.listen({ sessionId: id, types: ['messagePosted', 'streaming'] });
    const over = (async () => {
      for await (const event of events) {
        if (event.type === 'messagePosted') said.push(event.message.text);
        if (event.type === 'streaming' && !event.active) return;
      }
    })();
    await vscode.commands.executeCommand(command, uri, { range, message });
    answers.done();
    await over;
    return said;
  };

  before(async () => {
    answers = new Answers();
    const extension = vscode.extensions.getExtension<SecGeminiExports>('secgemini-vscode.sec-gemini');
    assert.ok(extension);
    answers.expect(/Let "Problems suite" use Sec-Gemini/, 'Allow in This Window');
    api = await (await extension.activate()).connect('Problems suite');
    await vscode.commands.executeCommand(COMMANDS.startSandbox);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(CODE));
    await vscode.workspace.fs.writeFile(source, new TextEncoder().encode(FLOW));
    await vscode.window.showTextDocument(uri);
  });
  beforeEach(async () => {
    // The session that was used last gets the question.
    id = (await api.create({ name: 'Problems' })).id;
  });
  afterEach(() => answers.done());
  after(async () => {
    reported.dispose();
    answers.dispose();
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('go with rule, words, code and the steps of the flow, by the gate; the answer begins with a verdict', async () => {
    const message = 'This query depends on a user-provided value.';
    // As the SARIF viewer publishes its results: source, rule and words, nothing more of its own.
    report('SARIF', { value: 'py/sql-injection', target: vscode.Uri.parse('https://rules.invalid') }, message);
    answers.expect(/Send 2 files to Sec-Gemini\?[^]*query\.py:1-2[^]*input\.py:2-5/, 'Send');
    const [asked, ...rest] = await ask(COMMANDS.checkExploitable, message);
    assert.match(asked ?? '', /^In `problems\/query\.py:1-2` \(attached as `query\.py:1-2`\)/);
    assert.match(asked ?? '', /SARIF reports `py\/sql-injection` \(error\) on line 2: This query depends/);
    assert.match(asked ?? '', /Flow:\n1\. `problems\/input\.py:4`: user input/);
    assert.ok(rest.some((text) => /^Verdict: exploitable$/m.test(text)));
  });

  it('lend no secret of their words to the question', async () => {
    const secret = ['AKIA', 'IOSFODNN7', 'QWERTYU'].join('');
    report('Gitleaks', 'aws-key', `Found ${secret} here`);
    answers.expect(/Send 2 files to Sec-Gemini\?/, 'Send');
    const [asked] = await ask(COMMANDS.explainProblem, `Found ${secret} here`);
    assert.match(asked ?? '', /Gitleaks reports `aws-key`/);
    assert.ok(asked !== undefined && !asked.includes(secret), asked);
  });

  it('are offered as quick fixes that name them where there are several, and ask nothing after a no', async () => {
    const second = new vscode.Diagnostic(range, 'Second problem');
    const first = new vscode.Diagnostic(range, 'First problem');
    reported.set(uri, [first, second]);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const titles = actions.map(({ title }) => title);
    for (const title of ['Explain This Problem', 'Is This Exploitable?', 'Fix This'])
      for (const which of ['First', 'Second'])
        assert.ok(titles.includes(`Sec-Gemini: ${title}: ${which} problem`), titles.join());
    answers.expect(/Send 1 file to Sec-Gemini\?/, undefined);
    await vscode.commands.executeCommand(COMMANDS.fixProblem, uri, { range, message: 'Second problem' });
    // On v3 a session begins with its name.
    assert.ok((await api.messages(id)).every(({ kind }) => kind === 'sessionName'));
  });
});
