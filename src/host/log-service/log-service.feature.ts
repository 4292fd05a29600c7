/** Attach Logs…: a log of JSON lines goes to the service's own log store and is bound to a session. v1 only; what stays here is another command. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { parseFieldsMapping, requireLogs } from '../../core/log-upload.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { requireClient } from '../requirements.ts';
import type { Feature, Services } from '../services.ts';

export function createLogServiceFeature(services: Services): Feature {
  const { sessions, activeSession } = services;
  return {
    commands: {
      attachLogs: async (argument) => {
        // Said before anything is asked.
        requireLogs(requireClient(sessions));
        const sessionId =
          sessionArgument(sessions, argument) ??
          activeSession() ??
          (await pickSession(sessions, 'Attach logs to which session?', { withNew: true }));
        if (sessionId === undefined) return undefined;
        const uris = await vscode.window.showOpenDialog({
          title: 'Attach Logs…',
          openLabel: 'Attach Logs',
          filters: { 'JSON lines': ['jsonl', 'ndjson', 'json', 'log'], 'All files': ['*'] },
        });
        const [uri] = uris ?? [];
        if (uri === undefined) return undefined;
        const mapping = await vscode.window.showInputBox({
          title: 'Fields of the log',
          prompt:
            'SERVICE_FIELD=FIELD_OF_THE_LOG, with commas between. Leave it empty when the log uses the names of the service.',
          ignoreFocusOut: true,
          validateInput: (text) => {
            try {
              parseFieldsMapping(text);
              return undefined;
            } catch (error) {
              return error instanceof SecGeminiError ? `${error.message} ${error.action}` : String(error);
            }
          },
        });
        if (mapping === undefined) return undefined;
        return await services.attachLogs(sessionId, {
          file: uri,
          fieldsMapping: parseFieldsMapping(mapping),
          by: 'hand',
        });
      },
    },
  };
}
