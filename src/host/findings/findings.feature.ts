/** Findings: "Review File" and "Review Changes", what they give in Problems, and what to do about it. The work is loaded on first use. */

import { SecGeminiError } from '../../core/errors.ts';
import type { Feature, Services } from '../services.ts';
import type { FindingsDesk } from './findings-desk.ts';
import { hasKept } from './kept-findings.ts';

export interface FindingsFeature extends Feature, Pick<Services, 'reviewFiles'> {}

export function createFindingsFeature(services: Services): FindingsFeature {
  const { store, log, context } = services;
  let loading: Promise<FindingsDesk> | undefined;
  const desk = (): Promise<FindingsDesk> => {
    loading ??= import('./findings-desk.ts').then(({ FindingsDesk }) => store.add(new FindingsDesk(services)));
    return loading;
  };
  // Kept findings are shown as soon as the host is there, without holding it up.
  if (hasKept(context.workspaceState))
    desk().catch((error: unknown) => log.error('The kept findings could not be loaded', error));
  const withId =
    (work: (desk: FindingsDesk, id: string) => unknown) =>
    async (id: unknown): Promise<void> => {
      if (typeof id !== 'string')
        throw new SecGeminiError('invalidArgument', 'No finding was chosen.', {
          action: 'Put the cursor on a finding of Sec-Gemini and open its quick fixes.',
        });
      await work(await desk(), id);
    };

  return {
    reviewFiles: async (sessionId, uris, signal, words) => (await desk()).review(sessionId, uris, signal, words),
    commands: {
      reviewFile: async (first, all) => (await desk()).reviewFiles(first, all),
      reviewChanges: async () => (await desk()).reviewChanges(),
      askFinding: withId((one, id) => one.ask(id)),
      verifyFinding: withId((one, id) => one.verify(id)),
      suppressFinding: withId((one, id) => one.suppress(id)),
      applyFinding: withId((one, id) => one.applyFix(id)),
      showSuppressed: async () => (await desk()).showSuppressed(),
      exportFindings: async () => (await desk()).export(),
      clearFindings: async () => (await desk()).clear(),
    },
  };
}
