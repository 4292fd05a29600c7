/** One article of the conversation. Updated in place, so that focus, selection and folding survive. */

import { labelText } from '../core/visible-text.ts';
import { type Row, rowName } from '../panel/protocol.ts';
import { button, el } from './dom.ts';
import { highlightBelow } from './highlight.ts';
import { type IconName, icon } from './icons.ts';
import { MarkdownView } from './markdown/markdown-view.ts';
import { renderMarkdown } from './markdown/render.ts';
import { type ApprovalState, approvalCard } from './approval-card.ts';
import { contentParts, errorParts, textPart, toolParts } from './row-parts.ts';
import { type Placeholders, restoreIn } from './restore.ts';
import { plainTime, preview, usageText } from './words.ts';

export interface RowContext {
  isFolded(row: Row): boolean;
  setFolded(row: Row, folded: boolean): void;
  /** Words about how the prompt fared; undefined when there is nothing to say. */
  delivery(row: Row): 'sending' | 'unknown' | 'failed' | undefined;
  /** What placeholders stand for, for the reader's eyes. */
  placeholders(): Placeholders | undefined;
  approval(row: Row): ApprovalState;
  /** It ended its turn without an answer, and nothing was asked since: the question can be asked once more. */
  asksAgain(row: Row): boolean;
  /** Several agents speak: each is named. */
  namesAgents(): boolean;
}

const FOLDS_WHEN_LONG: ReadonlySet<Row['kind']> = new Set(['notice', 'log', 'warning', 'progress']);

/** Kinds that open and close; the others are always open. */
export function folds(row: Row): boolean {
  return row.kind === 'thinking' || row.kind === 'tool' || (FOLDS_WHEN_LONG.has(row.kind) && row.content.length > 280);
}

/** Side information, drawn small. */
const QUIET: ReadonlySet<Row['kind']> = new Set(['progress', 'warning', 'skill', 'log']);
/** Kinds whose speaker is named when there are several. */
const SPEAKERS: ReadonlySet<Row['kind']> = new Set(['agent', 'thinking', 'tool', 'clarification']);

const ICONS: Readonly<Record<Row['kind'], IconName>> = {
  you: 'agent',
  agent: 'agent',
  thinking: 'thinking',
  tool: 'tool',
  error: 'error',
  approval: 'approval',
  clarification: 'notice',
  notice: 'notice',
  progress: 'progress',
  warning: 'warning',
  skill: 'notice',
  log: 'log',
};

export class RowView {
  readonly element: HTMLElement;
  #row: Row;
  readonly #context: RowContext;
  readonly #head: HTMLElement;
  readonly #body: HTMLElement;
  readonly #foot: HTMLElement;
  #markdown: MarkdownView | undefined;
  #deliveryDrawn: string | undefined;
  #stateDrawn = '';

