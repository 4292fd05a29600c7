/** Selected lines as a candidate, named after file and lines (`app.py:10-42`), with what finds them again after edits. */

import * as vscode from 'vscode';
import { lineAnchor } from '../../../core/attach-lines.ts';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { safeFileName } from '../../../core/file-name.ts';
import { fromText } from './file.ts';
import { display, pathsOf, sourceOf } from './place.ts';

/** The selected text. With several selections: the main one. */
export async function fromSelection({ document, selection }: vscode.TextEditor): Promise<AttachCandidate> {
  const first = selection.start.line + 1;
  // A selection that ends at the start of a line does not show that line as selected.
  const last =
    selection.end.character === 0 && selection.end.line > selection.start.line
      ? selection.end.line
      : selection.end.line + 1;
  return candidate(document, first, last, document.getText(selection));
}

/** Whole lines, 1-based and inclusive. */
export async function fromLines(document: vscode.TextDocument, first: number, last: number): Promise<AttachCandidate> {
  const range = new vscode.Range(first - 1, 0, last - 1, Number.MAX_SAFE_INTEGER);
  return candidate(document, first, last, document.getText(document.validateRange(range)));
}

/** Every line without its ending. */
export function linesOf(document: vscode.TextDocument): string[] {
  return Array.from({ length: document.lineCount }, (_line, index) => document.lineAt(index).text);
}

async function candidate(
  document: vscode.TextDocument,
  first: number,
  last: number,
  text: string,
): Promise<AttachCandidate> {
  const { uri } = document;
  return {
    ...fromText(`${safeFileName(uri.path)}:${first}-${last}`, `lines ${first}-${last} of ${display(uri)}`, text),
    paths: await pathsOf(uri),
    source: { ...sourceOf(uri), lines: [first, last], anchor: lineAnchor(linesOf(document), first, last) },
  };
}
