/** The card of a request: everything that a person needs to decide. It can point to the native review and deny; it cannot allow (product.md). */

import { type ApprovalEnd, approvalEndWords } from '../core/approval-end.ts';
import { labelText, visibleText } from '../core/visible-text.ts';
import type { ApprovalView, Row } from '../panel/protocol.ts';
import { button, el, setText } from './dom.ts';
import { codeBlock } from './markdown/code-block.ts';
import { plainTime, prettyJson } from './words.ts';

/** `waiting`: it can be answered; `view` is there as soon as the service has told the arguments. `over`: it was answered or is void. */
export interface ApprovalState {
  readonly waiting: boolean;
  readonly view: ApprovalView | undefined;
  /** This window answered it. */
  readonly end?: ApprovalEnd | undefined;
}

export function approvalCard(row: Row, { waiting, view, end }: ApprovalState): HTMLElement {
  const name = labelText(view?.toolName || row.title || 'this tool', 80);
  const card = el('div', { class: 'approval', role: 'group', 'aria-label': `Approve ${name}?` });
  card.append(el('p', { class: 'approval-question' }, `Approve ${name}?`));
  if (!waiting) {
    card.classList.add('approval-over');
    card.append(...ownWords(row), el('p', { class: 'word' }, endWords(row, end)));
    return card;
  }
  if (view === undefined) card.append(...ownWords(row));
  else {
    if (view.message !== '') card.append(el('p', { class: 'approval-message' }, visibleText(view.message)));
    card.append(...argumentParts(view), touchesPart(view));
  }
  card.append(
    el(
      'p',
      { class: 'word' },
      'Nothing is allowed before you have reviewed it in the editor. ',
      view === undefined ? 'Without an answer it is denied after 5 minutes.' : timeLeft(view.expiresAt),
    ),
    el(
      'div',
      { class: 'approval-buttons' },
      button('Review…', 'approval', 'review', 'Review…'),
      button('Deny', 'remove', 'deny', 'Deny'),
    ),
  );
  return card;
}

/** What the message itself says: JSON of arguments, or a sentence. Hidden characters are shown (trust.md S10, S18). */
function ownWords({ content }: Row): HTMLElement[] {
  if (content === '') return [];
  if (/^\s*[[{]/.test(content)) return [codeBlock(visibleText(prettyJson(content)), 'json').element];
  return [el('p', { class: 'approval-message' }, visibleText(content))];
}

function argumentParts({ args }: ApprovalView): HTMLElement[] {
  if (args.length === 0) return [el('p', { class: 'word' }, 'No arguments are listed beside its words.')];
  const list = el('dl', { class: 'arguments' });
  for (const { name, value } of args) {
    const words = visibleText(name);
    list.append(
      el('dt', {}, words),
      // Every character in full: nothing scrolls out of sight.
      el('dd', {}, el('pre', { tabindex: '0', 'aria-label': `Argument ${words}` }, visibleText(value))),
    );
  }
  const count = args.length === 1 ? 'Its one argument' : `All ${args.length.toString()} arguments`;
  return [el('p', { class: 'part-name' }, count), list];
}

function touchesPart({ touches }: ApprovalView): HTMLElement {
  if (touches.length === 0)
    return el('p', { class: 'word' }, 'What it touches cannot be told from its name and its arguments.');
  const words = touches.map(({ what, why }) => `${what} (${labelText(why, 80)})`).join(', ');
  return el(
    'p',
    { class: 'approval-touches' },
    el('strong', {}, `It may touch ${words}.`),
    ' This is a guess from its name and its arguments; it may do more.',
  );
}

function timeLeft(expiresAt: number): HTMLElement {
  const left = el('span', { class: 'approval-left' });
  left.dataset['expires'] = expiresAt.toString();
  setText(left, leftWords(expiresAt, Date.now()));
  return left;
}

/** Sets the time that is left on every card below the root. Called once a second while a request waits. */
export function tickApprovals(root: ParentNode, now: number = Date.now()): void {
  for (const left of root.querySelectorAll<HTMLElement>('.approval-left'))
    setText(left, leftWords(Number(left.dataset['expires']), now));
}

/** `Denied by itself in 4:05.` */
export function leftWords(expiresAt: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((expiresAt - now) / 1000));
  if (seconds === 0) return 'The time is over: it is denied.';
  const rest = (seconds % 60).toString().padStart(2, '0');
  return `Denied by itself in ${Math.floor(seconds / 60).toString()}:${rest}.`;
}

function endWords({ answer, answeredAt = 0 }: Row, end: ApprovalEnd | undefined): string {
  const said = answer === undefined ? undefined : { content: answer, at: answeredAt };
  return approvalEndWords(end, said, plainTime);
}
