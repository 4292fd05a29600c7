/** The shapes of a timeline that services send, as moments in order. No shape is published: what fits is drawn, all else is source. Pure. */

import { type JsonNode, brief, member } from './json-nodes.ts';

export interface Moment {
  /** As it was written. */
  readonly time: string;
  /** Milliseconds since the epoch; undefined where it cannot be told. */
  readonly at?: number | undefined;
  readonly title: string;
  readonly detail: string;
}

export interface Timeline {
  /** By time when every moment has one, else as written. */
  readonly moments: readonly Moment[];
  /** True: all times are known, the distances can be drawn. */
  readonly scaled: boolean;
  readonly more: number;
}

export const TIMELINE_LIMITS = { moments: 500, chars: 2_000 } as const;

const TIME = ['time', 'timestamp', 'date', 'datetime', 'at', 'when', 'start', 'start_time', 'created_at', 'ts'];
const TITLE = ['title', 'label', 'event', 'name', 'summary', 'message', 'description', 'text', 'content', 'action'];
const DETAIL = ['detail', 'details', 'description', 'summary', 'note', 'message', 'text', 'content', 'body'];

/** An array of events, or an object that holds one. Undefined when the JSON is no timeline. */
export function toTimeline(root: JsonNode): Timeline | undefined {
  const list = root.kind === 'array' ? root : member(root, 'events', 'timeline', 'items', 'entries', 'moments', 'data');
  if (list?.kind !== 'array' || list.children.length === 0) return undefined;
  const moments: Moment[] = [];
  for (const child of list.children.slice(0, TIMELINE_LIMITS.moments)) {
    const moment = momentOf(child);
    if (moment === undefined) return undefined;
    moments.push(moment);
  }
  const scaled = moments.length > 1 && moments.every(({ at }) => at !== undefined);
  return {
    moments: scaled ? moments.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)) : moments,
    scaled,
    more: list.children.length - moments.length,
  };
}

function momentOf(node: JsonNode): Moment | undefined {
  if (node.kind === 'array') {
    const [time, title, detail] = node.children;
    if (time === undefined || title === undefined) return undefined;
    return { time: words(time), at: timeOf(time), title: words(title), detail: words(detail) };
  }
  const time = member(node, ...TIME);
  const title = member(node, ...TITLE);
  if (time === undefined || title === undefined) return undefined;
  const detail = node.children.find((child) => child !== title && DETAIL.includes(String(child.key)));
  return { time: words(time), at: timeOf(time), title: words(title), detail: words(detail) };
}

function words(node: JsonNode | undefined): string {
  if (node === undefined || (node.kind === 'word' && node.text === 'null')) return '';
  return brief(node, TIMELINE_LIMITS.chars);
}

/** ISO and RFC dates; numbers are seconds or milliseconds since the epoch, by their size. */
function timeOf(node: JsonNode): number | undefined {
  if (node.kind === 'number') {
    const value = Number(node.text);
    const ms = Math.abs(value) < 1e11 ? value * 1000 : value;
    return Math.abs(ms) <= 8.64e15 ? ms : undefined;
  }
  if (node.kind !== 'string' || !/\d{4}|\d:\d/.test(node.text)) return undefined;
  const ms = Date.parse(node.text);
  return Number.isNaN(ms) ? undefined : ms;
}
