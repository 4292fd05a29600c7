/** What a command needs before it may begin, said clearly inside the command: a `when` clause only hides it (trust.md S15). */

import * as vscode from 'vscode';
import type { SecGeminiClient } from '../core/client.ts';
import { SecGeminiError } from '../core/errors.ts';
import type { SessionManager } from '../core/session-manager.ts';

/** The client; rejects when there is none. */
export function requireClient({ client }: Pick<SessionManager, 'client'>): SecGeminiClient {
  if (client !== undefined) return client;
  throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
    action: 'Run "Sec-Gemini: Start Local Sandbox" or "Sec-Gemini: Set API Key" first.',
  });
}

/** A group of calls of the connected service. Throws when the service does not offer it; `what` begins the sentence, e.g. `Publishing`. */
export function requireGroup<K extends 'archive' | 'mcp' | 'skills' | 'publishing' | 'news'>(
  sessions: Pick<SessionManager, 'client'>,
  group: K,
  what: string,
): NonNullable<SecGeminiClient[K]> {
  const client = requireClient(sessions);
  const found = client[group];
  if (found !== undefined) return found;
  throw new SecGeminiError('invalidArgument', `${what} is not on this protocol (${client.protocol}).`, {
    action: 'Use a service that speaks v3 (setting "secGemini.protocol").',
  });
}

/** Throws in Restricted Mode. `what` begins the sentence, e.g. `Publishing a session`. */
export function requireTrusted(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new SecGeminiError('permissionDenied', `${what} is not possible in Restricted Mode.`, {
    action: 'Trust the workspace ("Workspaces: Manage Workspace Trust") and try again.',
  });
}
