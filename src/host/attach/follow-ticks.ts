import { isTreeNode } from '../../core/session-tree.ts';
import { showError } from '../errors.ts';
import type { Services } from '../services.ts';
import { applyTicks } from './ticks.ts';

/** Follows the boxes of the tree. What fails is told, and the box goes back to what is true. */
export function followTicks(services: Services): void {
  const { view, store, run } = services;
  // One after another: two quick clicks must not race for the same file.
  let last: Promise<void> = Promise.resolve();
  store.add(
    view.onDidChangeCheckboxState(({ items }) => {
      const nodes = items.flatMap(([node]) => (isTreeNode(node) ? [node] : []));
      last = last
        .then(async () => applyTicks(services, nodes, items))
        .catch((error: unknown) => void showError(error, run));
    }),
  );
}
