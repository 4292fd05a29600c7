/** What the window and the process that holds a log say to each other. */

import type { LogFormat, LogValue } from './formats/log-format.ts';

/** A log as it was read. */
export interface LogSummary {
  readonly format: LogFormat;
  readonly rows: number;
  /** Of the file. */
  readonly lines: number;
  /** Rows that do not have the form of the log: all of their columns are NULL but `line` and `raw`. */
  readonly unread: number;
  /** Bytes of the file that were read. */
  readonly bytes: number;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly columns: readonly ColumnSummary[];
}

export interface ColumnSummary {
  readonly name: string;
  readonly type: string;
  readonly about?: string | undefined;
  /** Rows that have a value. */
  readonly filled: number;
  /** The most frequent values; empty where there are more than a few dozen different ones. */
  readonly values: readonly { readonly value: LogValue; readonly count: number }[];
  /** Undefined: more than a few dozen. */
  readonly distinct: number | undefined;
}

/** Where the file is, and which file it has to be. */
export interface LogSource {
  readonly path: string;
  readonly name: string;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface QueryLimits {
  readonly rows: number;
  /** UTF-16 units of all cells. */
  readonly characters: number;
  readonly cell: number;
}

export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly LogValue[])[];
  /** False: there is more than the limits let through. */
  readonly whole: boolean;
}

export type LogRequest =
  | { readonly kind: 'import'; readonly source: LogSource; readonly database: string }
  | { readonly kind: 'query'; readonly database: string; readonly sql: string; readonly limits: QueryLimits };

export type LogReply =
  /** The first: it takes requests now. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'summary'; readonly summary: LogSummary }
  | { readonly kind: 'answer'; readonly answer: QueryAnswer; readonly rss: number }
  /** `says` is for people and the agent: SQLite's own words, or ours. */
  | {
      readonly kind: 'failed';
      readonly reason: 'sql' | 'changed' | 'notText' | 'memory' | 'other';
      readonly says: string;
    };
