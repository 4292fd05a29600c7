/** The files of all sessions as one list, found by what is known of them and by what stands in them. Pure; the bytes are the caller's. */

import { formatBytes } from './format.ts';
import { looksBinary } from './hex-dump.ts';
import type { Attachment } from './model.ts';
import type { SessionState } from './session-state.ts';
import { labelText } from './visible-text.ts';

/** Of each copy so much is searched, and so many lines of it are found. */
const MAX_SEARCHED_BYTES = 2_000_000;
const LINES_OF_A_FILE = 20;
const MAX_HITS = 500;

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

/** The files whose name, session, type or hash holds every word of the query, whatever its case; all of them for an empty one. */
export function filesWith(files: readonly FoundAttachment[], query: string): readonly FoundAttachment[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return files.filter(({ sessionName, attachment }) => {
    const { name, mimeType = '', contentLabel = '', sha256 = '' } = attachment;
    const known = [name, sessionName, mimeType, contentLabel, sha256].join('\n').toLowerCase();
    return words.every((word) => known.includes(word));
  });
}

export interface TextSearch {
  readonly hits: readonly { readonly found: FoundAttachment; readonly hit: TextHit }[];
  /** Files without a text copy on this machine. */
  readonly missing: number;
}

/** `open`: the kept bytes of a file, undefined where there are none. */
export async function searchTexts(
  files: readonly FoundAttachment[],
  query: string,
  open: (found: FoundAttachment) => AsyncIterable<Uint8Array> | undefined,
  isCancelled: () => boolean,
): Promise<TextSearch> {
  const hits: { found: FoundAttachment; hit: TextHit }[] = [];
  let missing = 0;
  for (const found of files) {
    if (isCancelled() || hits.length >= MAX_HITS) break;
    const bytes = open(found);
    const text = bytes === undefined ? undefined : await readText(bytes);
    if (text === undefined) missing += 1;
    else for (const hit of linesWith(text, query, LINES_OF_A_FILE)) hits.push({ found, hit });
  }
  return { hits: hits.slice(0, MAX_HITS), missing };
}

/** The beginning as text; undefined for bytes that are none, or that cannot be read. */
async function readText(bytes: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  try {
    for await (const chunk of bytes) {
      if (size === 0 && looksBinary(chunk)) return undefined;
      text += decoder.decode(chunk.subarray(0, MAX_SEARCHED_BYTES - size), { stream: true });
      size += chunk.byteLength;
      if (size >= MAX_SEARCHED_BYTES) break;
    }
  } catch {
    return undefined;
  }
  return text + decoder.decode();
}
