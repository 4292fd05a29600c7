/** What came together in one gesture, on its way to the gate. */

import type { AttachCandidate } from '../../../core/attach-source.ts';

export interface Batch {
  readonly files: readonly AttachCandidate[];
  /** `named`: the user pointed at each file itself; `collected`: some were found in a folder. */
  readonly chosen: 'named' | 'collected';
  /** Absolute paths of the folders that collected files must lie in. */
  readonly within?: readonly string[] | undefined;
}

export const named = (...files: AttachCandidate[]): Batch => ({ files, chosen: 'named' });
