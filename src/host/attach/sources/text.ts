/** Text without a file: the clipboard, the terminal's selection, notebook cells. The user names it; the ending tells its type. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import { type ContentType, CONTENT_TYPES, guessTextType } from '../../../core/attach-type.ts';
import { safeFileName } from '../../../core/file-name.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { fromText } from './file.ts';
import { display, pathsOf, sourceOf } from './place.ts';

/** Undefined when the user closed the question. VS Code gives extensions the clipboard's text only: pictures are pasted into the panel. */
export async function fromClipboard(): Promise<AttachCandidate | undefined> {
  const text = await vscode.env.clipboard.readText();
  if (text === '')
    throw new SecGeminiError('invalidArgument', 'The clipboard holds no text.', {
      action: 'Copy some text first. A picture can be pasted into the message box of a session.',
    });
  return namedText('clipboard', 'text of the clipboard', text);
}

/**
 * VS Code has no API for the terminal's selection; its own command copies it, and the clipboard's text is put back. What else was on the
 * clipboard (a picture) cannot be put back and is lost, as with every copy.
 */
export async function fromTerminal(): Promise<AttachCandidate | undefined> {
  const terminal = vscode.window.activeTerminal;
  if (terminal === undefined)
    throw new SecGeminiError('invalidArgument', 'No terminal is open.', { action: 'Select text in a terminal first.' });
  const kept = await vscode.env.clipboard.readText();
  // Told apart from a selection by being nobody's text: without a selection the command copies nothing.
  const mark = `sec-gemini ${randomUUID()}`;
  let text: string;
  try {
    await vscode.env.clipboard.writeText(mark);
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
    text = await vscode.env.clipboard.readText();
  } finally {
    await vscode.env.clipboard.writeText(kept);
  }
  if (text === mark || text === '')
    throw new SecGeminiError('invalidArgument', 'Nothing is selected in the terminal.', {
      action: 'Select the text with the mouse, then run the command again.',
    });
  return namedText('terminal', `selection of the terminal "${terminal.name}"`, text, { guess: false });
}

async function namedText(
  base: string,
  origin: string,
  text: string,
  { guess = true }: { guess?: boolean } = {},
): Promise<AttachCandidate | undefined> {
  const type = guess ? guessTextType(text) : undefined;
  const name = await vscode.window.showInputBox({
    title: 'Name of the Attachment',
    prompt:
      type === undefined ? 'The ending tells its type.' : `It looks like: ${type.label}. The ending tells its type.`,
    value: base + (type?.extension ?? '.log'),
    valueSelection: [0, base.length],
    ignoreFocusOut: true,
    validateInput: (value) =>
      safeFileName(value) === value ? undefined : 'A name without slashes and control characters, please.',
  });
  if (name === undefined) return undefined;
  return { ...fromText(name, origin, text), mimeType: typeByName(name)?.mimeType };
}

export function typeByName(name: string): ContentType | undefined {
  const lower = name.toLowerCase();
  return CONTENT_TYPES.find(({ extension }) => lower.endsWith(extension));
}

/** The selected cells of the active notebook as one text, each under a line that names it. Asks about outputs when there are some. */
export async function fromNotebook(): Promise<AttachCandidate | undefined> {
  const editor = vscode.window.activeNotebookEditor;
  const cells = editor?.selections.flatMap((range) => editor.notebook.getCells(range)) ?? [];
  const [first] = cells;
  const last = cells.at(-1);
  if (editor === undefined || first === undefined || last === undefined)
    throw new SecGeminiError('invalidArgument', 'No notebook cell is selected.', {
      action: 'Open a notebook and select the cells that you want to attach.',
    });
  const hasOutputs = cells.some((cell) => cell.outputs.length > 0);
  let withOutputs = false;
  if (hasOutputs) {
    const choice = await vscode.window.showQuickPick(
      [
        { label: 'Cells only', outputs: false },
        { label: 'Cells and their outputs', description: 'text outputs', outputs: true },
      ],
      { title: 'Attach what of the notebook?' },
    );
    if (choice === undefined) return undefined;
    withOutputs = choice.outputs;
  }
  const { uri } = editor.notebook;
  const numbers = cells.length === 1 ? `cell ${first.index + 1}` : `cells ${first.index + 1}-${last.index + 1}`;
  return {
    ...fromText(
      `${safeFileName(uri.path)}:${numbers}`,
      `${numbers} of ${display(uri)}`,
      cells.map((cell) => cellText(cell, withOutputs)).join('\n'),
    ),
    paths: await pathsOf(uri),
    mimeType: 'text/plain',
    source: { folders: sourceOf(uri).folders },
  };
}

function cellText(cell: vscode.NotebookCell, withOutputs: boolean): string {
  const kind = cell.kind === vscode.NotebookCellKind.Code ? cell.document.languageId : 'markdown';
  const outputs = withOutputs ? cell.outputs.flatMap(({ items }) => items).flatMap(outputText) : [];
  return [
    `# %% cell ${cell.index + 1} [${kind}]`,
    cell.document.getText(),
    ...outputs.flatMap((text) => [`# %% output of cell ${cell.index + 1}`, text]),
    '',
  ].join('\n');
}

const ERROR_MIME = 'application/vnd.code.notebook.error';
const STREAM_MIMES: ReadonlySet<string> = new Set([
  'application/vnd.code.notebook.stdout',
  'application/vnd.code.notebook.stderr',
  ERROR_MIME,
]);

/** Text outputs only: pictures and live HTML of a notebook are not text. */
function outputText({ mime, data }: vscode.NotebookCellOutputItem): string[] {
  if (mime === 'text/html' || (!mime.startsWith('text/') && !STREAM_MIMES.has(mime) && mime !== 'application/json'))
    return [];
  return [new TextDecoder().decode(data)];
}
