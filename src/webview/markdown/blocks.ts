/**
 * The blocks of one text. The first of them stand by themselves, those of a long text in groups: what is out of view is then skipped by the
 * group, as a browser that has to watch each of a thousand blocks spends more on watching than it saves. Where a block stands depends on its
 * number alone, so that a text that grew has the same groups as one that was rendered at once.
 */

import { el } from '../dom.ts';

const FIRST = 40;
const GROUP = 32;

export class Blocks {
  readonly #element: ParentNode & Node;
  #group: HTMLElement | undefined;
  #count = 0;

  constructor(element: ParentNode & Node) {
    this.#element = element;
  }

  /** Adds at the end; returns what was added. */
  append(fragment: DocumentFragment): ChildNode[] {
    const nodes = [...fragment.childNodes];
    if (this.#count + nodes.length <= FIRST) this.#element.append(fragment);
    else for (const [at, node] of nodes.entries()) this.#place(this.#count + at).append(node);
    this.#count += nodes.length;
    return nodes;
  }

  /** Takes out the last ones. */
  remove(nodes: readonly ChildNode[]): void {
    for (const node of nodes) {
      node.remove();
      if (this.#group?.hasChildNodes() !== false) continue;
      this.#group.remove();
      const last = this.#element.lastElementChild;
      this.#group = last instanceof HTMLElement && last.matches('.blocks') ? last : undefined;
    }
    this.#count -= nodes.length;
  }

  #place(index: number): ParentNode {
    if (index < FIRST) return this.#element;
    if (this.#group === undefined || (index - FIRST) % GROUP === 0) {
      this.#group = el('div', { class: 'blocks' });
      this.#element.append(this.#group);
    }
    return this.#group;
  }
}

/** The blocks below `root` in their order, those in groups that `skip` leaves out not looked at. */
export function* blocksBelow(root: Element, skip: (group: Element) => boolean): Generator<Element> {
  for (const block of root.querySelectorAll('.markdown > *')) {
    if (!block.matches('.blocks')) yield block;
    else if (!skip(block)) yield* block.children;
  }
}
