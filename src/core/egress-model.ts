/** The words of the egress gate: what is asked to leave, what the user sees of it, and what the gate needs from outside. */

import type { Inspection, ScannedText } from './egress-inspect.ts';
import type { PromptAnswer, PromptRequest } from './egress-prompt.ts';
import type { NewHash } from './egress-record.ts';
import type { Ledger } from './ledger.ts';
import type { Log } from './log.ts';
import type { SecretMap } from './redaction.ts';

/** One of the files that a generated file (a diff, a list of problems) shows something of. */
export interface OutgoingPart {
  /** As the user knows it, e.g. relative to the repository. */
  readonly name: string;
  /** Every path that it is known by, for the rules: old and new names, links resolved. */
  readonly paths: readonly string[];
}

/** What a generated file is made of: the gate judges each part as if it was a file of its own, and leaves out what the rules keep here. */
export interface MadeOf {
  readonly parts: readonly OutgoingPart[];
  /** Absolute paths of folders whose ignore files count beside those of the workspace, e.g. the repository. */
  readonly roots?: readonly string[] | undefined;
  /** Whether git's ignored files are left out, too. */
  readonly withoutGitIgnored?: boolean | undefined;
  /** The file without these parts, and with a word in it that some are missing, but not which. */
  without(left: ReadonlySet<OutgoingPart>): Pick<OutgoingFile, 'size' | 'open'>;
}

/** A file, buffer or selection that somebody wants to send. Nothing was read yet beyond what the size needed. */
export interface OutgoingFile {
  /** The name the service will see: a base name, made safe by `safeFileName`. */
  readonly name: string;
  /** Where it comes from, for the user's eyes: a path or `unsaved text of …`. */
  readonly origin: string;
  /**
   * Every path that it is known by, for the rules: as asked for, and what a link points to. Unsaved text and selections carry their
   * document's path. Empty only for bytes that never had a file (pasted), and for what names its files in `madeOf`.
   */
  readonly paths: readonly string[];
  /** For a file that was generated from others. */
  readonly madeOf?: MadeOf | undefined;
  /** Absolute paths of folders whose ignore files count beside those of the workspace. */
  readonly roots?: readonly string[] | undefined;
  /** How many names the file has on disk (hard links); more than one is told, as one of them may be kept back. */
  readonly links?: number | undefined;
  readonly size: number;
  readonly mimeType?: string | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/** Where a batch goes and how it was chosen. */
export interface EgressAbout {
  readonly sessionId: string;
  readonly sessionName: string;
  /** Scheme, host and port the bytes go to. */
  readonly destination: string;
  /** Largest file in bytes; missing: what the setting and the protocol allow for an attachment. */
  readonly maxBytes?: number | undefined;
  /** False: the service was asked not to log this session; undefined: not known. */
  readonly logging?: boolean | undefined;
  /** `named`: the user pointed at each file itself. `collected` (the default): found in a folder, by a search or by a tool. */
  readonly chosen?: 'named' | 'collected' | undefined;
  /**
   * `hand`: a person chose it by a gesture that nobody else can make (a row that our tree made, a drop, a dialog, a pick). `call` (the
   * default): it may be another extension that ran a command, and is asked about whatever the setting says (trust.md S39).
   */
  readonly by?: 'hand' | 'call' | undefined;
  /** Absolute paths of the folders in which collected files have to lie, links resolved. */
  readonly within?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Files looked through so far. */
  readonly onInspected?: ((done: number, total: number) => void) | undefined;
}

/** As it is; with its secrets replaced; only name, size and hashes; not at all. */
export type EgressChoice = 'send' | 'redact' | 'hashes' | 'skip';

/** One file of the batch, as the confirmation shows it. */
export interface EgressItem extends Inspection {
  readonly file: OutgoingFile;
  /** What else the user should know, a phrase each: `ignored by .gitignore: *.log`. */
  readonly notes: readonly string[];
  /** What may be chosen for it. */
  readonly choices: readonly EgressChoice[];
  /** What "Send" does with it. */
  readonly choice: EgressChoice;
}

export interface RefusedFile {
  readonly file: OutgoingFile;
  /** `.env*`, `.secgeminiignore: *.log` … */
  readonly rule: string;
}

/** What is about to happen, as the confirmation shows it. */
export interface EgressRequest extends EgressAbout {
  readonly files: readonly OutgoingFile[];
  readonly items: readonly EgressItem[];
  /** Never sent, whatever the answer. */
  readonly refused: readonly RefusedFile[];
  /** Of `files`, before redaction. */
  readonly totalBytes: number;
}

/** `send`: each item by its default; `redact`: so, but flagged ones redacted; a map: as reviewed, what it does not name stays here. */
export type EgressAnswer = 'send' | 'redact' | 'cancel' | { readonly choices: ReadonlyMap<OutgoingFile, EgressChoice> };

/** What the workspace's own rules say about a file. */
export type RuleVerdict =
  | { readonly kind: 'refused'; readonly rule: string }
  /** Not sent unless the user ticks it (git's ignored files in a folder). */
  | { readonly kind: 'ask'; readonly rule: string };

/** Keeps the placeholders of a session on this machine. */
export interface SecretMapStore {
  load(sessionId: string): Promise<SecretMap>;
  /** Reads, changes and keeps the map in one step for all windows. `change` is quick. Rejects when it could not be kept. */
  update(sessionId: string, change: (map: SecretMap) => SecretMap): Promise<void>;
}

export interface EgressPorts {
  /** Shows the native question "Send N files to Sec-Gemini?" with every name and size. Closing it is `cancel`. */
  confirm(request: EgressRequest): Promise<EgressAnswer>;
  /** A second, explicit question for the one file that the user named although a rule keeps it here. Missing: the answer is no. */
  confirmDenied?(file: OutgoingFile, rule: string): Promise<boolean>;
  /** Asks what to do with a prompt that holds secrets; closing it is `cancel`. Missing: it is not sent. */
  confirmPrompt?(request: PromptRequest): Promise<PromptAnswer>;
  /** Largest file in bytes that the setting and the protocol allow. */
  maxBytes(): number;
  /** The user's setting; missing: always. */
  ask?(): 'always' | 'whenFlagged';
  /** Restricted Mode: no folders, always ask. */
  restricted?(): boolean;
  /** Ignore files and the path gate of the workspace; files it does not name are free. */
  rules?(files: readonly OutgoingFile[], about: EgressAbout): Promise<ReadonlyMap<OutgoingFile, RuleVerdict>>;
  /** Text, its secrets, and the way back to bytes; undefined for what is no text. Missing: nothing is looked through. */
  scan?(
    bytes: Uint8Array,
    options: { fileName: string; cut: boolean; signal: AbortSignal | undefined },
  ): Promise<ScannedText | undefined>;
  readonly ledger?: Ledger | undefined;
  readonly secretMaps?: SecretMapStore | undefined;
  readonly newHash: NewHash;
  readonly newId: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log?: Log | undefined;
}
