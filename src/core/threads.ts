/** Threads at lines of code: which place they belong to and which prompts of which session make their conversation. The words stay in the session. */

import type { AnchorPlace, ContentAnchor } from './anchor.ts';
import { Emitter, type Event } from './emitter.ts';
import type { Message } from './model.ts';
import type { SessionChange } from './session-model.ts';

/** A question of a thread. Its answer is what follows it in its session, up to the next prompt. */
export interface ThreadPrompt {
  /** The message's id. A service may give it another one; `text` then finds it again. */
  readonly id: string;
  readonly sessionId: string;
  /** Hash of the prompt's text. */
  readonly text: string;
  /** The place as the prompt names it, e.g. `src/app.py:10-14`. */
  readonly reference: string;
}

/** What another tool said of the code. */
export interface ThreadProblem {
  readonly source: string;
  readonly rule: string;
}

export interface CodeThread {
  readonly id: string;
  /** Beginning of the first question, for lists. */
  readonly title: string;
  /** The code as it was asked about. */
  readonly asked: ContentAnchor;
  /** The same place as it was last seen. */
  readonly anchor: ContentAnchor;
  readonly place: AnchorPlace;
  /** Where the next question goes. */
  readonly sessionId: string;
  readonly prompts: readonly ThreadPrompt[];
  /** A question that did not leave: refused by the user or failed. Kept until it is sent. */
  readonly unsent?: string | undefined;
  readonly isResolved: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly problem?: ThreadProblem | undefined;
  /** What the last answer gave as its verdict, e.g. `exploitable`. Untrusted text. */
  readonly verdict?: string | undefined;
}

/** More than anybody keeps open; beyond it resolved ones go first, then the oldest. */
const MAX_THREADS = 200;
const MAX_PROMPTS = 100;

export class Threads {
  readonly #threads = new Map<string, CodeThread>();
  readonly #changes: Emitter<string>;

  constructor(onError?: (error: unknown) => void) {
    this.#changes = new Emitter(onError);
  }

  /** Fires with the id of the thread that came, changed or went. */
  get onDidChange(): Event<string> {
    return this.#changes.event;
  }

  /** The oldest first. */
  all(): readonly CodeThread[] {
    return [...this.#threads.values()];
  }

  get(id: string): CodeThread | undefined {
    return this.#threads.get(id);
  }

  /** Those whose next question goes to this session, the oldest first. */
  of(sessionId: string): readonly CodeThread[] {
    return this.all().filter((thread) => thread.sessionId === sessionId);
  }

  /** The latest thread with a question that named its place so, in full or by the file's name alone. */
  named(reference: string): CodeThread | undefined {
    const isIt = (known: string): boolean => known === reference || known.endsWith(`/${reference}`);
    return this.all().findLast(({ prompts }) => prompts.some((prompt) => isIt(prompt.reference)));
  }

  at(uri: string): readonly CodeThread[] {
    return this.all().filter(({ anchor }) => anchor.uri === uri);
  }

  add(thread: CodeThread): void {
    this.#threads.set(thread.id, thread);
    while (this.#threads.size > MAX_THREADS) {
      const others = this.all().filter(({ id }) => id !== thread.id);
      const oldest = others.find(({ isResolved }) => isResolved) ?? others[0];
      if (oldest === undefined) break;
      this.remove(oldest.id);
    }
    this.#changes.fire(thread.id);
  }

  /** Nothing happens for a thread that is gone: answers may come late. */
  update(id: string, patch: Partial<Omit<CodeThread, 'id'>>): void {
    const thread = this.#threads.get(id);
    if (thread === undefined) return;
    const next = { ...thread, ...patch };
    if (JSON.stringify(next) === JSON.stringify(thread)) return;
    this.#threads.set(id, { ...next, prompts: next.prompts.slice(-MAX_PROMPTS) });
    this.#changes.fire(id);
  }

  remove(id: string): void {
    if (this.#threads.delete(id)) this.#changes.fire(id);
  }

  /** Follows a prompt whose message got the service's own id. */
  follow({ sessionId, action }: SessionChange): void {
    if (action.type !== 'message' || action.replaces === undefined) return;
    const { replaces, message } = action;
    for (const thread of this.#threads.values())
      if (thread.prompts.some((prompt) => prompt.id === replaces && prompt.sessionId === sessionId))
        this.update(thread.id, {
          prompts: thread.prompts.map((prompt) => (prompt.id === replaces ? { ...prompt, id: message.id } : prompt)),
        });
  }

  dispose(): void {
    this.#changes.dispose();
  }
}

/**
 * For each prompt the index of its message in its session, -1 where it is not there: by id, else by its text, the latest that is not another
 * prompt's.
 */
export function promptIndices(prompts: readonly ThreadPrompt[], messages: readonly Message[]): number[] {
  const found = prompts.map(({ id }) => messages.findLastIndex((message) => message.id === id));
  const taken = new Set(found);
  prompts.forEach(({ text }, index) => {
    if (found[index] !== -1) return;
    const at = messages.findLastIndex(
      (message, place) => message.kind === 'prompt' && !taken.has(place) && textHash(message.content) === text,
    );
    found[index] = at;
    taken.add(at);
  });
  return found;
}

/** Tells texts apart; line ends and blanks around it do not count, as services trim. */
export function textHash(text: string): string {
  const clean = text.replaceAll('\r\n', '\n').trim();
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let index = 0; index < clean.length; index += 1) {
    const code = clean.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b + code, 0x5bd1e995) ^ (b >>> 15);
  }
  return `${(a >>> 0).toString(36)}-${(b >>> 0).toString(36)}-${clean.length.toString(36)}`;
}
