/** Every way to attach that a user has: each makes candidates and hands them to the attacher. Loaded with the first. */

import * as vscode from 'vscode';
import type { AttachCandidate } from '../../core/attach-source.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { formatBytes } from '../../core/format.ts';
import { isOwnNode } from '../../core/session-tree.ts';
import { unshelve } from '../../core/shelf.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { FeatureOf, Services } from '../services.ts';
import { fileArguments, openSource, reattach } from './kept-sources.ts';
import { type Batch, named } from './sources/batch.ts';
import { fromDocument, fromUri } from './sources/file.ts';
import { chooseOpenEditors, tabUri } from './sources/open-editors.ts';
import { fromSelection } from './sources/selection.ts';
import { chooseFiles } from './ticks.ts';

// Most ways in are loaded by who uses them: the host's first chunk is what the tree and the panel need.
const collector = () => import('./sources/collect.ts');
const texts = () => import('./sources/text.ts');

const ATTACH_TITLE = 'Attach to which session?';

type AttachCommands = FeatureOf<
  | 'attachActiveFile'
  | 'attachSelection'
  | 'askAboutSelection'
  | 'attachToSession'
  | 'attachAs'
  | 'attachFiles'
  | 'attachOpenEditors'
  | 'attachChanges'
  | 'attachProblems'
  | 'attachTerminalSelection'
  | 'attachClipboard'
  | 'attachNotebookCells'
  | 'chooseFiles'
  | 'detachFile'
  | 'reattachFile'
  | 'openSource'
>['commands'];

/** `activeEditor`: the text editor that "active file" means, also while a panel has the focus. */
export function attachCommands(services: Services, activeEditor: () => vscode.TextEditor | undefined): AttachCommands {
  const { sessions, run } = services;

  /**
   * Collects, asks for the session unless `argument` names it, attaches. Gives the session's id, or undefined when the user said no.
   * `from`: what of the command's arguments, which any extension can make up, said which files; undefined when none did (S39).
   */
  const attach = async (
    argument: unknown,
    gather: () => Promise<Batch | AttachCandidate | undefined>,
    from?: unknown,
  ): Promise<string | undefined> => {
    const found = await gather();
    if (found === undefined) return undefined;
    const batch = 'files' in found ? found : named(found);
    const given = sessionArgument(sessions, argument);
    const sessionId = given ?? (await pickSession(sessions, ATTACH_TITLE, { withNew: true, what: wordsOf(batch) }));
    if (sessionId === undefined) return undefined;
    // The row of our tree, or the pick just answered: a person's. An id or a look-alike of a row may be anybody's.
    const by = from === undefined && (given === undefined || isOwnNode(argument)) ? 'hand' : 'call';
    return (await services.attacher.files(sessionId, batch.files, { ...batch, by })) ? sessionId : undefined;
  };

  const selected = async (): Promise<AttachCandidate> => fromSelection(withSelection(activeEditor()));

  return {
    attachActiveFile: async (argument) => attach(argument, async () => activeFile(activeEditor())),
    attachSelection: async (argument) => attach(argument, selected),
    askAboutSelection: async (argument) => {
      const sessionId = await attach(argument, selected);
      if (sessionId !== undefined) await run('openSession', sessionId);
    },
    attachToSession: async (first, all) =>
      attach(undefined, async () => (await collector()).collect(resources(first, all)), first ?? all),
    attachAs: async (first, all) =>
      attach(
        undefined,
        async () => (await import('./sources/chosen-type.ts')).withChosenType(resources(first, all)),
        first ?? all,
      ),
    attachFiles: async (argument) =>
      attach(argument, async () => {
        const uris = await vscode.window.showOpenDialog({
          title: 'Attach Files or Folders',
          openLabel: 'Attach',
          canSelectFiles: true,
          canSelectFolders: true,
          canSelectMany: true,
        });
        return uris === undefined ? undefined : (await collector()).collect(uris);
      }),
    attachOpenEditors: async (argument) =>
      attach(argument, async () => {
        const uris = await chooseOpenEditors();
        return uris === undefined ? undefined : (await collector()).collect(uris);
      }),
    attachChanges: async (argument) => attach(argument, async () => (await import('./sources/git.ts')).fromGit()),
    attachProblems: async (argument) =>
      attach(argument, async () => (await import('./sources/problems.ts')).fromProblems(activeEditor()?.document.uri)),
    attachTerminalSelection: async (argument) => attach(argument, async () => (await texts()).fromTerminal()),
    attachClipboard: async (argument) => attach(argument, async () => (await texts()).fromClipboard()),
    attachNotebookCells: async (argument) => attach(argument, async () => (await texts()).fromNotebook()),
    chooseFiles: async (argument) => {
      const sessionId =
        sessionArgument(sessions, argument) ?? (await pickSession(sessions, 'Choose files of which session?'));
      if (sessionId !== undefined) await chooseFiles(services, sessionId);
    },
    detachFile: async (node, selected) => {
      if (isOwnNode(node) && node.kind === 'shelved') {
        // It is off the service already: only the row goes.
        sessions.setFacts(node.sessionId, unshelve(sessions.state(node.sessionId)?.local, [node.attachment]));
        return;
      }
      // One after another: where files are known by their place in the list, each that goes moves the others.
      for (const { sessionId, attachment } of fileArguments(node, selected))
        await sessions.detach(sessionId, attachment.id);
    },
    reattachFile: async (node) => reattach(services, node),
    openSource: async (node) => openSource(services, node),
  };
}

/** What the person agrees to by answering the pick. */
function wordsOf({ files }: Batch): string {
  const [first] = files;
  const size = formatBytes(files.reduce((sum, file) => sum + file.size, 0));
  return first !== undefined && files.length === 1
    ? `${labelText(first.name, 80)}, ${size}`
    : `${files.length} files, ${size}`;
}

async function activeFile(editor: vscode.TextEditor | undefined): Promise<AttachCandidate> {
  // A tab without a text editor (an image, a binary, a notebook) still names its file.
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook) return fromUri(input.uri);
  if (editor === undefined)
    throw new SecGeminiError('invalidArgument', 'No file is open in the editor.', {
      action: 'Open the file that you want to attach.',
    });
  return editor.document.isDirty || editor.document.isUntitled
    ? fromDocument(editor.document)
    : fromUri(editor.document.uri);
}

function withSelection(editor: vscode.TextEditor | undefined): vscode.TextEditor {
  if (editor !== undefined && !editor.selection.isEmpty) return editor;
  throw new SecGeminiError('invalidArgument', 'Nothing is selected.', {
    action: 'Select the lines that you want to attach.',
  });
}

/** Explorer, editor and tab menus pass (uri, uris); anything else is ignored. */
function resources(first: unknown, all: unknown): vscode.Uri[] {
  const many = Array.isArray(all) ? all.filter((entry): entry is vscode.Uri => entry instanceof vscode.Uri) : [];
  if (many.length > 0) return many;
  if (first instanceof vscode.Uri) return [first];
  const active =
    vscode.window.activeTextEditor?.document.uri ?? tabUri(vscode.window.tabGroups.activeTabGroup.activeTab?.input);
  if (first === undefined && active !== undefined) return [active];
  throw new SecGeminiError('invalidArgument', 'No file was chosen.', { action: 'Right-click a file in the Explorer.' });
}
