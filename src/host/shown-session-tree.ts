/** What the views of one session (its tool servers, its skills) have in common: rows that are asked for anew when something changed. */

import * as vscode from 'vscode';
import type { SessionManager } from '../core/session-manager.ts';
import type { ShownSession } from './shown-session.ts';

export abstract class ShownSessionTree<Node> implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  protected readonly sessions: SessionManager;
  readonly #shown: ShownSession;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #drawn: readonly unknown[] = [];

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
    this.#drawn = this.#drawnFor();
    this.#changed.fire(undefined);
  }

  /**
   * For what is told often: asks anew only when the service, the shown session or the answer to the list is another one. Rows that are drawn
   * again while somebody unfolds one lose what stands below it.
   */
  follow(): void {
    const now = this.#drawnFor();
    if (now.some((part, index) => part !== this.#drawn[index])) this.refresh();
  }

  #drawnFor(): readonly unknown[] {
    const { client, list } = this.sessions;
    return [client, this.liveId(), list.kind === 'loaded' || list.kind === 'empty'];
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
