/** Finds the lines of an attached selection again after the file was edited, by content. Pure. */

/** What is remembered of the lines: short hashes, not the text, so that the record holds nothing worth stealing. */
export interface LineAnchor {
  /** How many lines were selected. */
  readonly count: number;
  /** Of all selected lines. */
  readonly whole: string;
  /** Of the first and the last selected lines, at most `KEPT` each; for short selections both name the same lines. */
  readonly head: readonly string[];
  readonly tail: readonly string[];
  /** Of the lines around the selection. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface LocatedLines {
  /** 1-based, inclusive. */
  readonly first: number;
  readonly last: number;
  /** True: the lines are what they were, wherever they stand now. */
  readonly same: boolean;
}

const KEPT = 16;
const AROUND = 3;
const BLANK = lineHash('');

/** `first` and `last` are 1-based and inclusive, within `lines`. */
export function lineAnchor(lines: readonly string[], first: number, last: number): LineAnchor {
  const selected = lines.slice(first - 1, last);
  const hashes = selected.map(lineHash);
  return {
    count: selected.length,
    whole: wholeHash(hashes),
    head: hashes.slice(0, KEPT),
    tail: hashes.slice(-KEPT),
    before: lines.slice(Math.max(0, first - 1 - AROUND), first - 1).map(lineHash),
    after: lines.slice(last, last + AROUND).map(lineHash),
  };
}

/**
 * Where the anchored lines are in `lines` now. `hint` is the 1-based first line they had. Of several places that fit, the one with the same
 * neighbours wins, then the nearest. Undefined when too little of them is left to be sure.
 */
export function locateLines(lines: readonly string[], anchor: LineAnchor, hint: number): LocatedLines | undefined {
  const hashes = lines.map(lineHash);
  const exact = exactPlace(hashes, anchor, hint);
  if (exact !== undefined) return { first: exact + 1, last: exact + anchor.count, same: true };
  const start = vote(hashes, anchor.before, anchor.head, 0, hint - 1);
  const end = vote(hashes, anchor.tail, anchor.after, anchor.tail.length - 1, hint - 2 + anchor.count);
  if (start === undefined && end === undefined) return undefined;
  const first = Math.max(0, start ?? (end ?? 0) - anchor.count + 1);
  const last = Math.min(hashes.length - 1, end ?? first + anchor.count - 1);
  return last < first ? undefined : { first: first + 1, last: last + 1, same: false };
}

function exactPlace(hashes: readonly string[], anchor: LineAnchor, hint: number): number | undefined {
  let best: { at: number; score: number } | undefined;
  for (let at = 0; at + anchor.count <= hashes.length; at += 1) {
    if (!anchor.head.every((hash, index) => hashes[at + index] === hash)) continue;
    if (wholeHash(hashes.slice(at, at + anchor.count)) !== anchor.whole) continue;
    const around =
      anchor.before.filter((hash, index) => hashes[at - anchor.before.length + index] === hash).length +
      anchor.after.filter((hash, index) => hashes[at + anchor.count + index] === hash).length;
    const score = around * 1e9 - Math.abs(at + 1 - hint);
    if (best === undefined || score > best.score) best = { at, score };
  }
  return best?.at;
}

/**
 * The index for which most known lines stand in their place. `upper` and `lower` follow each other; index `zero` of `lower`'s side is the one
 * looked for: for a start `upper` is the context and the first of `lower` is index 0, for an end the last of `upper` is.
 */
function vote(
  hashes: readonly string[],
  upper: readonly string[],
  lower: readonly string[],
  zero: number,
  hint: number,
): number | undefined {
  const known = [...upper, ...lower];
  const origin = zero === 0 ? upper.length : zero;
  const telling = known.filter((hash) => hash !== BLANK).length;
  const votes = new Map<number, number>();
  for (const [index, hash] of hashes.entries()) {
    if (hash === BLANK) continue;
    known.forEach((other, place) => {
      if (other !== hash) return;
      const at = index - place + origin;
      if (at >= 0 && at < hashes.length) votes.set(at, (votes.get(at) ?? 0) + 1);
    });
  }
  let best: { at: number; count: number } | undefined;
  for (const [at, count] of votes) {
    if (
      best === undefined ||
      count > best.count ||
      (count === best.count && Math.abs(at - hint) < Math.abs(best.at - hint))
    )
      best = { at, count };
  }
  return best !== undefined && best.count * 3 >= telling ? best.at : undefined;
}

/** Lines as the editor counts them: `\n`, `\r\n` and `\r` end one. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

function wholeHash(hashes: readonly string[]): string {
  return lineHash(hashes.join('\n'));
}

/** 53 bits, enough to tell the lines of one file apart; no protection against somebody who makes collisions on purpose is needed here. */
function lineHash(line: string): string {
  const text = line.trim() === '' ? '' : line;
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}
