/** Where the words that are looked for stand in what is drawn. */

/** What holds a line of words of its own: hits do not reach from one into the next. */
const BLOCK = 'p, li, td, th, pre, h1, h2, h3, h4, h5, h6, summary, dt, dd, button, div';
const MAX_RANGES = 2_000;

/** A range for each hit below `root`, in order; words may go on from plain into bold or code. */
export function rangesOf(root: Element, wanted: RegExp): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let nodes: Text[] = [];
  let block: Element | null = null;
  for (let node = walker.nextNode(); node !== null && ranges.length < MAX_RANGES; node = walker.nextNode()) {
    const own = node.parentElement?.closest(BLOCK) ?? null;
    if (own !== block) {
      addRanges(nodes, wanted, ranges);
      nodes = [];
      block = own;
    }
    nodes.push(node as Text);
  }
  addRanges(nodes, wanted, ranges);
  return ranges.slice(0, MAX_RANGES);
}

function addRanges(nodes: readonly Text[], wanted: RegExp, ranges: Range[]): void {
  const text = nodes.map(({ data }) => data).join('');
  for (const match of text.matchAll(wanted)) {
    const range = new Range();
    range.setStart(...placeIn(nodes, match.index, false));
    range.setEnd(...placeIn(nodes, match.index + match[0].length, true));
    ranges.push(range);
  }
}

/** The node that holds the character at `at`, or with `isEnd` the one before it. */
function placeIn(nodes: readonly Text[], at: number, isEnd: boolean): [Text, number] {
  let start = 0;
  for (const node of nodes) {
    const end = start + node.length;
    if (at < end || (isEnd && at === end)) return [node, at - start];
    start = end;
  }
  throw new RangeError('No such place in the text.');
}
