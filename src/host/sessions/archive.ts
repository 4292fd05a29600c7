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
  for (const id of new Set(ids)) {
    // Of a mixed selection, those that are there already stay.
    if ((sessions.state(id)?.info.archived === true) === archived) continue;
    await archive.setArchived(id, archived);
    await sessions.refreshSession(id);
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
