/** Which rows are open: by the reader's own hand, or all of them. Kept in the page's state, so that a reload changes nothing. */

export interface Folds {
  /** What rows without an entry are. */
  readonly all: boolean;
  /** Ids of rows that differ from it, the last changed at the end. */
  readonly except: readonly string[];
}

/** Rows whose state is remembered: the page's state is written as a whole each time. */
const MAX_KEPT = 500;

export const ALL_FOLDED: Folds = { all: false, except: [] };

export function isOpen(folds: Folds, rowId: string): boolean {
  return folds.all !== folds.except.includes(rowId);
}

/** The same object when nothing changes. */
export function withOpen(folds: Folds, rowId: string, open: boolean): Folds {
  if (isOpen(folds, rowId) === open) return folds;
  const others = folds.except.filter((id) => id !== rowId);
  return { all: folds.all, except: open === folds.all ? others : [...others, rowId].slice(-MAX_KEPT) };
}

/** Reads what an earlier page kept; anything else is as if nothing was kept. */
export function readFolds(value: unknown): Folds {
  if (typeof value !== 'object' || value === null) return ALL_FOLDED;
  const { all, except } = value as { all?: unknown; except?: unknown };
  if (typeof all !== 'boolean' || !Array.isArray(except)) return ALL_FOLDED;
  return { all, except: except.filter((id): id is string => typeof id === 'string').slice(-MAX_KEPT) };
}
