/** Documents as lines, and where they are, in the words of the conversation. */

import * as vscode from 'vscode';
import type { LineRange, LineSource } from '../core/anchor.ts';

/** Lines are asked for one by one: a long document is not copied. */
export function linesOfDocument(document: vscode.TextDocument): LineSource {
  return { lineCount: document.lineCount, line: (index) => document.lineAt(index).text };
}

/** 1-based lines; a range that ends before the first character of a line does not hold that line. */
export function lineRange({ start, end }: vscode.Range): LineRange {
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return { first: start.line + 1, last };
}

/** Whole lines, cut to the document. */
export function editorRange(document: vscode.TextDocument, { first, last }: LineRange): vscode.Range {
  return document.validateRange(new vscode.Range(first - 1, 0, last - 1, Number.MAX_SAFE_INTEGER));
}

/** As answers and the page name files: relative, forward slashes. */
export function pathOf(uri: vscode.Uri): string {
  return uri.scheme === 'untitled' ? uri.path : vscode.workspace.asRelativePath(uri).replaceAll('\\', '/');
}

/** Only what people write and read as code gets threads: no output, no transcript, no comment box. */
export function takesThreads(document: vscode.TextDocument): boolean {
  const { scheme } = document.uri;
  return (
    scheme === 'file' ||
    scheme === 'untitled' ||
    (vscode.workspace.workspaceFolders ?? []).some((folder) => folder.uri.scheme === scheme)
  );
}
