/** Rows are drawn anew while somebody has words of them selected: the selection must not fall apart, or what is copied is nothing. */

/** An end of a selection by what stays when nodes are made anew: its row, and how many characters of the row's body stand before it. */
interface End {
  /** The row's element, as long as it is there; its id finds the one that came in its place. */
  readonly article: HTMLElement;
  readonly row: string;
  readonly chars: number;
}

/** Words below `root` are selected. */
export function hasSelection(root: Element): boolean {
  const selection = document.getSelection();
  if (selection === null || selection.isCollapsed) return false;
  return root.contains(selection.anchorNode) && root.contains(selection.focusNode);
}

/** Makes a change below `root`. Where it took away nodes that the selection ended in, the same words are selected again. */
export function keepSelection(root: Element, change: () => void): void {
  const selection = document.getSelection();
  if (selection === null || !hasSelection(root)) {
    change();
    return;
  }
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const range = selection.getRangeAt(0);
  const isForward = range.startContainer === anchorNode && range.startOffset === anchorOffset;
  const anchor = endOf(anchorNode, anchorOffset);
  const focus = endOf(focusNode, focusOffset);
  change();
  if (anchor === undefined || focus === undefined) return;
  if (!selection.isCollapsed && selection.anchorNode === anchorNode && selection.focusNode === focusNode) return;
  const from = placeOf(root, anchor, isForward);
  const to = placeOf(root, focus, !isForward);
  if (from !== undefined && to !== undefined) selection.setBaseAndExtent(...from, ...to);
}

function endOf(node: Node | null, offset: number): End | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const body = element?.closest('.row-body');
  const article = body?.closest<HTMLElement>('article');
  const row = article?.dataset['row'];
  if (node === null || body == null || article == null || row === undefined) return undefined;
  const before = new Range();
  before.setStart(body, 0);
  before.setEnd(node, offset);
  return { article, row, chars: before.toString().length };
}

/** Where two nodes meet, a start stands in the second and an end in the first. */
function placeOf(root: Element, { article, row, chars }: End, isStart: boolean): [Node, number] | undefined {
  const now = article.isConnected ? article : root.querySelector(`article[data-row="${CSS.escape(row)}"]`);
  const body = now?.querySelector(':scope > .row-body');
  if (body == null) return undefined;
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  let left = chars;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const { length } = node as Text;
    if (left < length || (left === length && !isStart)) return [node, left];
    left -= length;
  }
  return undefined;
}
