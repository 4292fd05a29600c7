/** Texts made once, shown as read-only documents that never ask to be saved. */

import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable.ts';
import { safeFileName } from '../../core/file-name.ts';

const SCHEME = 'sec-gemini-text';

export class ReadOnlyTexts implements Disposable {
  /** By the document's address; forgotten when it is closed. */
  readonly #texts = new Map<string, string>();
  readonly #owned: readonly Disposable[];
  #count = 0;

  constructor() {
    this.#owned = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
        provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? 'This text is no longer here.',
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    ];
  }

  /** `title` becomes the tab's name. */
  async show(title: string, text: string): Promise<void> {
    this.#count += 1;
    // A number of its own: VS Code would show what it has cached for an address that it knows.
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${String(this.#count)}/${safeFileName(title)}.txt` });
    this.#texts.set(uri.toString(), text);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    for (const owned of this.#owned) owned.dispose();
    this.#texts.clear();
  }
}
