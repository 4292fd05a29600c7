/** The files of all sessions as one list, and what stands in them. Pure; the bytes are the caller's. */

import { formatBytes } from './format.ts';
import type { Attachment } from './model.ts';
import type { SessionState } from './session-state.ts';
import { labelText } from './visible-text.ts';

export interface FoundAttachment {
  readonly sessionId: string;
  readonly sessionName: string;
  readonly attachment: Attachment;
}

/** Sessions in the given order, files as they stand in them. */
export function allAttachments(states: readonly SessionState[]): readonly FoundAttachment[] {
  return states.flatMap(({ info, attachments }) =>
    attachments.map((attachment) => ({ sessionId: info.id, sessionName: info.name, attachment })),
  );
}

/** Name, what else is known, and hash: what a list shows and is searched by. */
export function attachmentWords({ sessionName, attachment }: FoundAttachment): {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
} {
  const { name, size, mimeType, contentLabel, sha256 } = attachment;
  const parts = [
    labelText(sessionName, 60),
    size === undefined ? '' : formatBytes(size),
    mimeType === undefined ? '' : labelText(mimeType),
    contentLabel === undefined ? '' : labelText(contentLabel),
  ];
  return {
    label: labelText(name, 120),
    description: parts.filter((part) => part !== '').join(' · '),
    detail: sha256 === undefined ? 'SHA-256 not known' : `SHA-256 ${labelText(sha256)}`,
  };
}

export interface TextHit {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

/** Lines that hold the words as they were typed, whatever their case; at most `most`. */
export function linesWith(text: string, query: string, most: number): readonly TextHit[] {
  const wanted = query.toLowerCase();
  if (wanted === '') return [];
  const hits: TextHit[] = [];
  let line = 0;
  for (const content of text.split(/\r\n|\n|\r/)) {
    line += 1;
    if (!content.toLowerCase().includes(wanted)) continue;
    hits.push({ line, text: content });
    if (hits.length >= most) break;
  }
  return hits;
}
