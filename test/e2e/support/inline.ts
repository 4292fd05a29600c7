// Threads at code, by what a user sees: the editor's own comment widget.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Locator, expect } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';

/** The thread that is open beside the code. */
export class CodeThread {
  readonly editor: EditorPage;

  constructor(editor: EditorPage) {
    this.editor = editor;
  }

  get widget(): Locator {
    return this.editor.page.locator('.review-widget').filter({ visible: true }).first();
  }

  get title(): Locator {
    return this.widget.locator('.review-title');
  }

  /** Comments by their author's name; a screen reader hears it with the words. */
  comments(author: string): Locator {
    return this.widget.getByRole('treeitem', { name: new RegExp(`^${author}, `) });
  }

  button(name: string): Locator {
    return this.widget.getByRole('button', { name });
  }

  /** Selects whole lines (1-based, inclusive) of the editor that has the focus and asks for a thread there by the keyboard. */
  async start(first: number, last: number): Promise<void> {
    const { keyboard } = this.editor.page;
    await this.toTop();
    for (let line = 1; line < first; line += 1) await keyboard.press('ArrowDown');
    for (let line = first; line <= last; line += 1) await keyboard.press('Shift+ArrowDown');
    await expect(this.editor.statusBarItem(/^Ln \d+, Col \d+ \(\d+ selected\)/)).toBeVisible();
    await keyboard.press('Control+Alt+q');
    await expect(this.button('Ask (Ctrl+Enter)')).toBeVisible();
  }

  /** Puts the cursor before the first character of the file that was opened last. A tab is there before its editor takes keys. */
  async toTop(): Promise<void> {
    const lines = this.editor.page
      .locator('.editor-instance .view-lines:not(.review-widget *)')
      .filter({ visible: true })
      .first();
    await lines.locator('.view-line').first().click();
    await this.editor.page.keyboard.press('Control+Home');
    await expect(this.editor.statusBarItem('Ln 1, Col 1')).toBeVisible();
  }

  /** Types into the box that is open and sends. */
  async ask(question: string): Promise<void> {
    await this.editor.page.keyboard.type(question);
    await this.editor.page.keyboard.press('Control+Enter');
  }

  async reply(question: string): Promise<void> {
    const box = this.widget.getByRole('button', { name: 'Ask Sec-Gemini about this code' });
    if (await box.isVisible()) await box.click();
    else await this.widget.getByRole('textbox').focus();
    await this.ask(question);
  }
}

/**
 * Another extension: it puts a comment with a remote image (the control of what is not fetched), and reports the line of the cursor as a tool with data
 * flow does, with a step in the first line of `other.py`.
 */
export function writeControlExtension(folder: string, image: string): string {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name: 'control',
    publisher: 'rig',
    version: '0.0.1',
    engines: { vscode: '^1.103.0' },
    main: './extension.cjs',
    contributes: {
      commands: [
        { command: 'rig.comment', title: 'Comment With Image', category: 'Rig' },
        { command: 'rig.report', title: 'Report This Line', category: 'Rig' },
      ],
    },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'extension.cjs'),
    `const vscode = require('vscode');
exports.activate = () => {
  vscode.commands.registerCommand('rig.comment', () => {
    const { document } = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.scheme === 'file');
    const controller = vscode.comments.createCommentController('rig.control', 'Control');
    const thread = controller.createCommentThread(document.uri, new vscode.Range(0, 0, 0, 0), [
      { author: { name: 'Control' }, mode: 1, body: new vscode.MarkdownString('![x](${image})') },
    ]);
    thread.collapsibleState = 1;
  });
  const reported = vscode.languages.createDiagnosticCollection('rig');
  vscode.commands.registerCommand('rig.report', () => {
    const { document, selection } = vscode.window.activeTextEditor;
    const problem = new vscode.Diagnostic(document.lineAt(selection.active.line).range, 'This query depends on a user-provided value.');
    problem.source = 'CodeQL';
    problem.code = 'py/sql-injection';
    const other = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, 'other.py');
    problem.relatedInformation = [new vscode.DiagnosticRelatedInformation(new vscode.Location(other, new vscode.Range(0, 0, 0, 3)), 'user input')];
    reported.set(document.uri, [problem]);
  });
};
`,
  );
  return folder;
}
