/** Problems of other tools (CodeQL, Semgrep, Snyk, Trivy, ESLint, the TypeScript server, the SARIF viewer): as questions at their code. */

import * as vscode from 'vscode';
import type { LineRange } from '../../core/anchor.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { ReportedProblem } from '../../core/thread-prompt.ts';
import { labelText } from '../../core/visible-text.ts';
import type { DocumentLines } from '../services.ts';
import { linesOfDocument, lineRange, pathOf } from '../code-documents.ts';

/** Lines around a problem that go with it where no function holds it. */
const AROUND = 3;
/** A longer function does not go with a problem: then only the lines around it. */
const MAX_FUNCTION = 60;
/** Steps whose code goes with the question. */
const MAX_STEPS_WITH_CODE = 8;

/** Finds the problem that a code action meant, else asks among those at the cursor. Rejects when there is none. */
export async function chooseProblem(
  document: vscode.TextDocument,
  selection: vscode.Range,
  meant?: { readonly range: vscode.Range; readonly message: string },
): Promise<vscode.Diagnostic | undefined> {
  const all = vscode.languages.getDiagnostics(document.uri);
  const same = all.find(({ range, message }) => meant?.message === message && meant.range.isEqual(range));
  if (same !== undefined) return same;
  const inside = all.filter(({ range }) => range.intersection(selection) !== undefined);
  const onLine = all.filter(
    ({ range }) => range.start.line <= selection.end.line && range.end.line >= selection.start.line,
  );
  const found = inside.length > 0 ? inside : onLine;
  if (found.length === 0)
    throw new SecGeminiError('invalidArgument', 'There is no problem on this line.', {
      action: 'Put the cursor on a problem; the Problems view lists them.',
    });
  if (found.length === 1) return found[0];
  const rows = found.map((diagnostic) => ({
    label: labelText(diagnostic.message, 100),
    description: labelText([diagnostic.source ?? '', ruleOf(diagnostic)].filter(Boolean).join(' '), 60),
    diagnostic,
  }));
  return (await vscode.window.showQuickPick(rows, { title: 'Which problem?' }))?.diagnostic;
}

/** As the prompt tells it. What looks like a secret in the tool's words is masked: they go out as text, not through the gate. */
export async function reported({
  message,
  range,
  severity,
  source,
  ...rest
}: vscode.Diagnostic): Promise<ReportedProblem> {
  const steps = (rest.relatedInformation ?? []).map(({ location, message: words }) => ({
    reference: `${pathOf(location.uri)}:${location.range.start.line + 1}`,
    message: words,
  }));
  return {
    source: source ?? '',
    rule: ruleOf(rest),
    severity: SEVERITIES[severity],
    message: await masked(message),
    line: range.start.line + 1,
    steps: await Promise.all(steps.map(async (step) => ({ ...step, message: await masked(step.message) }))),
  };
}

const SEVERITIES = {
  [vscode.DiagnosticSeverity.Error]: 'error',
  [vscode.DiagnosticSeverity.Warning]: 'warning',
  [vscode.DiagnosticSeverity.Information]: 'information',
  [vscode.DiagnosticSeverity.Hint]: 'hint',
} as const;

function ruleOf({ code }: Pick<vscode.Diagnostic, 'code'>): string {
  const rule = typeof code === 'object' ? code.value : code;
  return rule === undefined ? '' : String(rule);
}

async function masked(text: string): Promise<string> {
  let safe = text;
  const { maskSecret, scanSecrets } = await import('../../scan/secrets.ts');
  for (const { start, end } of (await scanSecrets(text, { fileName: 'problem.txt' })).toReversed())
    safe = `${safe.slice(0, start)}${maskSecret(safe.slice(start, end))}${safe.slice(end)}`;
  return safe;
}

/** The lines that go with a problem: its function if that is short, else some lines around it. */
export async function codeOf(document: vscode.TextDocument, problem: vscode.Range): Promise<LineRange> {
  const lines = lineRange(problem);
  const last = Math.min(Math.max(lines.first, lines.last), document.lineCount);
  const inner = innermost(await symbolsOf(document), problem);
  if (inner !== undefined) {
    const range = lineRange(inner);
    if (range.last - range.first < MAX_FUNCTION) return { first: range.first, last: Math.max(range.last, last) };
  }
  const source = linesOfDocument(document);
  let first = Math.max(1, lines.first - AROUND);
  let end = Math.min(document.lineCount, last + AROUND);
  while (first < lines.first && source.line(first - 1).trim() === '') first += 1;
  while (end > last && source.line(end - 1).trim() === '') end -= 1;
  return { first, last: end };
}

/** Languages without such a provider have none; one that fails is not worth a word. */
async function symbolsOf({ uri }: vscode.TextDocument): Promise<readonly vscode.DocumentSymbol[]> {
  try {
    const found = await vscode.commands.executeCommand<unknown>('vscode.executeDocumentSymbolProvider', uri);
    return Array.isArray(found) ? found.filter((symbol) => symbol instanceof vscode.DocumentSymbol) : [];
  } catch {
    return [];
  }
}

const CALLABLE: ReadonlySet<vscode.SymbolKind> = new Set([
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Constructor,
]);

function innermost(symbols: readonly vscode.DocumentSymbol[], at: vscode.Range): vscode.Range | undefined {
  for (const { children, kind, range } of symbols) {
    if (!range.contains(at)) continue;
    return innermost(children, at) ?? (CALLABLE.has(kind) ? range : undefined);
  }
  return undefined;
}

/** The code of a flow's steps outside of `own`. In Restricted Mode no other file is opened for it (trust.md S15). */
export async function stepPlaces(
  document: vscode.TextDocument,
  own: LineRange,
  { relatedInformation }: vscode.Diagnostic,
): Promise<readonly DocumentLines[]> {
  const places: DocumentLines[] = [];
  for (const { location } of relatedInformation ?? []) {
    if (places.length >= MAX_STEPS_WITH_CODE) break;
    const isHere = location.uri.toString() === document.uri.toString();
    const isReadable = vscode.workspace.isTrusted && vscode.workspace.getWorkspaceFolder(location.uri) !== undefined;
    if (!isHere && !isReadable) continue;
    const other = isHere ? document : await opened(location.uri);
    if (other === undefined) continue;
    const { first } = lineRange(location.range);
    if (first > other.lineCount || (isHere && first >= own.first && first <= own.last)) continue;
    const place = { document: other, first: Math.max(1, first - 2), last: Math.min(other.lineCount, first + 2) };
    if (!places.some((known) => known.document === other && known.first === place.first)) places.push(place);
  }
  return places;
}

async function opened(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}
