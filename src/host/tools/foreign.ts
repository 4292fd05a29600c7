/** The tools of others with their ports in the editor: what was ticked is kept in the application's own state (trust.md S16). */

import { createHash } from 'node:crypto';
import { ForeignTools } from '../../core/tools/foreign-tools.ts';
import type { Services } from '../services.ts';

const TICKS = 'secGemini.tickedTools';

export function createForeignTools({ context, tools, log, store }: Services): ForeignTools {
  const foreign = new ForeignTools({
    ticks: {
      get: () => context.globalState.get<Readonly<Record<string, string>>>(TICKS) ?? {},
      set: (ticks) => void context.globalState.update(TICKS, ticks),
    },
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    revoke: (tool) => tools.consent.revoke(tool),
    log,
  });
  store.add(tools.registry.add(foreign.provider()));
  store.add(foreign.onDidChange(() => tools.registry.refresh()));
  return foreign;
}
