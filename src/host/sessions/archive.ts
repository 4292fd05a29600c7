/** Archive and Unarchive: one session or all that are selected. */

import * as vscode from 'vscode';
import { sessionArgument } from '../pick-session.ts';
import { requireGroup } from '../requirements.ts';
import type { Services } from '../services.ts';
import { labelText } from '../../core/visible-text.ts';

/** `argument` and `selected` as a tree's command gets them; untrusted. */
export async function archiveSessions(
  { sessions }: Services,
  archived: boolean,
  argument: unknown,
  selected: unknown,
): Promise<void> {
  const archive = requireGroup(sessions, 'archive', 'The archive');
  const named = (Array.isArray(selected) ? selected : [argument])
    .map((node) => sessionArgument(sessions, node))
    .filter((id) => id !== undefined);
  const ids = named.length > 0 ? named : await pick();
  // Of a mixed selection, those that are there already stay.
  const wanted = [...new Set(ids)].filter((id) => (sessions.state(id)?.info.archived === true) !== archived);
  if (wanted.length > 1 && !(await confirmed(wanted))) return;
  for (const id of wanted) {
    await archive.setArchived(id, archived);
    await sessions.refreshSession(id);
  }

  /** One question for all; a single one is taken back as easily as it is done. */
  async function confirmed(all: readonly string[]): Promise<boolean> {
    const verb = archived ? 'Archive' : 'Unarchive';
    const choice = await vscode.window.showWarningMessage(
      `${verb} ${all.length} sessions?`,
      { modal: true, detail: all.map((id) => labelText(sessions.state(id)?.info.name ?? id, 80)).join('\n') },
      verb,
    );
    return choice === verb;
  }

  async function pick(): Promise<readonly string[]> {
    if (!archived && !sessions.listing.isWhole) {
      sessions.listing.includeArchived();
      await sessions.refresh();
    }
    const rows = sessions
      .sessions()
      .filter(({ info }) => (info.archived === true) !== archived)
      .map(({ info }) => ({ label: labelText(info.name, 60), sessionId: info.id }));
    const chosen = await vscode.window.showQuickPick(rows, {
      title: archived ? 'Archive which sessions?' : 'Take which sessions out of the archive?',
      canPickMany: true,
    });
    return chosen?.map(({ sessionId }) => sessionId) ?? [];
  }
}
