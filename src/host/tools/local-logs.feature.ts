/** Logs that stay here, as a user meets them: attach a file as a local database, see it in the view, open the line that an answer names. */

import type { Disposable } from '../../core/disposable.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { logCommands } from './log-commands.ts';

/** Milliseconds without a change after which the list of sessions is believed. */
const SETTLED_MS = 30_000;

export function createLocalLogsFeature(services: Services): Feature {
  const { sessions, logs, tools, store } = services;
  let offered: Disposable | undefined;
  /** The tools are there while there is a log, so that no agent is told of what it cannot use. */
  const offer = async (): Promise<void> => {
    if (logs.list().length === 0) {
      offered?.dispose();
      offered = undefined;
      return;
    }
    const { logTools } = await import('../logs/log-tools.ts');
    if (offered === undefined && logs.list().length > 0) offered = tools.registry.add(logTools(logs));
  };
  store.add(logs.onDidChange(() => void offer()));
  // A deleted session takes its logs along. A list that is empty for a while, as it is between two connections, takes nothing.
  let sweep: NodeJS.Timeout | undefined;
  store.add(
    sessions.onDidChangeList(() => {
      if (logs.list().length === 0) return;
      clearTimeout(sweep);
      sweep = setTimeout(() => {
        const known = new Set(sessions.sessions().map(({ info }) => info.id));
        if (sessions.client !== undefined && known.size > 0) logs.keepOnly(known);
      }, SETTLED_MS);
    }),
  );
  store.add({
    dispose: () => {
      clearTimeout(sweep);
      offered?.dispose();
    },
  });

  return {
    commands: lateCommands(() => logCommands(services, offer), {
      attachLog: true,
      removeLog: true,
      openLog: true,
    }),
  };
}
