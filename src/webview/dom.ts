/** Small helpers to build nodes. Text is always text; nothing here takes HTML. */

import { type IconName, icon } from './icons.ts';

type Child = Node | string;

/** An element with attributes and children. `style` and handlers as attributes are impossible on purpose: the policy forbids them. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (children.length > 0) element.append(...children.filter((child) => child !== ''));
  return element;
}

/** A button with an icon and an accessible name; `action` is what the delegated click handler reads. */
export function button(label: string, iconName: IconName, action: string, text = ''): HTMLButtonElement {
  const element = el('button', { type: 'button', class: 'button', title: label }, icon(iconName));
  if (text === '') element.setAttribute('aria-label', label);
  else element.append(el('span', {}, text));
  element.dataset['action'] = action;
  return element;
}

/** Shows or hides without taking the element out. */
export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Sets text only when it differs, so that nothing is announced or laid out twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
