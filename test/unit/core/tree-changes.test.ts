import assert from 'node:assert/strict';
import { TreeChanges } from '../../../src/core/tree-changes.ts';

describe('What of the tree is drawn again', () => {
  const make = (): {
    changes: TreeChanges;
    rows: Map<string, string>;
    looked: string[];
    order: { reversed: boolean };
  } => {
    const rows = new Map([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    const looked: string[] = [];
    const order = { reversed: false };
    const ids = (): string[] => (order.reversed ? [...rows.keys()].toReversed() : [...rows.keys()]);
    const changes = new TreeChanges({
      shape: () => ids().join(),
      session: (id) => {
        looked.push(id);
        return rows.get(id) ?? '';
      },
      sessionIds: ids,
    });
    assert.equal(changes.take(), 'all');
    looked.length = 0;
    return { changes, rows, looked, order };
  };

  it('is nothing when a message changed no row, and only its session was looked at', () => {
    const { changes, looked } = make();
    changes.mark('a');
    assert.deepEqual(changes.take(), []);
    assert.deepEqual(looked, ['a']);
  });

  it('is the one row that looks different, once', () => {
    const { changes, rows } = make();
    rows.set('b', 'B, working');
    changes.mark('a');
    changes.mark('b');
    assert.deepEqual(changes.take(), ['b']);
    changes.mark('b');
    assert.deepEqual(changes.take(), []);
  });

  it('is all of it when rows come, go or change their place', () => {
    const { changes, rows, order } = make();
    rows.set('c', 'C');
    changes.mark();
    assert.equal(changes.take(), 'all');
    order.reversed = true;
    changes.mark('a');
    assert.equal(changes.take(), 'all');
    rows.delete('b');
    changes.mark();
    assert.equal(changes.take(), 'all');
    rows.set('b', 'B');
    changes.mark();
    assert.equal(changes.take(), 'all');
  });

  it('looks at every row when anything may have changed', () => {
    const { changes, rows } = make();
    rows.set('a', 'A, 2 files');
    changes.mark();
    assert.deepEqual(changes.take(), ['a']);
  });
});
