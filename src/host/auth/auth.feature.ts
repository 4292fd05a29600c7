/** Set and forget the API key, connect. The key enters by a password box only (trust.md S23) and is checked before it is kept. */

import * as vscode from 'vscode';
import { Reauth } from '../../core/reauth.ts';
import { labelText } from '../../core/visible-text.ts';
import { CONTEXT_KEYS } from '../../manifest.ts';
import { showError } from '../errors.ts';
import { endpointSetting } from '../settings.ts';
import type { Feature, Services } from '../services.ts';

export function createAuthFeature({ connection, sessions, log, run, store }: Services): Feature {
  const showStatus = (): void => {
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.connection, connection.status.kind);
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.sandbox, connection.isSandbox);
  };
  store.add(connection.onDidChange(showStatus));
  showStatus();
  /** Asks about the endpoint, checks the key and keeps it. Resolves false when the user did not agree; rejects when the key is refused. */
  const keep = async (key: string): Promise<boolean> => {
    const kept = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: 'Checking the Sec-Gemini API key…' },
      () => connection.setKey(key),
    );
    showStatus();
    return kept;
  };
  const askForKey = async (prompt: string): Promise<string | undefined> =>
    await vscode.window.showInputBox({
      title: 'Sec-Gemini API key',
      prompt,
      placeHolder: 'Sec-Gemini API key',
      password: true,
      ignoreFocusOut: true,
    });
  store.add(
    new Reauth({
      connection,
      sessions,
      log,
      ask: async (name) =>
        askForKey(
          `The service refused the key${name === undefined ? '' : ` in the middle of "${labelText(name, 60)}"`}. With a new one it goes on: drafts and waiting messages are kept. For ${endpointSetting()}.`,
        ),
      fail: (error) => void showError(error, run),
    }),
  );
  void import('./keys-in-settings.ts')
    .then(({ KeysInSettings }) =>
      store.add(new KeysInSettings({ log, keep, fail: (error) => void showError(error, run) })),
    )
    .catch((error: unknown) => log.error('The settings could not be searched for a key', error));

  return {
    commands: {
      // Arguments are ignored on purpose: no other extension hands us a key.
      setApiKey: async () => {
        const key = await askForKey(
          `For ${endpointSetting()}. Keys are made at secgemini.google/keys. It is checked, then kept in the editor's secret storage.`,
        );
        if (key === undefined) return;
        if (await keep(key))
          void vscode.window.showInformationMessage('The API key works and is kept in secret storage.');
      },
      forgetApiKey: async () => {
        await connection.forgetKey();
        showStatus();
        void vscode.window.showInformationMessage(
          'The API key and the transcripts kept for it were deleted from this machine.',
        );
      },
      disconnect: async () => connection.disconnect(),
      connect: async () => {
        await connection.connect({ ask: true });
        if (connection.status.kind === 'offline' || connection.status.kind === 'keyRefused')
          throw connection.status.error;
      },
    },
  };
}