  constructor(row: Row, context: RowContext) {
    this.#row = row;
    this.#context = context;
    this.#head = el('div', { class: 'row-head' });
    this.#body = el('div', { class: 'row-body' });
    this.#foot = el('div', { class: 'row-foot' });
    this.element = el('article', { tabindex: '-1' }, this.#head, this.#body, this.#foot);
    this.#draw();
  }

  get row(): Row {
    return this.#row;
  }

  /** Position for assistive technology, counted over all rows, not only those on the page. */
  setPosition(index: number, count: number): void {
    this.element.setAttribute('aria-posinset', (index + 1).toString());
    this.element.setAttribute('aria-setsize', count.toString());
  }

  /** Another version of the same row. */
  update(row: Row): void {
    const old = this.#row;
    this.#row = row;
    if (this.#markdown !== undefined && row.content.startsWith(old.content) && sameShape(old, row)) {
      this.#markdown.append(row.content.slice(old.content.length));
      if (row.status !== 'streaming') this.#finish();
      if (row.wholeChars !== undefined && old.wholeChars === undefined) this.#body.append(cutPart());
      this.element.dataset['row'] = row.id;
      this.#drawHead();
      this.#drawFoot();
      return;
    }
    this.#draw();
  }

  /** Text was added at the end; drawn with the next `render`. */
  append(row: Row, text: string): void {
    this.#row = row;
    if (this.#markdown === undefined) this.#draw();
    else this.#markdown.append(text);
  }

  /** Draws what was added. False: it wants another frame. */
  render(now: number): boolean {
    return this.#markdown?.render(now) ?? true;
  }

  /** Folding changed. */
  refresh(): void {
    this.#draw();
  }

  /** Whether it waits, and for how long, may have changed; so may who is named. */
  refreshState(): void {
    const state = this.#stateOf();
    if (state === this.#stateDrawn) return;
    this.#stateDrawn = state;
    if (this.#row.kind === 'approval') this.#drawBody();
    this.#drawHead();
    this.#drawFoot();
  }

  #stateOf(): string {
    const waits = this.#row.kind === 'approval' ? this.#context.approval(this.#row) : undefined;
    return JSON.stringify([waits, this.#context.namesAgents(), this.#context.asksAgain(this.#row)]);
  }

  /** What is known of the prompt's way may have changed. */
  refreshDelivery(): void {
    if (this.#context.delivery(this.#row) === this.#deliveryDrawn) return;
    this.#drawHead();
    this.#drawFoot();
  }

  /** In words that a person reads; a tool's arguments and what is to be approved stay as they left. A growing text waits for its end. */
  restoreSecrets(): void {
    const { kind, status } = this.#row;
    if (status === 'streaming' || this.#markdown !== undefined) return;
    if (kind === 'you' || kind === 'agent' || kind === 'thinking') restoreIn(this.#body, this.#context.placeholders());
  }

  #finish(): void {
    this.#markdown?.finish();
    this.#markdown = undefined;
    this.restoreSecrets();
  }

  #draw(): void {
    const row = this.#row;
    const quiet = QUIET.has(row.kind) ? ' row-notice' : '';
    this.element.className = `row row-${row.kind}${quiet}${row.status === 'streaming' ? ' streaming' : ''}`;
    this.#stateDrawn = this.#stateOf();
    this.element.dataset['row'] = row.id;
    this.#drawHead();
    this.#drawBody();
    this.#drawFoot();
  }

  #drawHead(): void {
    const row = this.#row;
    const folded = folds(row) && this.#context.isFolded(row);
    this.element.classList.toggle('streaming', row.status === 'streaming');
    this.element.classList.toggle('folded', folded);
    const sending = this.#context.delivery(row) === 'sending';
    this.#head.classList.toggle('sending', sending);
    const author = this.#context.namesAgents() && SPEAKERS.has(row.kind) ? labelText(row.author, 40) : '';
    this.element.setAttribute('aria-label', author === '' ? rowName(row) : `${rowName(row)}, ${author}`);
    const spoken = author === '' ? [] : [el('span', { class: 'author' }, author)];
    const time = el('span', { class: 'time' }, sending ? 'Sending…' : plainTime(row.createdAt));
    if (!folds(row)) {
      const nameless = row.kind === 'progress' || (row.kind === 'notice' && row.title === '');
      this.element.classList.toggle('untitled', nameless || row.kind === 'log' || row.kind === 'skill');
      const words = el('span', nameless ? { class: 'spoken' } : {}, headWords(row));
      const name = el('h2', { class: 'row-name' }, icon(ICONS[row.kind]), words, ...spoken);
      // The toolbar stands in the head too, perhaps with the focus: it stays.
      const [oldName, oldTime] = [':scope > .row-name', ':scope > .time'].map((part) => this.#head.querySelector(part));
      if (oldName == null || oldTime == null) this.#head.replaceChildren(name, time);
      else {
        oldName.replaceWith(name);
        oldTime.replaceWith(time);
      }
      return;
    }
    const toggle = this.#head.querySelector<HTMLButtonElement>('button.fold') ?? foldButton();
    toggle.setAttribute('aria-expanded', (!folded).toString());
    toggle.replaceChildren(
      icon('chevron'),
      icon(ICONS[row.kind]),
      el('span', { class: 'fold-name' }, headWords(row)),
      ...spoken,
    );
    if (folded) toggle.append(el('span', { class: 'fold-preview' }, labelText(preview(row), 160)));
    if (!toggle.isConnected) this.#head.replaceChildren(el('h2', { class: 'row-name' }, toggle), time);
    else this.#head.querySelector('.time')?.replaceWith(time);
  }

  #drawBody(): void {
    const row = this.#row;
    this.#markdown = undefined;
    if (folds(row) && this.#context.isFolded(row)) {
      this.#body.replaceChildren();
      return;
    }
    const parts: Node[] = [];
    if (row.kind === 'tool') parts.push(...toolParts(row));
    else if (row.kind === 'approval') parts.push(approvalCard(row, this.#context.approval(row)));
    else if (row.kind === 'error') parts.push(...errorParts(row));
    else if (row.render !== 'image' && (row.kind === 'you' || row.render === 'text'))
      parts.push(textPart(row.content, row.kind));
    else if (row.render === 'markdown') parts.push(this.#markdownPart(row));
    else parts.push(...contentParts(row));
    if (row.wholeChars !== undefined && row.render !== 'image') parts.push(cutPart());
    this.#body.replaceChildren(...parts);
    this.restoreSecrets();
  }

  #markdownPart(row: Row): HTMLElement {
    const holder = el('div', { class: 'markdown' });
    if (row.status === 'streaming') {
      // What is out of view is not laid out and painted with every piece. A finished text has no such need.
      holder.classList.add('growing');
      this.#markdown = new MarkdownView(holder, highlightBelow);
      this.#markdown.append(row.content);
      this.#markdown.render(performance.now());
    } else {
      holder.append(renderMarkdown(row.content));
      highlightBelow([holder]);
    }
    return holder;
  }

  #drawFoot(): void {
    const row = this.#row;
    const parts: (Node | string)[] = [];
    if (row.status === 'interrupted')
      parts.push(el('p', { class: 'word warning' }, 'Interrupted: the rest did not arrive.'));
    if (row.status === 'interrupted' && row.kind === 'agent')
      parts.push(button('Continue', 'retry', 'continue', 'Continue'));
    if (this.#context.asksAgain(row)) parts.push(button('Ask again', 'retry', 'ask-again', 'Ask again'));
    const delivery = this.#context.delivery(row);
    this.#deliveryDrawn = delivery;
    if (delivery === 'unknown')
      parts.push(
        el(
          'p',
          { class: 'word warning' },
          'It is not known whether this message arrived. It is not sent again by itself.',
        ),
        button('Send again', 'retry', 'send-again', 'Send again'),
      );
    if (delivery === 'failed')
      parts.push(
        el('p', { class: 'word warning' }, 'This message was not sent.'),
        button('Send again', 'retry', 'send-again', 'Send again'),
      );
    if (row.usage !== undefined && row.kind === 'agent')
      parts.push(el('p', { class: 'word usage' }, usageText(row.usage)));
    if (parts.length > 0 || this.#foot.hasChildNodes()) this.#foot.replaceChildren(...parts);
  }
}

function sameShape(old: Row, row: Row): boolean {
  return (
    old.kind === row.kind &&
    old.render === row.render &&
    old.title === row.title &&
    old.error === row.error &&
    row.kind !== 'tool' &&
    (row.status === 'streaming' || row.status === 'complete' || row.status === 'interrupted')
  );
}

function cutPart(): HTMLElement {
  return el(
    'p',
    { class: 'cut' },
    'Only the beginning is shown. ',
    button('Open the whole', 'open', 'open-row', 'Open the whole'),
  );
}

function foldButton(): HTMLButtonElement {
  const toggle = el('button', { type: 'button', class: 'fold' });
  toggle.dataset['action'] = 'fold';
  return toggle;
}

function headWords(row: Row): string {
  switch (row.kind) {
    case 'tool':
      return labelText(row.title === '' ? 'tool' : row.title, 80);
    case 'notice':
      return row.title === '' ? 'Notice' : labelText(row.title, 80);
    case 'log':
      return row.title === '' ? 'Log' : labelText(row.title, 80);
    case 'progress':
      return 'Progress';
    case 'warning':
      return 'Warning';
    case 'skill':
      return `Skill loaded: ${labelText(row.title, 80)}`;
    case 'approval':
      return 'Approval';
    case 'clarification':
      return 'Sec-Gemini asks';
    default:
      return rowName(row);
  }
}
