/** Start and stop the local sandbox. Which connection is in use is the Connection's business. */

import * as vscode from 'vscode';
import type { Feature, Services } from '../services.ts';

export function createSandboxFeature({ connection }: Services): Feature {
  const inView = <T>(task: () => Promise<T>): Thenable<T> =>
    vscode.window.withProgress({ location: { viewId: 'secGemini.sessions' } }, task);
  return {
    commands: {
      startSandbox: async () => {
        await inView(() => connection.startSandbox());
        await vscode.commands.executeCommand('secGemini.sessions.focus');
      },
      stopSandbox: async () => inView(() => connection.stopSandbox()),
    },
  };
}
