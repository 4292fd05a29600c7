/** The editor's problems of the active file or of the workspace as SARIF. The gate leaves out the files that are kept here. */

import * as vscode from 'vscode';
import { type Problem, problemsAsSarif } from '../../../core/attach-problems.ts';
import { splitLines } from '../../../core/attach-lines.ts';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { denyRuleOf } from '../../../core/egress-deny.ts';
import type { OutgoingPart } from '../../../core/egress-model.ts';
import { safeFileName } from '../../../core/file-name.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { requireTrust } from '../trust.ts';
import { fromText } from './file.ts';
import { display, pathsOf, sourceOf } from './place.ts';

/** Larger files give no snippets. */
const MAX_SNIPPET_SOURCE = 2_000_000;
const MAX_SNIPPET_LINES = 20;
const MAX_PROBLEMS = 5000;

/** Asks "this file or the workspace" when both have problems; undefined when the user closed the question. */
export async function fromProblems(active: vscode.Uri | undefined): Promise<AttachCandidate | undefined> {
  const own = active === undefined ? [] : vscode.languages.getDiagnostics(active);
  const all = vscode.languages.getDiagnostics().filter(([, found]) => found.length > 0);
  const count = all.reduce((total, [, found]) => total + found.length, 0);
  if (count === 0)
    throw new SecGeminiError('invalidArgument', 'There are no problems to attach.', {
      action: 'Open the file that has them; the Problems view lists them.',
    });
  const rows = [
    ...(active === undefined || own.length === 0
      ? []
      : [{ label: `Problems of ${display(active)}`, description: problems(own.length), only: active }]),
    { label: 'Problems of the workspace', description: `${problems(count)} in ${all.length} files`, only: undefined },
  ];
  const choice = await vscode.window.showQuickPick(rows, { title: 'Attach which problems?' });
  if (choice === undefined) return undefined;
  if (choice.only === undefined) {
    requireTrust('Problems of the whole workspace');
    return ofWorkspace(all, count);
  }
  return {
    ...fromText(
      `${safeFileName(choice.only.path)}.problems.sarif.json`,
      `${problems(own.length)} of ${display(choice.only)}`,
      problemsAsSarif(await problemsOf(choice.only, own)),
    ),
    paths: await pathsOf(choice.only),
    mimeType: 'application/json',
    source: { folders: sourceOf(choice.only).folders },
  };
}

/** Each file with problems is a part, which the gate may leave out with everything that is said about it. */
async function ofWorkspace(
  all: readonly (readonly [vscode.Uri, readonly vscode.Diagnostic[]])[],
  count: number,
): Promise<AttachCandidate> {
  const byPart = new Map<OutgoingPart, readonly Problem[]>();
  let room = MAX_PROBLEMS;
  for (const [uri, diagnostics] of all) {
    const found = await problemsOf(uri, diagnostics.slice(0, room));
    room -= found.length;
    const paths = await pathsOf(uri);
    // A document without a file has no rule to fear.
    byPart.set({ name: display(uri), paths: paths.length === 0 ? [uri.path] : paths }, found);
  }
  return {
    ...fromText(
      'workspace-problems.sarif.json',
      `${problems(count)} of the workspace`,
      problemsAsSarif([...byPart.values()].flat()),
    ),
    mimeType: 'application/json',
    madeOf: {
      parts: [...byPart.keys()],
      withoutGitIgnored: true,
      without: (left) =>
        fromText(
          '',
          '',
          problemsAsSarif(
            [...byPart].filter(([part]) => !left.has(part)).flatMap(([, found]) => found),
            left.size,
          ),
        ),
    },
  };
}

async function problemsOf(uri: vscode.Uri, diagnostics: readonly vscode.Diagnostic[]): Promise<readonly Problem[]> {
  const lines = await snippetSource(uri);
  return diagnostics.map((diagnostic) => problemOf(uri, diagnostic, lines));
}

function problemOf(uri: vscode.Uri, diagnostic: vscode.Diagnostic, lines: readonly string[] | undefined): Problem {
  const { code, message, range, severity, source } = diagnostic;
  const rule = typeof code === 'object' ? code.value : code;
  const snippet = lines?.slice(range.start.line, Math.min(range.end.line + 1, range.start.line + MAX_SNIPPET_LINES));
  return {
    path: vscode.workspace.asRelativePath(uri),
    severity: SEVERITIES[severity],
    message,
    source,
    rule: rule === undefined ? undefined : String(rule),
    ruleUri: typeof code === 'object' ? code.target.toString() : undefined,
    range: {
      startLine: range.start.line + 1,
      startColumn: range.start.character + 1,
      endLine: range.end.line + 1,
      endColumn: range.end.character + 1,
    },
    snippet: snippet?.join('\n'),
  };
}

const SEVERITIES = {
  [vscode.DiagnosticSeverity.Error]: 'error',
  [vscode.DiagnosticSeverity.Warning]: 'warning',
  [vscode.DiagnosticSeverity.Information]: 'information',
  [vscode.DiagnosticSeverity.Hint]: 'hint',
} as const;

/** The lines that the problems speak of: the open document's, else the file's. */
async function snippetSource(uri: vscode.Uri): Promise<readonly string[] | undefined> {
  if (denyRuleOf(await pathsOf(uri)) !== undefined) return undefined;
  const document = vscode.workspace.textDocuments.find((other) => other.uri.toString() === uri.toString());
  if (document !== undefined) return splitLines(document.getText());
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > MAX_SNIPPET_SOURCE) return undefined;
    return splitLines(await vscode.workspace.decode(await vscode.workspace.fs.readFile(uri), { uri }));
  } catch {
    return undefined;
  }
}

function problems(count: number): string {
  return count === 1 ? '1 problem' : `${count} problems`;
}
