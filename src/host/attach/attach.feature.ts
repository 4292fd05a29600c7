/** Every way to attach that a user has: each makes candidates and hands them to the attacher. */

import * as vscode from 'vscode';
import type { OutgoingFile } from '../../core/egress.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { Feature, Services } from '../services.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { isTreeNode } from '../../core/session-tree.ts';
import { fromDocument, fromSelection, fromUri } from './sources.ts';

const ATTACH_TITLE = 'Attach to which session?';

export function createAttachFeature(services: Services): Feature {
  const { sessions, run, store } = services;
  // The panel takes the focus from the editor: the last text editor is what "active file" then means.
  let lastEditor = vscode.window.activeTextEditor;
  store.add(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      lastEditor = editor ?? lastEditor;
    }),
  );
  const activeEditor = (): vscode.TextEditor | undefined => {
    const editor = vscode.window.activeTextEditor ?? lastEditor;
    return editor?.document.isClosed === false ? editor : vscode.window.visibleTextEditors[0];
  };

  const target = async (argument: unknown): Promise<string | undefined> =>
    sessionArgument(sessions, argument) ?? (await pickSession(sessions, ATTACH_TITLE, { withNew: true }));

  const attach = async (
    argument: unknown,
    collect: () => Promise<readonly OutgoingFile[]>,
  ): Promise<string | undefined> => {
    const files = await collect();
    const sessionId = await target(argument);
    return sessionId !== undefined && (await services.attacher.files(sessionId, files)) ? sessionId : undefined;
  };

  return {
    commands: {
      attachActiveFile: async (argument) => attach(argument, async () => [await activeFile(activeEditor())]),
      attachSelection: async (argument) => attach(argument, async () => [selected(activeEditor())]),
      askAboutSelection: async (argument) => {
        const sessionId = await attach(argument, async () => [selected(activeEditor())]);
        if (sessionId !== undefined) await run('openSession', sessionId);
      },
      attachToSession: async (first, all) => {
        const uris = resourceArguments(first, all);
        if (uris.length === 0)
          throw new SecGeminiError('invalidArgument', 'No file was chosen.', {
            action: 'Right-click a file in the Explorer.',
          });
        return attach(undefined, async () => await Promise.all(uris.map(fromUri)));
      },
      detachFile: async (node) => {
        if (!isTreeNode(node) || node.kind !== 'file')
          throw new SecGeminiError('invalidArgument', 'No file was chosen.', {
            action: 'Use the button beside a file in the Sessions view.',
          });
        await sessions.detach(node.sessionId, node.attachment.id);
      },
    },
  };
}

async function activeFile(editor: vscode.TextEditor | undefined): Promise<OutgoingFile> {
  // A tab without a text editor (an image, a binary) still names its file.
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom) return fromUri(input.uri);
  if (editor === undefined)
    throw new SecGeminiError('invalidArgument', 'No file is open in the editor.', {
      action: 'Open the file that you want to attach.',
    });
  return editor.document.isDirty || editor.document.isUntitled
    ? fromDocument(editor.document)
    : fromUri(editor.document.uri);
}

function selected(editor: vscode.TextEditor | undefined): OutgoingFile {
  if (editor === undefined || editor.selection.isEmpty)
    throw new SecGeminiError('invalidArgument', 'Nothing is selected.', {
      action: 'Select the lines that you want to attach.',
    });
  return fromSelection(editor);
}

/** Explorer, editor and tab menus pass (uri, uris); anything else is ignored. */
function resourceArguments(first: unknown, all: unknown): vscode.Uri[] {
  const many = Array.isArray(all) ? all.filter((entry): entry is vscode.Uri => entry instanceof vscode.Uri) : [];
  if (many.length > 0) return many;
  if (first instanceof vscode.Uri) return [first];
  const active = vscode.window.activeTextEditor?.document.uri;
  return first === undefined && active !== undefined ? [active] : [];
}
