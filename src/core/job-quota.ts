/** When the service's limit of jobs binds, and how that is said. Pure. */

import type { JobCounts } from './model-agent.ts';

/** `short` for the status bar, `long` for a sentence; undefined while there is room for another job, or nothing is known. */
export function quotaWords(jobs: JobCounts | undefined): { readonly short: string; readonly long: string } | undefined {
  if (jobs === undefined) return undefined;
  const { running, limit, teamRunning, teamLimit } = jobs;
  if (isFull(running, limit))
    return {
      short: `${running}/${limit} jobs`,
      long: `${running} of your ${limit} jobs run: the service takes no further prompt until one ends.`,
    };
  if (isFull(teamRunning, teamLimit))
    return {
      short: `${teamRunning}/${teamLimit} team jobs`,
      long: `${teamRunning} of the ${teamLimit} jobs of your team run: the service takes no further prompt until one ends.`,
    };
  return undefined;
}

/** A limit of zero is how the wire says that there is none. */
function isFull(running: number | undefined, limit: number | undefined): boolean {
  return running !== undefined && limit !== undefined && limit > 0 && running >= limit;
}
