/**
 * Finds secrets in text: the maintained rules of secretlint, our own patterns for what they lack, and assignments of
 * values that look like keys. No file system, no network, nothing of ours.
 */
import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend';
import { assignedSecrets } from './secret-assignments.ts';
import { secretKinds } from './secret-kinds.ts';
import { TextLines, breathe } from './text.ts';

export interface SecretMatch {
  /** Stable id of the kind, e.g. `github-token`. */
  readonly kind: string;
  readonly title: string;
  /** Offsets of the secret itself in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** The beginning and the length: safe to quote. */
  readonly masked: string;
}

// It would keep some 20 kB about every text for ever, the file's name among it.
secretLintProfiler.setEnabled(false);

interface Candidate {
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** At most this many secrets of one text are kept; a file of nothing but keys must not fill the memory. */
export const MAX_MATCHES = 2000;

/** A few first characters and the length, never enough to use: `ghp_… (40 characters)`. */
export const maskSecret = (value: string): string => {
  const header = /^-----BEGIN [A-Z0-9 ]{1,60}-----/.exec(value);
  if (header !== null) return `${header[0]}…`;
  const shown = value.length < 8 ? 0 : Math.min(4, Math.floor(value.length / 5));
  return `${value.slice(0, shown)}… (${value.length} characters)`;
};

/**
 * The secrets of a text in order of place, overlapping ones as one. Bounded: searches at most MAX_SCAN_UNITS.
 * Rejects with the signal's reason when it is aborted.
 */
export const scanSecrets = async (
  source: string | TextLines,
  options: { readonly fileName?: string; readonly signal?: AbortSignal } = {},
): Promise<SecretMatch[]> => {
  const lines = typeof source === 'string' ? new TextLines(source) : source;
  const found: Candidate[] = [];
  for (const chunk of lines.chunks()) {
    await breathe(options.signal);
    const candidates = [
      ...ownKinds(chunk.text),
      ...(await bySecretlint(chunk.text, options.fileName ?? 'text')),
      ...assignedSecrets(chunk.text),
    ];
    for (const candidate of candidates) {
      found.push({ ...candidate, start: candidate.start + chunk.start, end: candidate.end + chunk.start });
    }
    if (found.length > MAX_MATCHES * 4) break;
  }
  return merge(found)
    .slice(0, MAX_MATCHES)
    .map((candidate) => ({
      ...candidate,
      line: lines.lineAt(candidate.start),
      masked: maskSecret(lines.text.slice(candidate.start, candidate.end)),
    }));
};

function* ownKinds(text: string): Generator<Candidate> {
  for (const { kind, title, pattern, group, reject } of secretKinds) {
    for (const match of text.matchAll(pattern)) {
      const value = match[group ?? 0] ?? '';
      if (value.length === 0 || reject?.(value, match) === true) continue;
      // The secret is the last thing of its match or the match itself: the last place is the right one.
      const start = match.index + (group === undefined ? 0 : match[0].lastIndexOf(value));
      yield { kind, title, start, end: start + value.length };
    }
  }
}

const bySecretlint = async (content: string, filePath: string): Promise<Candidate[]> => {
  const result = await lintSource({
    source: { filePath, content, ext: '', contentType: 'text' },
    options: {
      noPhysicFilePath: true,
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: recommended, options: {} }] },
    },
  });
  // It counts without a byte order mark.
  const mark = content.startsWith('\ufeff') ? 1 : 0;
  return result.messages.map((message) => {
    const kind = message.ruleId.replace('@secretlint/secretlint-rule-', '');
    // Its text is "found NAME: SECRET": the name is kept, the secret is not.
    const title =
      /^found (?<title>[\w .()-]{3,60}?)(?:\(.*)?:/i.exec(message.message)?.groups?.['title'] ?? `${kind} secret`;
    return { kind, title, start: message.range[0] + mark, end: message.range[1] + mark };
  });
};

/** Sorts by place; of overlapping candidates the first named kind stays, over the whole range of both. */
const merge = (candidates: readonly Candidate[]): Candidate[] => {
  const sorted = candidates
    .map((candidate, order) => ({ candidate, order }))
    .toSorted((a, b) => a.candidate.start - b.candidate.start || a.order - b.order);
  const merged: { candidate: Candidate; order: number }[] = [];
  for (const entry of sorted) {
    const last = merged.at(-1);
    if (last === undefined || entry.candidate.start >= last.candidate.end) {
      merged.push(entry);
      continue;
    }
    const better = entry.order < last.order ? entry : last;
    const end = Math.max(last.candidate.end, entry.candidate.end);
    last.candidate = { ...better.candidate, start: last.candidate.start, end };
    last.order = better.order;
  }
  return merged.map((entry) => entry.candidate);
};
