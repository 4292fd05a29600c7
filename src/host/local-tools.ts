/** The local tools of this window with their ports in the editor. */

import { createHash, randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Ledger } from '../core/ledger.ts';
import { late } from '../core/late.ts';
import type { SessionManager } from '../core/session-manager.ts';
import { LocalTools, type LocalToolsOptions } from '../core/tools/local-tools.ts';
import type { HostLog } from './log.ts';
import { WorkspaceFiles } from './workspace-files.ts';

/** Names of the tools that the user denied, in the application's own state: no workspace and no agent can write it (trust.md S16). */
const DENIED = 'secGemini.deniedTools';

export interface EditorTools {
  readonly tools: LocalTools;
  readonly files: WorkspaceFiles;
}

export function createLocalTools(
  context: vscode.ExtensionContext,
  parts: Pick<LocalToolsOptions, 'redact'> & {
    readonly sessions: SessionManager;
    readonly ledger: Ledger;
    readonly log: HostLog;
  },
): EditorTools {
  const files = late(
    () =>
      new WorkspaceFiles({
        folders: () =>
          vscode.workspace.isTrusted
            ? (vscode.workspace.workspaceFolders ?? [])
                .filter(({ uri }) => uri.scheme === 'file')
                .map(({ name, uri }) => ({ name, path: uri.fsPath }))
            : [],
        // Reading ignore files is loaded with the first call.
        rules: async (batch, about) => (await import('./attach/workspace-rules.ts')).workspaceRules(batch, about),
        unsaved,
      }),
  );
  const tools = new LocalTools({
    ...parts,
    trusted: () => vscode.workspace.isTrusted,
    denied: {
      get: () => context.globalState.get<readonly string[]>(DENIED) ?? [],
      set: (names) => void context.globalState.update(DENIED, names),
    },
    scan: async (text, signal) => {
      // Some hundred kilobytes of rules: loaded with the first call.
      const { scanSecrets } = await import('../scan/secrets.ts');
      return (await scanSecrets(text, { signal })).map(({ title, kind, line, start, end }) => ({
        title,
        kind,
        line,
        start,
        end,
      }));
    },
    unchanged: (file) => files.unchanged(file),
    newHash: (algorithm) => {
      const hash = createHash(algorithm);
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
    },
    newId: randomUUID,
    now: Date.now,
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  return { tools, files };
}

/** The text of a document with unsaved changes, by its own path or by the one that its links lead to. */
function unsaved(path: string): { readonly text: string; readonly version: number } | undefined {
  const document = vscode.workspace.textDocuments.find(
    ({ uri, isDirty }) => isDirty && uri.scheme === 'file' && (uri.fsPath === path || realPathOf(uri.fsPath) === path),
  );
  return document === undefined ? undefined : { text: document.getText(), version: document.version };
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
