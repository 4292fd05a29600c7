/** The text editor that the user was in last: a panel takes the focus from it, and VS Code's own lists say nothing of the order. */

import * as vscode from 'vscode';
import type { Disposable } from '../core/disposable.ts';

export class LastEditor implements Disposable {
  #last = vscode.window.activeTextEditor;
  readonly #listening = vscode.window.onDidChangeActiveTextEditor((editor) => {
    // An output channel takes the focus as an editor does, and holds nothing of the user's.
    if (editor !== undefined && editor.document.uri.scheme !== 'output') this.#last = editor;
  });

  /** The last one as long as its document is open, else one that is in view; undefined when there is none. */
  get current(): vscode.TextEditor | undefined {
    if (this.#last?.document.isClosed === false) return this.#last;
    return vscode.window.visibleTextEditors.find(({ document }) => document.uri.scheme !== 'output');
  }

  /** As `current`, brought back into view where another tab hides it: only what is seen can be edited. */
  async shown(): Promise<vscode.TextEditor | undefined> {
    const editor = this.current;
    if (editor === undefined || vscode.window.visibleTextEditors.includes(editor)) return editor;
    const again = vscode.window.visibleTextEditors.find(({ document }) => document === editor.document);
    return again ?? vscode.window.showTextDocument(editor.document, { viewColumn: vscode.ViewColumn.One });
  }

  dispose(): void {
    this.#listening.dispose();
  }
}
