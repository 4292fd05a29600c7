/** Where an outgoing file comes from, as this machine remembers it. Never sent anywhere. */

import type { LineAnchor } from './attach-lines.ts';
import type { OutgoingFile } from './egress-model.ts';
import type { AttachmentOrigin } from './session-cache.ts';

export interface AttachSource {
  /** URI of the source as text; undefined for what has no place (clipboard, a diff). */
  readonly uri?: string | undefined;
  /** URI of the workspace folder that holds it. */
  readonly workspaceFolder?: string | undefined;
  /** Names of the folders above the file, the nearest first, the workspace folder last: they tell files of one name apart. */
  readonly folders?: readonly string[] | undefined;
  /** 1-based, inclusive; only for selections. */
  readonly lines?: readonly [number, number] | undefined;
  /** Finds those lines again after edits above them. */
  readonly anchor?: LineAnchor | undefined;
}

/** A candidate for the egress gate that knows its source. */
export interface AttachCandidate extends OutgoingFile {
  readonly source?: AttachSource | undefined;
}

/** The record that is kept with the session. `sourceSha256`: lower-case hex of the bytes before any redaction; `at` in milliseconds. */
export function originOf(
  attachmentId: string,
  source: AttachSource,
  sourceSha256: string | undefined,
  at: number,
): AttachmentOrigin {
  const { uri, workspaceFolder, lines, anchor } = source;
  return {
    attachmentId,
    at,
    ...(uri === undefined ? {} : { uri }),
    ...(workspaceFolder === undefined ? {} : { workspaceFolder }),
    ...(lines === undefined ? {} : { lines }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(sourceSha256 === undefined ? {} : { sourceSha256 }),
  };
}
