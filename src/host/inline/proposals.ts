/** Changes that an answer proposes: shown as a diff against the real file, applied only by the user's own gesture, as one step that can be undone. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { type LinesEdit, applyLines } from '../../core/code-blocks.ts';
import type { Disposable } from '../../core/disposable.ts';
import { SecGeminiError, describeError } from '../../core/errors.ts';
import { PROPOSAL_SCHEME } from '../../manifest.ts';
import { linesOfDocument } from '../code-documents.ts';
import type { ChangePlan } from '../services.ts';

interface Proposal {
  readonly target: vscode.Uri;
  readonly plan: ChangePlan;
  /** What the diff shows; the words of an error when the change no longer fits. */
  content: string;
  isFitting: boolean;
}

export class Proposals implements vscode.TextDocumentContentProvider, Disposable {
  readonly #proposals = new Map<string, Proposal>();
  readonly #changes = new vscode.EventEmitter<vscode.Uri>();
  readonly #owned: readonly vscode.Disposable[];

  constructor() {
    this.#owned = [
      this.#changes,
      vscode.workspace.registerTextDocumentContentProvider(PROPOSAL_SCHEME, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#renew(document)),
      // The document itself may be closed while its tab is behind another.
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const { input } of closed)
          if (input instanceof vscode.TabInputTextDiff) this.#proposals.delete(input.modified.toString());
      }),
    ];
  }

  get onDidChange(): vscode.Event<vscode.Uri> {
    return this.#changes.event;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#proposals.get(uri.toString())?.content ?? 'This proposal is gone. Open it again from the answer.';
  }

  /** Opens the diff. Rejects with `invalidArgument` when the change does not fit the file. */
  async open(document: vscode.TextDocument, plan: ChangePlan): Promise<void> {
    const content = changed(document, plan);
    const name = document.uri.path.split('/').at(-1) ?? 'file';
    const uri = vscode.Uri.from({ scheme: PROPOSAL_SCHEME, path: `/${randomUUID()}/${name}` });
    this.#proposals.set(uri.toString(), { target: document.uri, plan, content, isFitting: true });
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, `${name} ↔ Proposed by Sec-Gemini`, {
      preview: false,
      viewColumn: vscode.ViewColumn.One,
    });
  }

  /** Applies the proposal whose diff is in front. The file may have changed since: only what the diff shows is applied. */
  async apply(): Promise<void> {
    const { uri, proposal } = this.#active();
    const document = await vscode.workspace.openTextDocument(proposal.target);
    if (!proposal.isFitting || changed(document, proposal.plan) !== proposal.content) {
      this.#renew(document);
      throw new SecGeminiError('invalidArgument', 'The file has changed since this diff was made.', {
        action: 'Look at the renewed diff, then apply it.',
      });
    }
    const edits = proposal.plan(document);
    const edit = new vscode.WorkspaceEdit();
    for (const each of edits) edit.replace(proposal.target, ...replacement(document, each));
    if (!(await vscode.workspace.applyEdit(edit)))
      throw new SecGeminiError('invalidArgument', 'The editor did not take the change.', {
        action: 'Check that the file can be written.',
      });
    await this.#close(uri);
    const first = Math.min(...edits.map((each) => each.first)) - 1;
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    editor.selection = new vscode.Selection(first, 0, first, 0);
    editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    void vscode.window.setStatusBarMessage('Sec-Gemini: applied; one Undo takes it back. Nothing was saved.', 8000);
  }

  async discard(): Promise<void> {
    await this.#close(this.#active().uri);
  }

  dispose(): void {
    for (const owned of this.#owned) owned.dispose();
    this.#proposals.clear();
  }

  #active(): { readonly uri: vscode.Uri; readonly proposal: Proposal } {
    const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const uri = input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
    const proposal = uri === undefined ? undefined : this.#proposals.get(uri.toString());
    if (uri === undefined || proposal === undefined)
      throw new SecGeminiError('invalidArgument', 'No proposed change is open.', {
        action: 'Open one from an answer: "Use Code…" on the answer, then "Open as Diff".',
      });
    return { uri, proposal };
  }

  async #close(uri: vscode.Uri): Promise<void> {
    const isIt = ({ input }: vscode.Tab): boolean =>
      input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri.toString();
    await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(isIt)));
  }

  #renew(document: vscode.TextDocument): void {
    for (const [uri, proposal] of this.#proposals) {
      if (proposal.target.toString() !== document.uri.toString()) continue;
      try {
        proposal.content = changed(document, proposal.plan);
        proposal.isFitting = true;
      } catch (error) {
        proposal.content = describeError(error);
        proposal.isFitting = false;
      }
      this.#changes.fire(vscode.Uri.parse(uri, true));
    }
  }
}

function changed(document: vscode.TextDocument, plan: ChangePlan): string {
  return applyLines(linesOfDocument(document), plan(document)).join(eolOf(document));
}

/** The editor's range and text for lines that are replaced, put in, or taken out with their ends. */
function replacement(document: vscode.TextDocument, { first, last, lines }: LinesEdit): [vscode.Range, string] {
  const eol = eolOf(document);
  const text = lines.join(eol);
  const end = document.lineCount;
  if (last < first) {
    if (first <= end) return [new vscode.Range(first - 1, 0, first - 1, 0), text + eol];
    const { end: at } = document.lineAt(end - 1).range;
    return [new vscode.Range(at, at), eol + text];
  }
  if (lines.length > 0) return [new vscode.Range(first - 1, 0, last - 1, document.lineAt(last - 1).text.length), text];
  if (last < end) return [new vscode.Range(first - 1, 0, last, 0), ''];
  const from = first === 1 ? new vscode.Position(0, 0) : document.lineAt(first - 2).range.end;
  return [new vscode.Range(from, document.lineAt(end - 1).range.end), ''];
}

function eolOf(document: vscode.TextDocument): string {
  return document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}
