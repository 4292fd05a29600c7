/** Findings in the editor's list of problems, and the quick fixes beside each. Only what is open is shown: a suppressed finding is listed elsewhere. */

import * as vscode from 'vscode';
import type { Disposable } from '../../core/disposable.ts';
import type { FindingSeverity } from '../../core/findings-format.ts';
import { type Finding, type Findings, isStale } from '../../core/findings.ts';
import { findingMessage } from '../../core/findings-words.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS, FINDINGS_SOURCE } from '../../manifest.ts';

const SEVERITIES: Readonly<Record<FindingSeverity, vscode.DiagnosticSeverity>> = {
  critical: vscode.DiagnosticSeverity.Error,
  high: vscode.DiagnosticSeverity.Error,
  medium: vscode.DiagnosticSeverity.Warning,
  low: vscode.DiagnosticSeverity.Information,
  info: vscode.DiagnosticSeverity.Information,
};

/** More findings under one cursor would fill the menu. */
const MAX_OFFERED = 3;

export class ProblemsList implements Disposable {
  readonly #findings: Findings;
  readonly #collection = vscode.languages.createDiagnosticCollection('sec-gemini');
  readonly #owned: readonly { dispose(): unknown }[];

  constructor(findings: Findings) {
    this.#findings = findings;
    this.#owned = [
      this.#collection,
      findings.onDidChange((uri) => this.#show(uri)),
      vscode.languages.registerCodeActionsProvider(
        '*',
        { provideCodeActions: (document, range, { diagnostics }) => this.#actions(document, range, diagnostics) },
        { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
      ),
    ];
    for (const uri of new Set(findings.all().map(({ anchor }) => anchor.uri))) this.#show(uri);
  }

  dispose(): void {
    for (const owned of this.#owned) owned.dispose();
  }

  #show(uri: string): void {
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
    const shown = this.#findings
      .at(uri)
      .filter(({ suppressed }) => suppressed === undefined)
      .map((finding) => diagnosticOf(finding, document));
    this.#collection.set(vscode.Uri.parse(uri, true), shown.length === 0 ? undefined : shown);
  }

  #actions(
    document: vscode.TextDocument,
    range: vscode.Range,
    diagnostics: readonly vscode.Diagnostic[],
  ): vscode.CodeAction[] {
    const ours = diagnostics.filter(({ source }) => source === FINDINGS_SOURCE);
    if (ours.length === 0) return [];
    const here = this.#findings
      .at(document.uri.toString())
      .filter(
        ({ place, suppressed }) =>
          suppressed === undefined && place.first - 1 <= range.end.line && place.last - 1 >= range.start.line,
      );
    return here.slice(0, MAX_OFFERED).flatMap((finding) => {
      const about = here.length === 1 ? '' : `: ${labelText(finding.title, 60)}`;
      const own = ours.filter(({ message }) => message === findingMessage(finding));
      const action = (title: string, command: string): vscode.CodeAction => {
        const made = new vscode.CodeAction(`Sec-Gemini: ${title}${about}`, vscode.CodeActionKind.QuickFix);
        made.diagnostics = own;
        made.command = { command, title, arguments: [finding.id] };
        return made;
      };
      const fix =
        finding.fix === undefined || isStale(finding) ? [] : [action('Show the Fix as a Diff', COMMANDS.applyFinding)];
      for (const each of fix) each.isPreferred = true;
      return [
        ...fix,
        action('Ask About This Finding', COMMANDS.askFinding),
        action('Verify This Finding', COMMANDS.verifyFinding),
        action('Suppress This Finding…', COMMANDS.suppressFinding),
      ];
    });
  }
}

function diagnosticOf(finding: Finding, document: vscode.TextDocument | undefined): vscode.Diagnostic {
  const { place, severity, rule } = finding;
  const indent = document === undefined || place.first > document.lineCount ? 0 : indentAt(document, place.first - 1);
  const range = new vscode.Range(place.first - 1, indent, place.last - 1, 2000);
  const shown = document === undefined ? range : document.validateRange(range);
  const level = isStale(finding) ? vscode.DiagnosticSeverity.Information : SEVERITIES[severity];
  const diagnostic = new vscode.Diagnostic(shown, findingMessage(finding), level);
  diagnostic.source = FINDINGS_SOURCE;
  diagnostic.code = labelText(rule, 100);
  return diagnostic;
}

function indentAt(document: vscode.TextDocument, line: number): number {
  return document.lineAt(line).firstNonWhitespaceCharacterIndex;
}
