/**
 * JSON as a tree that the keyboard walks (WAI-ARIA tree, flat: the level of an item says where it belongs). Items are made when their branch
 * is opened: a large document costs what is seen.
 */

import { visibleText } from '../../core/visible-text.ts';
import { el } from '../dom.ts';
import type { JsonNode } from './json-nodes.ts';

/** Children of one branch that are made at once; the rest comes on demand. */
const CHUNK = 100;
/** Items that stand open at the beginning. */
const OPEN_AT_FIRST = 30;
const LONG_STRING = 5_000;

const branches = new WeakMap<Element, JsonNode>();
const rests = new WeakMap<Element, { readonly node: JsonNode; readonly from: number }>();

export function jsonTree(root: JsonNode): HTMLElement {
  const tree = el('div', { class: 'json-tree', role: 'tree', 'aria-label': 'JSON' });
  const first = itemOf(root, 1);
  first.tabIndex = 0;
  tree.append(first);
  openFirst(first, root);
  tree.addEventListener('click', (event) => {
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>('[role=treeitem]') : null;
    // Whoever selects text to copy it opens nothing.
    if (item === null || document.getSelection()?.isCollapsed === false) return;
    focusItem(tree, item);
    activate(tree, item);
  });
  tree.addEventListener('keydown', (event) => onKey(tree, event));
  return tree;
}

/** Opens from the root downwards, level by level, as long as few items are shown. */
function openFirst(first: HTMLElement, root: JsonNode): void {
  let shown = 1;
  const queue: HTMLElement[] = [first];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
    const node = branches.get(item);
    if (node === undefined || (node !== root && shown + node.children.length > OPEN_AT_FIRST)) continue;
    queue.push(...open(item, node));
    shown += node.children.length;
    if (shown > OPEN_AT_FIRST) return;
  }
}

function itemOf(node: JsonNode, level: number): HTMLElement {
  const branch = (node.kind === 'object' || node.kind === 'array') && node.children.length > 0;
  const item = el('div', { role: 'treeitem', 'aria-level': level.toString(), tabindex: '-1' });
  if (node.key !== undefined) {
    const name = el('span', { class: typeof node.key === 'number' ? 'json-index' : 'json-key' });
    name.textContent = visibleText(String(node.key));
    item.append(name, ': ');
  }
  item.append(valueOf(node));
  if (branch) {
    item.setAttribute('aria-expanded', 'false');
    branches.set(item, node);
  }
  return item;
}

function valueOf(node: JsonNode): HTMLElement {
  const many = node.children.length;
  if (node.kind === 'object') return el('span', { class: 'json-count' }, `{${counted(many, 'member')}}`);
  if (node.kind === 'array') return el('span', { class: 'json-count' }, `[${counted(many, 'item')}]`);
  const value = el('span', { class: `json-${node.kind}` });
  if (node.kind !== 'string') value.textContent = visibleText(node.text);
  else {
    const left = node.text.length - LONG_STRING;
    value.textContent = `"${visibleText(node.text.slice(0, LONG_STRING))}"`;
    if (left > 0) value.append(` (${left.toLocaleString('en')} more characters: see Source)`);
  }
  return value;
}

function levelOf(item: Element): number {
  return Number(item.getAttribute('aria-level'));
}

/** Gives the items that came. */
function open(item: HTMLElement, node: JsonNode): HTMLElement[] {
  item.setAttribute('aria-expanded', 'true');
  return addChildren(item, node, 0, levelOf(item) + 1);
}

function close(item: HTMLElement): void {
  item.setAttribute('aria-expanded', 'false');
  const level = levelOf(item);
  for (let next = item.nextElementSibling; next !== null && levelOf(next) > level; next = item.nextElementSibling)
    next.remove();
}

function addChildren(after: HTMLElement, node: JsonNode, from: number, level: number): HTMLElement[] {
  const end = Math.min(node.children.length, from + CHUNK);
  const made = node.children.slice(from, end).map((child) => itemOf(child, level));
  const left = node.children.length - end;
  if (left > 0) {
    const words = `Show ${Math.min(CHUNK, left).toString()} more of ${left.toLocaleString('en')}`;
    const more = el(
      'div',
      { role: 'treeitem', class: 'json-more', 'aria-level': level.toString(), tabindex: '-1' },
      words,
    );
    rests.set(more, { node, from: end });
    made.push(more);
  }
  after.after(...made);
  return made;
}

/** Opens, closes, or brings the next children. */
function activate(tree: HTMLElement, item: HTMLElement): void {
  const rest = rests.get(item);
  const node = branches.get(item);
  if (rest !== undefined) {
    const [next] = addChildren(item, rest.node, rest.from, levelOf(item));
    if (item === document.activeElement && next !== undefined) focusItem(tree, next);
    item.remove();
  } else if (node !== undefined) {
    if (item.getAttribute('aria-expanded') === 'true') close(item);
    else open(item, node);
  }
}

function focusItem(tree: HTMLElement, item: HTMLElement): void {
  for (const other of tree.querySelectorAll<HTMLElement>('[role=treeitem][tabindex="0"]')) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus({ preventScroll: true });
  item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function parentOf(item: HTMLElement): HTMLElement | undefined {
  const level = levelOf(item);
  let before = item.previousElementSibling;
  while (before !== null && levelOf(before) >= level) before = before.previousElementSibling;
  return before instanceof HTMLElement ? before : undefined;
}

function onKey(tree: HTMLElement, event: KeyboardEvent): void {
  const item = event.target instanceof HTMLElement ? event.target : null;
  if (item?.getAttribute('role') !== 'treeitem' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey)
    return;
  const expanded = item.getAttribute('aria-expanded');
  const node = branches.get(item);
  let to: Element | null | undefined;
  switch (event.key) {
    case 'ArrowDown':
      to = item.nextElementSibling;
      break;
    case 'ArrowUp':
      to = item.previousElementSibling;
      break;
    case 'Home':
      to = tree.firstElementChild;
      break;
    case 'End':
      to = tree.lastElementChild;
      break;
    case 'ArrowRight':
      if (expanded === 'false' && node !== undefined) open(item, node);
      else if (expanded === 'true') to = item.nextElementSibling;
      break;
    case 'ArrowLeft':
      if (expanded === 'true') close(item);
      else to = parentOf(item);
      break;
    case 'Enter':
    case ' ':
      activate(tree, item);
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (to instanceof HTMLElement) focusItem(tree, to);
}

/** `1 item`, `5,000 items`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
