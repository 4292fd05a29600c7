/** The toolbar of a message. Made when the reader points at or focuses the article: two thousand toolbars would be most of the DOM. */

import { button, el } from './dom.ts';
import { roving } from './header.ts';
import type { PanelStatus } from '../panel/protocol.ts';
import type { RowView } from './row-view.ts';

/** One toolbar that moves to the article under the pointer or with the focus. */
export function attachRowTools(
  log: HTMLElement,
  viewOf: (element: Element) => RowView | undefined,
): { setRatings(ratings: PanelStatus['ratings']): void } {
  const toolbar = el('div', { class: 'row-tools', role: 'toolbar', 'aria-label': 'Message' });
  const toFirst = roving(toolbar);
  let owner: Element | undefined;
  let ratings: PanelStatus['ratings'];
  /** Which of the two was said of this answer. */
  const press = (rowId: string): void => {
    for (const verdict of ['up', 'down'] as const)
      toolbar
        .querySelector(`[data-action="rate-${verdict}"]`)
        ?.setAttribute('aria-pressed', (ratings?.[rowId] === verdict).toString());
  };
  /** The keyboard is in the toolbar: it stays where it is. */
  const held = (): boolean => toolbar.contains(document.activeElement);

  const moveTo = (row: Element): void => {
    if (row === owner && toolbar.isConnected) return;
    const view = viewOf(row);
    if (view === undefined) return;
    owner = row;
    toolbar.replaceChildren(...toolsFor(view.row.kind));
    press(view.row.id);
    toFirst();
    row.firstElementChild?.append(toolbar);
  };
  /** The article that has the keyboard, or an article around what has it. */
  const active = (): Element | null =>
    log.contains(document.activeElement) ? articleOf(document.activeElement) : null;

  log.addEventListener('pointerover', ({ target }) => {
    const row = articleOf(target);
    if (row !== null && !held()) moveTo(row);
  });
  log.addEventListener('focusin', ({ target }) => {
    const row = articleOf(target);
    if (row !== null) moveTo(row);
  });
  // The pointer had it last; before a key does anything (Tab into the toolbar) it is where the keyboard is.
  log.addEventListener('keydown', () => {
    const row = active();
    if (row !== null) moveTo(row);
  });
  log.addEventListener('pointerleave', () => {
    if (held()) return;
    const row = active();
    if (row !== null) moveTo(row);
    else {
      toolbar.remove();
      owner = undefined;
    }
  });
  return {
    setRatings: (now) => {
      ratings = now;
      const view = owner === undefined ? undefined : viewOf(owner);
      if (view !== undefined) press(view.row.id);
    },
  };
}

function articleOf(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest('article') : null;
}

function toolsFor(kind: RowView['row']['kind']): HTMLElement[] {
  const tools = [button('Copy message as Markdown', 'copy', 'copy-row')];
  if (kind === 'agent' || kind === 'you') tools.push(button('Copy turn as Markdown', 'copyAll', 'copy-turn'));
  if (kind === 'agent') tools.push(button('Insert at cursor', 'insert', 'insert-row'));
  if (kind === 'you') tools.push(button('Edit and resend in a new session', 'edit', 'edit-row'));
  if (kind === 'agent') tools.push(button('Rewind to here', 'rewind', 'rewind-row'));
  if (kind === 'agent' || kind === 'you') tools.push(button('Fork from here', 'fork', 'fork-row'));
  if (kind === 'agent')
    tools.push(
      button('Good answer', 'thumbUp', 'rate-up'),
      button('Bad answer', 'thumbDown', 'rate-down'),
      button('Report a bug in this answer', 'bug', 'report-row'),
    );
  tools.push(button('Open in new editor', 'open', 'open-row'), button('Save as…', 'save', 'save-row'));
  return tools;
}
