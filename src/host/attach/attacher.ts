/** The one path from candidates to the service: gate, confirmation, progress with cancel, session manager. Every way in ends here. */

import { createHash, randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { distinctName } from '../../core/attach-names.ts';
import { type AttachCandidate, originOf } from '../../core/attach-source.ts';
import type { ClearedUpload, Egress } from '../../core/egress.ts';
import { safeFileName } from '../../core/file-name.ts';
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import type { SessionManager } from '../../core/session-manager.ts';
import type { UploadOptions } from '../../core/uploads.ts';
import { requireGoing } from '../../core/session-local.ts';
import { labelText } from '../../core/visible-text.ts';
import { requireClient } from '../requirements.ts';
import type { AttachOptions, AttachedChanges, Attacher, ClearAbout, DocumentLines, Gesture } from '../services.ts';
import { remembered } from './interrupted.ts';
import { fromBytes } from './sources/file.ts';

/** A candidate on its way, with the hash of its bytes as soon as they were read to their end. */
interface Watched {
  readonly candidate: AttachCandidate;
  sha256: string | undefined;
}

export class EditorAttacher implements Attacher {
  readonly #sessions: SessionManager;
  readonly #egress: Egress;
  readonly #isSandbox: () => boolean;
  readonly #memento: vscode.Memento;

  constructor(sessions: SessionManager, egress: Egress, isSandbox: () => boolean, memento: vscode.Memento) {
    this.#memento = memento;
    this.#sessions = sessions;
    this.#egress = egress;
    this.#isSandbox = isSandbox;
  }

  async uris(sessionId: string, uris: readonly vscode.Uri[], by: Gesture): Promise<boolean> {
    const { collect } = await import('./sources/collect.ts');
    const batch = await collect(uris);
    return batch !== undefined && (await this.files(sessionId, batch.files, { ...batch, by }));
  }

  async places(sessionId: string, places: readonly DocumentLines[]): Promise<readonly string[] | undefined> {
    const { attachPlaces } = await import('./attach-places.ts');
    return attachPlaces(this.#sessions, this, sessionId, places);
  }

  async changes(session: () => Promise<string | undefined>): Promise<AttachedChanges | undefined> {
    const { attachChanges } = await import('./attach-places.ts');
    return attachChanges(this.#sessions, this, session);
  }

  async bytes(
    sessionId: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
    by: Gesture,
  ): Promise<boolean> {
    const candidates = files.map(({ name, bytes }) => fromBytes(safeFileName(name), 'pasted', bytes));
    return this.files(sessionId, candidates, { chosen: files.length === 1 ? 'named' : 'collected', by });
  }

  async files(
    sessionId: string,
    files: readonly AttachCandidate[],
    { replacing, chosen, within, by }: AttachOptions,
  ): Promise<boolean> {
    const state = this.#sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'The session is gone.');
    // Before anything is read or asked about.
    requireGoing(sessionId, state.local);
    const watched = this.#distinct(sessionId, files, replacing).map(watch);
    const title = `"${labelText(state.info.name, 60)}"`;
    const cleared = await this.cleared(
      sessionId,
      watched.map(({ candidate }) => candidate),
      { chosen, within, by, destination: requireClient(this.#sessions).origin },
    );
    if (cleared.length === 0) return false;
    const sent = await withCancel(`Attaching to ${title}`, async (signal, report) => {
      const run = { id: randomUUID(), sessionId, names: cleared.map(({ name }) => name) };
      const options: UploadOptions = {
        signal,
        onProgress: report,
        onAttached: (attachment, { name }) => {
          const from = sourceNamed(watched, name);
          if (from?.candidate.source !== undefined)
            this.#sessions.note(sessionId, {
              type: 'origin',
              origin: originOf(attachment.id, from.candidate.source, from.sha256, Date.now()),
            });
          this.#sessions.note(sessionId, { type: 'source', attachmentId: attachment.id, now: undefined });
        },
      };
      await remembered(this.#memento, run, () => this.#sessions.attach(sessionId, cleared, options));
      return true;
    });
    return sent === true;
  }

  async candidate(uri: vscode.Uri): Promise<AttachCandidate> {
    return (await import('./sources/file.ts')).fromUri(uri);
  }

  async cleared(
    sessionId: string,
    files: readonly AttachCandidate[],
    about: ClearAbout,
  ): Promise<readonly ClearedUpload[]> {
    const state = this.#sessions.state(sessionId);
    if (state === undefined) throw new SecGeminiError('notFound', 'The session is gone.');
    const { name, logging } = state.info;
    const title = `Looking through the files for "${labelText(name, 60)}"`;
    const cleared = await lookedThrough(title, files.length, (signal, onInspected) =>
      this.#egress.clear(files, {
        ...about,
        signal,
        onInspected,
        sessionId,
        sessionName: name,
        // The sandbox has no log of its own; what it keeps is its state file.
        logging: this.#isSandbox() ? undefined : logging,
      }),
    );
    return cleared ?? [];
  }

  /** Names that neither the session nor the batch has twice; `replacing` gives its own free. */
  #distinct(
    sessionId: string,
    files: readonly AttachCandidate[],
    replacing: string | undefined,
  ): readonly AttachCandidate[] {
    const state = this.#sessions.state(sessionId);
    const uriOf = new Map(state?.origins.map(({ attachmentId, uri }) => [attachmentId, uri]));
    /** Names that are taken, with the source that has them. */
    const owners = new Map<string, string | undefined>();
    for (const { id, name } of state?.attachments ?? []) if (id !== replacing) owners.set(name, uriOf.get(id));
    for (const { name } of state?.pending ?? []) owners.set(name, undefined);
    return files.map((file) => {
      const uri = file.source?.uri;
      const again = uri !== undefined && owners.get(file.name) === uri;
      const name = distinctName({ name: file.name, folders: file.source?.folders, again }, new Set(owners.keys()));
      owners.set(name, uri);
      return name === file.name ? file : { ...file, name };
    });
  }
}

function watch(candidate: AttachCandidate): Watched {
  const watched: Watched = {
    sha256: undefined,
    candidate: {
      ...candidate,
      async *open() {
        const hash = createHash('sha256');
        for await (const piece of candidate.open()) {
          hash.update(piece);
          yield piece;
        }
        watched.sha256 = hash.digest('hex');
      },
    },
  };
  return watched;
}

/** What leaves may have got an ending of the gate's own (only its hashes are sent). */
function sourceNamed(watched: readonly Watched[], name: string): Watched | undefined {
  return (
    watched.find(({ candidate }) => candidate.name === name) ??
    watched.find(({ candidate }) => name.startsWith(`${candidate.name}.`))
  );
}

/** Fewer files are looked through before anybody could read the notification. */
const SHOWN_FROM = 20;

/**
 * The gate with a progress notification that can be cancelled and that is gone when the question comes. Undefined when it was cancelled.
 */
async function lookedThrough<T>(
  title: string,
  count: number,
  clear: (signal: AbortSignal, onInspected: (done: number, total: number) => void) => Promise<T>,
): Promise<T | undefined> {
  const abort = new AbortController();
  if (count < SHOWN_FROM) return clear(abort.signal, () => undefined);
  const { promise: inspected, resolve: end } = Promise.withResolvers<undefined>();
  let report: (done: number, total: number) => void = () => undefined;
  void vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title },
    async (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      report = percentReporter(progress);
      await inspected;
    },
  );
  try {
    return await clear(abort.signal, (done, total) => {
      report(done, total);
      if (done >= total) end(undefined);
    });
  } catch (error) {
    if (abort.signal.aborted) return undefined;
    throw error;
  } finally {
    end(undefined);
  }
}

/** Runs with a progress notification that can be cancelled; undefined when it was. */
async function withCancel<T>(
  title: string,
  run: (signal: AbortSignal, report: (done: number, total: number) => void) => Promise<T>,
): Promise<T | undefined> {
  return await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, cancellable: true, title },
    async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        return await run(abort.signal, percentReporter(progress));
      } catch (error) {
        if (abort.signal.aborted || isSecGeminiError(error, 'cancelled')) return undefined;
        throw error;
      } finally {
        listener.dispose();
      }
    },
  );
}

function percentReporter(progress: vscode.Progress<{ increment?: number }>): (done: number, total: number) => void {
  let shown = 0;
  return (done, total) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    if (percent <= shown) return;
    progress.report({ increment: percent - shown });
    shown = percent;
  };
}
