/** Every way to attach that a user has: each ends in `send`, which asks the gate and only then the session manager. */

import * as vscode from 'vscode';
import type { OutgoingFile } from '../../core/egress.ts';
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';
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
    return sessionId !== undefined && (await send(services, sessionId, files)) ? sessionId : undefined;
  };

  return {
    commands: {
      attachActiveFile: async (argument) => {
        const sessionId = await attach(argument, async () => [await activeFile(activeEditor())]);
        return sessionId;
      },
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

/** True when everything was sent; false when the user said no. Shows progress with cancel. */
async function send(
  { sessions, egress }: Services,
  sessionId: string,
  files: readonly OutgoingFile[],
): Promise<boolean> {
  const state = sessions.state(sessionId);
  const client = sessions.client;
  if (state === undefined || client === undefined) throw new SecGeminiError('notFound', 'The session is gone.');
  const cleared = await egress.clear(files, {
    sessionName: state.info.name,
    destination: client.origin,
    logging: state.info.logging,
  });
  if (cleared.length === 0) return false;
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      cancellable: true,
      title: `Attaching to "${labelText(state.info.name, 60)}"`,
    },
    async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      try {
        await sessions.attach(sessionId, cleared, {
          signal: abort.signal,
          onProgress: (sent, total) => {
            const percent = total === 0 ? 100 : Math.floor((sent / total) * 100);
            if (percent > shown) progress.report({ increment: percent - shown });
            shown = Math.max(shown, percent);
          },
        });
      } catch (error) {
        if (!abort.signal.aborted && !isSecGeminiError(error, 'cancelled')) throw error;
      } finally {
        listener.dispose();
      }
    },
  );
  return true;
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
