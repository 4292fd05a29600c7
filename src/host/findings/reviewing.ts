/** Reviews under way: asked through the ordinary ways (gate, session), and their answers read when they are there, also after a reload. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { parseFindings } from '../../core/findings-parse.ts';
import { changesPrompt, reviewPrompt } from '../../core/findings-prompt.ts';
import { type Finding, type Findings, placedFinding } from '../../core/findings.ts';
import { type Review, type ReviewedFile, fileNamed, reviewOutcome } from '../../core/reviews.ts';
import { textHash } from '../../core/threads.ts';
import { linesOfDocument, pathOf } from '../code-documents.ts';
import type { Services } from '../services.ts';

/** What came of a review. */
export interface ReviewResult {
  readonly review: Review;
  /** Undefined: the answer holds no findings that could be read. */
  readonly found: readonly Finding[] | undefined;
  /** Entries that are no findings, or that name a file that was not sent. */
  readonly unread: number;
  readonly error?: string | undefined;
}

/** More files at once would make the answer shallow. */
const MAX_FILES = 20;

export class Reviewing implements Disposable {
  readonly #services: Services;
  readonly #findings: Findings;
  readonly #ended: (result: ReviewResult) => void;
  readonly #changed: () => void;
  readonly #reviews = new Map<string, Review>();
  readonly #waiting = new Map<string, (result: ReviewResult | undefined) => void>();
  /** On their way: their question is not in the session yet. */
  readonly #leaving = new Set<string>();
  readonly #owned = new DisposableStore();

