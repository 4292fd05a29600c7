/** An upload that was cut off by the end of its window (a reload, a crash): at the next start the user is told what arrived and what did not. */

import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { SessionManager } from '../../core/session-manager.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';

const KEY = 'secGemini.attaching';
/** Of a larger batch only the beginning is compared. */
const MAX_NAMES = 5000;

const runSchema = z.object({ sessionId: z.string(), names: z.array(z.string()).check(z.maxLength(MAX_NAMES)) });

/** What is under way in this window, by the id of the run; kept with the workspace. */
const keptSchema = z.record(z.string(), runSchema);

type Kept = z.output<typeof keptSchema>;

function read(memento: vscode.Memento): Kept {
  const kept = keptSchema.safeParse(memento.get(KEY));
  return kept.success ? kept.data : {};
}

/** Runs `send`, and remembers until its end which files are on their way to the session. */
export async function remembered<T>(
  memento: vscode.Memento,
  run: { readonly id: string; readonly sessionId: string; readonly names: readonly string[] },
  send: () => Promise<T>,
): Promise<T> {
  const { id, sessionId, names } = run;
  await memento.update(KEY, { ...read(memento), [id]: { sessionId, names: names.slice(0, MAX_NAMES) } });
  try {
    return await send();
  } finally {
    const { [id]: _over, ...rest } = read(memento);
    await memento.update(KEY, Object.keys(rest).length === 0 ? undefined : rest);
  }
}

/** Tells once, when the service has said what each session holds. */
export function tellInterrupted({ context, sessions, store, run }: Services): void {
  const interrupted = Object.values(read(context.workspaceState));
  if (interrupted.length === 0) return;
  const listener = store.add(
    sessions.onDidChangeList(() => {
      if (sessions.list.kind !== 'loaded') return;
      listener.dispose();
      void context.workspaceState.update(KEY, undefined);
      for (const { sessionId, names } of interrupted) void tell(sessions, sessionId, names, run);
    }),
  );
}

async function tell(
  sessions: SessionManager,
  sessionId: string,
  names: readonly string[],
  run: Services['run'],
): Promise<void> {
  // The list alone does not name the files everywhere.
  await sessions.refreshSession(sessionId);
  const state = sessions.state(sessionId);
  if (state === undefined) return;
  const there = new Set(state.attachments.map(({ name }) => name));
  const missing = names.filter((name) => !there.has(name));
  const [first] = missing;
  if (first === undefined) return;
  const which = missing.length === 1 ? labelText(first, 60) : `${labelText(first, 60)} and ${missing.length - 1} more`;
  const show = 'Show Session';
  const choice = await vscode.window.showWarningMessage(
    `The window was closed while files were being attached to "${labelText(state.info.name, 60)}": ${names.length - missing.length} of ${names.length} arrived, none of them in part. Not attached: ${which}. Attach these again.`,
    show,
  );
  if (choice === show) await run('openSession', sessionId);
}
