/** What attaching needs from the beginning; the ways to attach themselves come with the first of them. */

import type * as vscode from 'vscode';
import { LastEditor } from '../last-editor.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { attachCommands } from './attach-commands.ts';
import { ChangedSources } from './changed-sources.ts';
import { followTicks } from './follow-ticks.ts';
import { tellInterrupted } from './interrupted.ts';

export function createAttachFeature(services: Services): Feature {
  const { sessions, store, log } = services;
  store.add(new ChangedSources(sessions, log));
  followTicks(services);
  tellInterrupted(services);
  // The panel takes the focus from the editor: the last text editor is what "active file" then means.
  const lastEditor = store.add(new LastEditor());
  const activeEditor = (): vscode.TextEditor | undefined => lastEditor.current;

  return {
    commands: lateCommands(() => attachCommands(services, activeEditor), {
      attachActiveFile: true,
      attachSelection: true,
      askAboutSelection: true,
      attachToSession: true,
      attachAs: true,
      attachFiles: true,
      attachOpenEditors: true,
      attachChanges: true,
      attachProblems: true,
      attachTerminalSelection: true,
      attachClipboard: true,
      attachNotebookCells: true,
      chooseFiles: true,
      detachFile: true,
      reattachFile: true,
      openSource: true,
    }),
  };
}
