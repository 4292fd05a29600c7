/** The record of what left this machine: one entry for each prompt and each file, written before the bytes go, completed after. */

export interface LedgerEntry {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: 'file' | 'prompt' | 'tool' | 'feedback' | 'log' | 'skill' | 'published';
  readonly sessionId: string;
  readonly sessionName: string;
  /** Scheme, host and port the bytes went to. */
  readonly destination: string;
  /** File name, or the first words of a prompt. */
  readonly name: string;
  /** Bytes of content that left (before encoding). */
  readonly bytes: number;
  /** Lower-case hex of what left. */
  readonly sha256: string;
  /** By which click or rule, e.g. `confirmed`, `allowed: nothing flagged`, `sent by the user`. */
  readonly rule: string;
  readonly outcome: 'started' | 'sent' | 'failed' | 'cancelled';
}

/** Append-only; a later entry with the same id completes the earlier one. */
export interface Ledger {
  append(entry: LedgerEntry): Promise<void>;
  /** Completed view, oldest first; `sessionId` narrows it. */
  read(sessionId?: string): Promise<readonly LedgerEntry[]>;
  /** Deletes the user's own records, on request only. */
  clear(): Promise<void>;
}
