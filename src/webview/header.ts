/** The head of the panel: session, where the words go, and how things stand. */

import { labelText } from '../core/visible-text.ts';
import type { PanelStatus, StatusWord } from '../panel/protocol.ts';
import { button, el, setText, show } from './dom.ts';
import { icon } from './icons.ts';
import { costText, usageText } from './words.ts';

const TONES: Readonly<Record<StatusWord, string>> = {
  Connecting: 'busy',
  Connected: 'good',
  Reconnecting: 'busy',
  Offline: 'bad',
  Working: 'busy',
  'Waiting for you': 'asks',
  'Read only': 'still',
};

export class Header {
  readonly element: HTMLElement;
  readonly #name: HTMLElement;
  readonly #badge: HTMLElement;
  readonly #endpoint: HTMLElement;
  readonly #status: HTMLElement;
  readonly #word: HTMLElement;
  readonly #detail: HTMLElement;
  readonly #usage: HTMLElement;
  readonly #options: HTMLElement;
  readonly #expand: HTMLButtonElement;
  readonly #log: HTMLButtonElement;
  readonly #asks: HTMLButtonElement;
  readonly #reasoning: HTMLButtonElement;
  #usageDrawn = '';
  #expanded = false;

  constructor() {
    this.#name = el('h1', { class: 'session-name' });
    this.#badge = el('span', { class: 'badge' });
    this.#endpoint = el('span', { class: 'endpoint' });
    this.#usage = el('details', { class: 'session-usage' });
    this.#options = el('span', { class: 'session-usage session-options' });
    this.#word = el('span', { class: 'status-word' });
    this.#detail = el('span', { class: 'status-detail' });
    this.#status = el(
      'div',
      { class: 'status', role: 'status', 'aria-label': 'Status' },
      el('span', { class: 'dot', 'aria-hidden': 'true' }),
      this.#word,
      this.#detail,
    );
    this.#expand = button('Expand all', 'expand', 'expand-all');
    this.#log = button('Show log and debug messages', 'log', 'shows-log');
    this.#asks = button('Ask before every tool call', 'approval', 'asks-always');
    this.#reasoning = button('Show reasoning', 'thinking', 'shows-reasoning');
    const tools = el(
      'div',
      { class: 'head-tools', role: 'toolbar', 'aria-label': 'Conversation' },
      button('Find in conversation', 'find', 'find'),
      this.#expand,
      this.#reasoning,
      this.#log,
      this.#asks,
      button('Open as plain text', 'transcript', 'transcript'),
    );
    this.element = el(
      'header',
      { class: 'head' },
      el('div', { class: 'head-title' }, this.#name, this.#badge, this.#endpoint, this.#options, this.#usage),
      this.#status,
      tools,
    );
    roving(tools);
  }

  get isExpanded(): boolean {
    return this.#expanded;
  }

  /** The button then does the opposite, and says so. */
  setExpanded(expanded: boolean): void {
    if (expanded === this.#expanded) return;
    this.#expanded = expanded;
    const label = expanded ? 'Collapse all' : 'Expand all';
    this.#expand.title = label;
    this.#expand.setAttribute('aria-label', label);
    this.#expand.replaceChildren(icon(expanded ? 'collapse' : 'expand'));
  }

  /** The session's counts; by model when opened. Every figure is the service's own estimate. */
  #drawUsage({ usage, modelUsage = [] }: PanelStatus): void {
    const drawn = JSON.stringify([usage, modelUsage]);
    if (drawn === this.#usageDrawn) return;
    this.#usageDrawn = drawn;
    const tokens = usage?.totalTokens ?? 0;
    show(this.#usage, tokens > 0);
    if (usage === undefined || tokens === 0) return;
    const short = [`${tokens.toLocaleString('en')} tokens`, costText(usage)].filter((part) => part !== '').join(' · ');
    const lines = [
      `This session: ${usageText(usage)}`,
      ...modelUsage
        .filter((used) => used.usage.totalTokens > 0)
        .map(
          ({ model, calls, usage: used }) =>
            `${labelText(model === '' ? 'unnamed model' : model, 80)}: ${usageText(used)}, ${calls.toString()} ${calls === 1 ? 'call' : 'calls'}`,
        ),
    ];
    this.#usage.replaceChildren(
      el('summary', {}, `${short} (estimate)`),
      el('ul', { class: 'usage-lines', 'aria-label': 'Tokens and cost' }, ...lines.map((line) => el('li', {}, line))),
    );
  }

  update(status: PanelStatus): void {
    setText(this.#name, labelText(status.name, 120));
    this.#name.title = labelText(status.name, 500);
    setText(this.#badge, labelText(status.environment.badge ?? '', 80));
    show(this.#badge, status.environment.badge !== undefined);
    const endpoint = labelText(status.environment.endpoint, 120);
    setText(this.#endpoint, endpoint);
    this.#endpoint.title = `Messages and files go to ${endpoint}`;
    show(this.#endpoint, status.environment.badge === undefined && status.environment.endpoint !== '');
    this.#drawUsage(status);
    this.#log.setAttribute('aria-pressed', (status.environment.showsLog === true).toString());
    this.#reasoning.setAttribute('aria-pressed', status.showsReasoning.toString());
    this.#asks.setAttribute('aria-pressed', (status.asksAlways === true).toString());
    show(this.#asks, status.environment.asksAlways === true);
    const options = status.options ?? [];
    setText(this.#options, options.map((words) => labelText(words, 120)).join(' · '));
    this.#options.title = 'With each message of this session; change it by "Session Options…"';
    show(this.#options, options.length > 0);
    setText(this.#word, status.word);
    setText(this.#detail, detailOf(status));
    this.#status.className = `status tone-${TONES[status.word]}`;
  }
}

/** What the status word leaves open, in one word. */
function detailOf({ sessionStatus, asked, phase }: PanelStatus): string {
  if (phase === 'stopping') return 'stopping…';
  if (asked === 'continue') return 'continuing…';
  if (asked === 'pause' || sessionStatus === 'pausing') return 'pausing…';
  if (sessionStatus === 'paused' && phase === 'working') return 'paused';
  return phase === 'working' && sessionStatus === 'pending' ? 'waits for its turn' : '';
}

/**
 * One tab stop for a toolbar; the arrow keys walk inside it, Home and End go to its ends. What is hidden is left out. Gives a function that makes
 * the first button the stop, for a toolbar that got other buttons.
 */
export function roving(toolbar: HTMLElement): () => void {
  const items = (): HTMLElement[] => [...toolbar.querySelectorAll<HTMLElement>('button:not([hidden])')];
  const stopAt = (stop: HTMLElement | undefined): void => {
    for (const item of toolbar.querySelectorAll('button')) item.tabIndex = item === stop ? 0 : -1;
  };
  const toFirst = (): void => stopAt(items()[0]);
  toFirst();
  toolbar.addEventListener('keydown', (event) => {
    const list = items();
    const at = list.indexOf(event.target as HTMLElement);
    const to = at < 0 ? undefined : placeOf(event.key, at, list.length);
    if (to === undefined) return;
    event.preventDefault();
    stopAt(list[to]);
    list[to]?.focus();
  });
  // The one that held the place went away: the first has it again.
  new MutationObserver(() => {
    if (!items().some(({ tabIndex }) => tabIndex === 0)) toFirst();
  }).observe(toolbar, { subtree: true, attributeFilter: ['hidden'] });
  return toFirst;
}

function placeOf(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
