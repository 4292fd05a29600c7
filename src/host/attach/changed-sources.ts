/**
 * Notices that the source of an attachment has changed or gone since it was attached: by the editor's events (saved, changed on disk) and once
 * when a session is read back, never by polling. Silent in Restricted Mode, where nothing is read unasked (trust.md S15).
 */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import type { AttachmentOrigin } from '../../core/session-cache.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { HostLog } from '../log.ts';
import { sourceNow } from './source-now.ts';

/** A burst of events of one file (a build, a checkout) is looked at once, when it is over. */
const QUIET_MS = 300;
/** Files outside the workspace that are watched one by one. */
const MAX_OUTSIDE = 100;

export class ChangedSources implements Disposable {
  readonly #sessions: SessionManager;
  readonly #log: HostLog;
  readonly #owned = new DisposableStore();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #outside = new Map<string, Disposable>();
  /** One file at a time: many may change at once. */
  #queue: Promise<void> = Promise.resolve();
  #isDisposed = false;
  #watcher: Disposable | undefined;

  constructor(sessions: SessionManager, log: HostLog) {
    this.#sessions = sessions;
    this.#log = log;
    this.#owned.add(vscode.workspace.onDidSaveTextDocument(({ uri }) => this.#soon(uri)));
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#all()));
    this.#owned.add(
      sessions.onDidChange(({ sessionId, action, state }) => {
        if (action.type === 'origin') this.#watch(action.origin);
        if (action.type !== 'kept') return;
        for (const origin of state.origins) {
          this.#watch(origin);
          this.#enqueue(sessionId, origin, { since: origin.at });
        }
      }),
    );
    this.#all();
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const watcher of this.#outside.values()) watcher.dispose();
    this.#watcher?.dispose();
    this.#owned.dispose();
  }

  #all(): void {
    for (const { info, origins } of this.#sessions.sessions())
      for (const origin of origins) {
        this.#watch(origin);
        this.#enqueue(info.id, origin, { since: origin.at });
      }
  }

  /** Watching begins with the first attachment: who attaches nothing pays nothing. */
  #watch({ uri: text }: AttachmentOrigin): void {
    if (text === undefined || this.#isDisposed) return;
    const uri = vscode.Uri.parse(text);
    if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
      this.#watcher ??= this.#listen(vscode.workspace.createFileSystemWatcher('**/*'));
      return;
    }
    if (uri.scheme !== 'file' || this.#outside.has(text) || this.#outside.size >= MAX_OUTSIDE) return;
    const folder = vscode.Uri.joinPath(uri, '..');
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/[*?[\]{}!]/g, (character) => `[${character}]`);
    this.#outside.set(
      text,
      this.#listen(vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, name))),
    );
  }

  #listen(watcher: vscode.FileSystemWatcher): Disposable {
    const all = new DisposableStore();
    all.add(watcher);
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete])
      all.add(event((uri) => this.#soon(uri)));
    return all;
  }

  #soon(uri: vscode.Uri): void {
    const key = uri.toString();
    if (this.#isDisposed || !this.#attached(key).next().value) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        for (const { sessionId, origin } of this.#attached(key)) this.#enqueue(sessionId, origin);
      }, QUIET_MS),
    );
  }

  /** The attachments that came from this source. A folder that goes takes its files with it. */
  *#attached(key: string): Generator<{ sessionId: string; origin: AttachmentOrigin }> {
    for (const { info, origins } of this.#sessions.sessions())
      for (const origin of origins)
        if (origin.uri === key || origin.uri?.startsWith(`${key}/`) === true) yield { sessionId: info.id, origin };
  }

  #enqueue(sessionId: string, origin: AttachmentOrigin, options: { since?: number } = {}): void {
    if (!vscode.workspace.isTrusted || origin.uri === undefined || origin.sourceSha256 === undefined) return;
    this.#queue = this.#queue.then(async () => {
      const isThere = this.#sessions.state(sessionId)?.attachments.some(({ id }) => id === origin.attachmentId);
      if (this.#isDisposed || isThere !== true) return;
      try {
        const now = await sourceNow(origin, options.since);
        if (now !== 'unknown')
          this.#sessions.note(sessionId, { type: 'source', attachmentId: origin.attachmentId, now });
      } catch (error) {
        this.#log.error('The source of an attachment could not be looked at', error);
      }
    });
  }
}
