/**
 * What only this machine knows of a session: where it was forked from, that it was rewound, that it was imported. The service has no words
 * for it; it is kept beside the transcript and never sent. Pure.
 */

import { SecGeminiError } from './errors.ts';
import type { Attachment } from './model.ts';
import type { PromptExtras } from './prompt-extras.ts';

/** Points to another session of this machine. */
export interface SessionLink {
  readonly sessionId: string;
  /** Its name when the link was made. Untrusted text. */
  readonly name: string;
  /** The last message that both have. */
  readonly messageId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the user said about an answer or the session. */
export interface FeedbackNote {
  readonly kind: 'feedback' | 'bug';
  readonly messageId?: string | undefined;
  /** v1's group of the answer. */
  readonly group?: string | undefined;
  /** 1 = good, -1 = bad; only for feedback. */
  readonly score?: number | undefined;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** False: it is only kept here. */
  readonly sent?: boolean | undefined;
}

/** `default`: the domain's own text; `append`: ours and then the user's; `replace`: the user's instead of ours. */
export type InstructionsMode = 'default' | 'append' | 'replace';

export interface Instructions {
  readonly mode: InstructionsMode;
  /** With `$<variables>` as written. */
  readonly text: string;
}

export interface LocalFacts {
  /** Came from a file: read only, the service does not know it. */
  readonly imported?:
    | {
        /** Milliseconds since the epoch. */
        readonly at: number;
        /** The session's id in the file. */
        readonly sessionId: string;
        /** Everything else the file said beside session, attachments and messages. */
        readonly envelope: Readonly<Record<string, unknown>>;
      }
    | undefined;
  /** Where the service has no field for it. */
  readonly description?: string | undefined;
  readonly forkedFrom?: SessionLink | undefined;
  readonly forks?: readonly SessionLink[] | undefined;
  /** The conversation goes on there; this one is what was before. */
  readonly rewoundTo?: SessionLink | undefined;
  readonly closed?: boolean | undefined;
  /** Since when it is over for good, in milliseconds since the epoch: nothing goes out for it from here any more. */
  readonly terminatedAt?: number | undefined;
  /** The session asks before every tool call: the service was told so from here, and has no word to ask it back. */
  readonly asksAlways?: boolean | undefined;
  /** What happens when its panel is closed. */
  readonly temporary?: 'close' | 'delete' | undefined;
  /** Attachment id -> id of the last message when it was attached; an empty text = before the first. */
  readonly attachedAfter?: Readonly<Record<string, string>> | undefined;
  /** Files that were taken off the service and can be put back; see shelf.ts. */
  readonly shelved?: readonly Attachment[] | undefined;
  /** Ratings of answers and reports, oldest first. */
  readonly feedback?: readonly FeedbackNote[] | undefined;
  /** By prompt id: what was asked of a prompt beyond its text, until its turn has completed. */
  readonly extras?: Readonly<Record<string, PromptExtras>> | undefined;
  /** The agent's reasoning is not shown in this session, or is, whatever the setting says. */
  readonly showsReasoning?: boolean | undefined;
  /** Id of the knowledge domain. */
  readonly domain?: string | undefined;
  readonly instructions?: Instructions | undefined;
  /** They go as a skill that the agent has to use, where the service has skills; else in front of the next prompt. */
  readonly instructionsAs?: 'skill' | undefined;
  /** What of the instructions the service has read, as a hash. */
  readonly instructionsSent?: string | undefined;
}

/** The facts with a change; undefined takes a fact away. */
export function withFacts(facts: LocalFacts | undefined, change: LocalFacts): LocalFacts {
  const all = { ...facts, ...change };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Three-way by fact: what this window changed since `base` counts, all else is as it is kept. */
export function mergeFacts(
  base: LocalFacts | undefined,
  ours: LocalFacts | undefined,
  theirs: LocalFacts | undefined,
): LocalFacts | undefined {
  const known = new Map(Object.entries(base ?? {}));
  const merged = new Map(Object.entries(theirs ?? {}));
  const mine = new Map(Object.entries(ours ?? {}));
  for (const key of known.keys()) if (!mine.has(key)) merged.delete(key);
  for (const [key, value] of mine) if (JSON.stringify(known.get(key)) !== JSON.stringify(value)) merged.set(key, value);
  return merged.size === 0 ? undefined : Object.fromEntries(merged);
}

const IMPORTED = 'imported-';

/** The id that an imported session has here. `uuid` makes it new. */
export function importedId(uuid: string): string {
  return `${IMPORTED}${uuid}`;
}

/** True for a session that came from a file: by its id, so that it is known before its facts are read. */
export function isImportedId(sessionId: string): boolean {
  return sessionId.startsWith(IMPORTED);
}

/** Throws for a session that can only be read because it came from a file. */
export function requireLive(sessionId: string): void {
  if (isImportedId(sessionId)) throw readOnly(IMPORTED_WORDS);
}

/** Throws for a session that was imported or terminated: nothing may be asked of its agent any more. */
export function requireGoing(sessionId: string, local: LocalFacts | undefined): void {
  const words = readOnlyWords(sessionId, local);
  if (words !== undefined) throw readOnly(words);
}

/** Why a session can only be read, as a sentence; undefined for one that can go on. */
export function readOnlyWords(sessionId: string, local: LocalFacts | undefined): string | undefined {
  if (isImportedId(sessionId)) return IMPORTED_WORDS;
  return local?.terminatedAt === undefined ? undefined : TERMINATED_WORDS;
}

const IMPORTED_WORDS = 'This session was imported from a file: it can only be read.';
const TERMINATED_WORDS = 'This session was terminated: it can only be read.';

function readOnly(words: string): SecGeminiError {
  return new SecGeminiError('invalidArgument', words, { action: 'Fork it to go on in a new session.' });
}
