/** What the views of one session (its tool servers, its skills) have in common: rows that are asked for anew when something changed. */

import * as vscode from 'vscode';
import type { SessionManager } from '../core/session-manager.ts';
import type { ShownSession } from './shown-session.ts';

export abstract class ShownSessionTree<Node> implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  protected readonly sessions: SessionManager;
  readonly #shown: ShownSession;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(sessions: SessionManager, shown: ShownSession) {
    this.sessions = sessions;
    this.#shown = shown;
  }

  abstract getChildren(element?: Node): Promise<Node[]>;
  abstract getTreeItem(element: Node): vscode.TreeItem;

  /** The id of the shown session; undefined where there is none, and when it was deleted elsewhere: it then has nothing to show. */
  protected liveId(): string | undefined {
    const { id } = this.#shown;
    return id === undefined || this.sessions.state(id) === undefined ? undefined : id;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
