// Runs commands without a user: questions that open are closed, until the command has come to its end or waits for a modal answer.
import * as vscode from 'vscode';
import { COMMANDS } from '../../../src/manifest.ts';

/** Every command of the manifest. */
export const ALL_COMMANDS: readonly string[] = Object.values(COMMANDS);

/** Resolves when the command ended, or when closing questions no longer moves it. Never rejects. */
export async function runAndDismiss(id: string, ...args: unknown[]): Promise<unknown> {
  let ended = false;
  let result: unknown;
  const work = Promise.resolve(vscode.commands.executeCommand(id, ...args)).then(
    (value) => {
      ended = true;
      result = value;
    },
    () => {
      ended = true;
    },
  );
  // Each round trip to the window lets the command make its next step.
  for (let round = 0; round < 20 && !ended; round += 1) {
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await vscode.commands.executeCommand('notifications.clearAll');
  }
  if (ended) await work;
  return result;
}
