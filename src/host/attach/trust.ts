/** What waits until the workspace is trusted says so inside the command: a `when` clause only hides it (trust.md S15). */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';

/** Rejects in Restricted Mode. `what` begins the sentence, e.g. `Folders`. */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new SecGeminiError('permissionDenied', `${what} cannot be attached in Restricted Mode.`, {
    action: 'Attach single files, or trust the workspace ("Workspaces: Manage Workspace Trust").',
  });
}
