/** A timeline: dots on a line for the distances, and the list that says everything. */

import { el } from '../dom.ts';
import { markedText } from '../markdown/hidden.ts';
import { counted } from './json-tree.ts';
import { svg } from './svg.ts';
import type { Moment, Timeline } from './timeline-model.ts';

const WIDTH = 640;
const MARGIN = 16;
const AXIS = 22;

export function drawTimeline({ moments, scaled, more }: Timeline): HTMLElement[] {
  const list = el('ol', { class: 'moments', 'aria-label': `Timeline, ${counted(moments.length, 'event')}` });
  for (const moment of moments) list.append(momentItem(moment));
  const parts: HTMLElement[] = [];
  if (scaled) parts.push(axis(moments));
  parts.push(list);
  if (more > 0)
    parts.push(el('p', { class: 'word' }, `Not shown: ${counted(more, 'more event')}. The source has all.`));
  return parts;
}

function momentItem({ time, at, title, detail }: Moment): HTMLElement {
  const stamp = el('time', at === undefined ? {} : { datetime: new Date(at).toISOString() });
  stamp.append(markedText(time));
  const name = el('span', { class: 'moment-title' });
  name.append(markedText(title));
  const item = el('li', {}, stamp, name);
  if (detail !== '') {
    const more = el('p', { class: 'moment-detail' });
    more.append(markedText(detail));
    item.append(more);
  }
  return item;
}

function axis(moments: readonly Moment[]): HTMLElement {
  const first = moments[0]?.at ?? 0;
  const last = moments.at(-1)?.at ?? first;
  const span = Math.max(1, last - first);
  const place = (at: number): number => MARGIN + ((at - first) / span) * (WIDTH - 2 * MARGIN);
  const drawing = svg('svg', {
    viewBox: `0 0 ${WIDTH.toString()} 48`,
    class: 'timeline-axis',
    role: 'img',
    'aria-label': `${counted(moments.length, 'event')} from ${label(first)} to ${label(last)}. The list below has each.`,
  });
  drawing.append(
    svg('line', { class: 'axis-line', x1: MARGIN, x2: WIDTH - MARGIN, y1: AXIS, y2: AXIS }),
    ...moments.map(({ at }) => svg('circle', { class: 'axis-dot', cx: place(at ?? 0), cy: AXIS, r: 5 })),
    svg('text', { class: 'axis-label', x: MARGIN - 6, y: 44 }, label(first)),
    svg('text', { class: 'axis-label axis-end', x: WIDTH - MARGIN + 6, y: 44 }, label(last)),
  );
  return el('div', { class: 'drawing' }, drawing as unknown as HTMLElement);
}

function label(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$/, ' UTC');
}
