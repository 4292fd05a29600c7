/** The one path from candidates to the service: gate, confirmation, progress with cancel, session manager. Every way in ends here. */

import * as vscode from 'vscode';
import { type Egress, type OutgoingFile, safeFileName } from '../../core/egress.ts';
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Attacher } from '../services.ts';
import { fromBytes, fromUri } from './sources.ts';

export class EditorAttacher implements Attacher {
  readonly #sessions: SessionManager;
  readonly #egress: Egress;

  readonly #isSandbox: () => boolean;

  constructor(sessions: SessionManager, egress: Egress, isSandbox: () => boolean) {
    this.#sessions = sessions;
    this.#egress = egress;
    this.#isSandbox = isSandbox;
  }

  async uris(sessionId: string, uris: readonly vscode.Uri[]): Promise<boolean> {
    return this.files(sessionId, await Promise.all(uris.map(fromUri)));
  }

  async bytes(sessionId: string, name: string, bytes: Uint8Array): Promise<boolean> {
    return this.files(sessionId, [fromBytes(safeFileName(name), 'pasted', bytes)]);
  }

  async files(sessionId: string, files: readonly OutgoingFile[]): Promise<boolean> {
    const state = this.#sessions.state(sessionId);
    const client = this.#sessions.client;
    if (state === undefined || client === undefined) throw new SecGeminiError('notFound', 'The session is gone.');
    const cleared = await this.#egress.clear(files, {
      sessionName: state.info.name,
      destination: this.#isSandbox() ? `the local sandbox on this machine (${client.origin})` : client.origin,
      // The sandbox has no log of its own; what it keeps is its state file.
      logging: this.#isSandbox() ? undefined : state.info.logging,
    });
    if (cleared.length === 0) return false;
    return await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        cancellable: true,
        title: `Attaching to "${labelText(state.info.name, 60)}"`,
      },
      async (progress, token) => {
        const abort = new AbortController();
        const listener = token.onCancellationRequested(() => abort.abort());
        let shown = 0;
        try {
          await this.#sessions.attach(sessionId, cleared, {
            signal: abort.signal,
            onProgress: (sent, total) => {
              const percent = total === 0 ? 100 : Math.floor((sent / total) * 100);
              if (percent > shown) progress.report({ increment: percent - shown });
              shown = Math.max(shown, percent);
            },
          });
          return true;
        } catch (error) {
          if (abort.signal.aborted || isSecGeminiError(error, 'cancelled')) return false;
          throw error;
        } finally {
          listener.dispose();
        }
      },
    );
  }
}