  /** `ended` is told of reviews that nobody waits for (asked before a reload); `changed` when something is to be kept. */
  constructor(
    services: Services,
    findings: Findings,
    known: readonly Review[],
    on: { readonly ended: (result: ReviewResult) => void; readonly changed: () => void },
  ) {
    const { sessions, log } = services;
    this.#services = services;
    this.#findings = findings;
    this.#ended = on.ended;
    this.#changed = on.changed;
    for (const review of known) this.#reviews.set(review.id, review);
    const check = (sessionId: string): void => {
      this.#check(sessionId).catch((error: unknown) => log.error('A review could not be read', error));
    };
    this.#owned.add(
      sessions.onDidChange(({ sessionId, action }) => {
        if (action.type === 'message' && action.replaces !== undefined)
          this.#follow(action.replaces, action.message.id);
        check(sessionId);
      }),
    );
    this.#owned.add(
      sessions.onDidChangeList(() => {
        for (const { sessionId } of this.all()) void sessions.open(sessionId).then(() => check(sessionId));
      }),
    );
  }

  all(): readonly Review[] {
    return [...this.#reviews.values()];
  }

  dispose(): void {
    this.#owned.dispose();
    for (const end of this.#waiting.values()) end(undefined);
  }

  /** Undefined when the user said no. Rejects for what cannot be read as text. `words`: what the user asked beside it. */
  async files(
    sessionId: string,
    uris: readonly vscode.Uri[],
    signal: AbortSignal,
    words?: string,
  ): Promise<ReviewResult | undefined> {
    if (uris.length > MAX_FILES)
      throw new SecGeminiError('invalidArgument', `A review takes at most ${MAX_FILES} files at once.`, {
        action: 'Choose fewer, or run "Ask About Each File…".',
      });
    const documents: vscode.TextDocument[] = [];
    for (const uri of uris) documents.push(await opened(uri));
    await this.#services.sessions.open(sessionId);
    const names = await this.#services.attacher.places(
      sessionId,
      documents.map((document) => ({ document })),
    );
    if (names === undefined) return undefined;
    const files = documents.map(({ uri }, index) => ({
      path: pathOf(uri),
      attachedAs: names[index] ?? pathOf(uri),
      uri,
    }));
    return this.#ask(
      sessionId,
      reviewPrompt(files, words),
      files.map(({ uri, path, attachedAs }) => ({ uri: uri.toString(), names: [path, attachedAs] })),
      true,
      signal,
    );
  }

  /** Undefined when the user closed a question. */
  async changes(
    session: () => Promise<string | undefined>,
    start: (work: (signal: AbortSignal) => Promise<ReviewResult | undefined>) => Promise<ReviewResult | undefined>,
  ): Promise<ReviewResult | undefined> {
    let sessionId: string | undefined;
    const changes = await this.#services.attacher.changes(async () => {
      sessionId = await session();
      if (sessionId !== undefined) await this.#services.sessions.open(sessionId);
      return sessionId;
    });
    const where = sessionId;
    if (changes === undefined || where === undefined) return undefined;
    const files = changes.files.map(({ uri, path }) => ({ uri: uri.toString(), names: [path, pathOf(uri)] }));
    return start((signal) => this.#ask(where, changesPrompt(changes.name), files, false, signal));
  }

  async #ask(
    sessionId: string,
    text: string,
    files: readonly ReviewedFile[],
    isWhole: boolean,
    signal: AbortSignal,
  ): Promise<ReviewResult | undefined> {
    const { sessions } = this.#services;
    const id = randomUUID();
    const review: Review = { id, sessionId, text: textHash(text), reference: '', files, isWhole, at: Date.now() };
    const { promise, resolve } = Promise.withResolvers<ReviewResult | undefined>();
    // Known before it leaves: the answer may come before this goes on, and the window may go.
    this.#reviews.set(id, review);
    this.#waiting.set(id, resolve);
    this.#leaving.add(id);
    this.#changed();
    const stop = (): void => {
      if (sessions.removeQueued(sessionId, id) === undefined) void sessions.stop(sessionId);
      else this.#forget(id);
    };
    try {
      await sessions.send(sessionId, text, id);
      this.#leaving.delete(id);
      await this.#check(sessionId);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      return await promise;
    } catch (error) {
      this.#forget(id);
      throw error;
    } finally {
      this.#leaving.delete(id);
      signal.removeEventListener('abort', stop);
    }
  }

  /** A prompt whose message got the service's own id. */
  #follow(from: string, to: string): void {
    const review = this.#reviews.get(from);
    if (review === undefined) return;
    const end = this.#waiting.get(from);
    this.#reviews.delete(from);
    this.#waiting.delete(from);
    this.#reviews.set(to, { ...review, id: to });
    if (end !== undefined) this.#waiting.set(to, end);
    this.#changed();
  }

  #forget(id: string): void {
    this.#waiting.get(id)?.(undefined);
    this.#waiting.delete(id);
    if (this.#reviews.delete(id)) this.#changed();
  }

  async #check(sessionId: string): Promise<void> {
    const state = this.#services.sessions.state(sessionId);
    for (const review of this.all()) {
      if (review.sessionId !== sessionId || this.#leaving.has(review.id)) continue;
      const outcome = reviewOutcome(review, state);
      if (outcome.kind === 'running') continue;
      // Taken once, though reading takes its time.
      this.#reviews.delete(review.id);
      const end = this.#waiting.get(review.id);
      this.#waiting.delete(review.id);
      const result =
        outcome.kind === 'gone'
          ? { review, found: undefined, unread: 0, error: 'Its question is no longer part of the session.' }
          : await this.#take(review, outcome.answer, outcome.error);
      this.#changed();
      if (end === undefined) this.#ended(result);
      else end(result);
    }
  }

  async #take(review: Review, answer: string, error: string | undefined): Promise<ReviewResult> {
    const parsed = parseFindings(answer);
    if (parsed === undefined) return { review, found: undefined, unread: 0, error };
    const found: Finding[] = [];
    let { unread } = parsed;
    for (const reported of parsed.findings) {
      const file = fileNamed(review.files, reported.file);
      const document =
        file === undefined ? undefined : await opened(vscode.Uri.parse(file.uri, true)).catch(() => undefined);
      if (file === undefined || document === undefined) {
        unread += 1;
        continue;
      }
      const about = { id: randomUUID(), sessionId: review.sessionId, uri: file.uri, at: Date.now() };
      const restored = await this.#restored(review.sessionId, reported.snippet);
      found.push(placedFinding({ ...reported, snippet: restored }, about, linesOfDocument(document)));
    }
    // An answer that was cut off says nothing of what it does not name.
    this.#findings.take(found, review.isWhole && error === undefined ? review.files.map(({ uri }) => uri) : []);
    return { review, found, unread, error };
  }

  /** The quoted code as it stands in the file: what was replaced before it left is put back, on this machine, to find it. */
  async #restored(sessionId: string, snippet: string): Promise<string> {
    if (!snippet.includes('[[SECRET-')) return snippet;
    const { restorePlaceholders } = await import('../../core/redaction.ts');
    return restorePlaceholders(snippet, await this.#services.secretMap(sessionId));
  }
}

async function opened(uri: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch (error) {
    throw new SecGeminiError('invalidArgument', `"${pathOf(uri)}" cannot be opened as text.`, {
      action: 'Review a text file; attach other files and ask about them.',
      cause: error,
    });
  }
}
