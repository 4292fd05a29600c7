/** What the editor shows right now: open files, the selection, cells of notebooks. And all of the editor's own tools in one list. */

import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { defineTool } from '../../core/tools/define-tool.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { pageOf } from '../../core/tools/output.ts';
import { type Tool, type ToolOutput, type ToolProvider } from '../../core/tools/tool.ts';
import { decodeText } from '../../scan/text.ts';
import type { WorkspaceFiles } from '../workspace-files.ts';
import { ripgrepOf } from './candidates.ts';
import { cursorArgument, fileTools, pathArgument } from './file-tools.ts';
import { gitTools } from './git-tools.ts';
import { languageTools } from './language-tools.ts';
import { CallFiles, clip } from './text-file.ts';

const MAX_SELECTION = 20_000;
const MAX_NOTEBOOK_BYTES = 16 * 1024 * 1024;

/** The editor's tools, all read-only: the test of trust.md S16 holds this list against a snapshot. */
export function editorTools(files: WorkspaceFiles): ToolProvider {
  const tools = [
    ...fileTools({ files, ripgrep: ripgrepOf(vscode.env.appRoot) }),
    ...languageTools(files),
    ...gitTools(files),
    ...stateTools(files),
  ];
  return { name: 'Editor', tools: () => tools };
}

function stateTools(files: WorkspaceFiles): readonly Tool[] {
  return [
    defineTool({
      name: 'open_editors',
      title: 'Open editors and selection',
      description: 'Paths of the open editors, which one is active, and the selected text.',
      input: z.object({}),
      run: () => openEditors(files),
    }),
    defineTool({
      name: 'notebook_cells',
      title: 'Cells of a notebook',
      description: 'Source and text outputs of the cells of a notebook file (.ipynb).',
      input: z.object({ path: pathArgument, cursor: cursorArgument }),
      run: (args) => notebookCells(files, args),
    }),
  ];
}

async function openEditors(files: WorkspaceFiles): Promise<ToolOutput> {
  const call = new CallFiles(files);
  const inputs = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ input }) => input));
  const uris = inputs.flatMap((input) =>
    input instanceof vscode.TabInputText || input instanceof vscode.TabInputNotebook ? [input.uri] : [],
  );
  const { placed } = await files.placeAll([...new Set(uris.filter(isLocal).map(({ fsPath }) => fsPath))]);
  const lines = [...placed.values()].filter(({ notes }) => notes.length === 0).map(({ shown }) => shown);
  const left = new Set(uris.map((uri) => uri.toString())).size - lines.length;
  if (left > 0) lines.push(`[${left} more are not of the workspace, ignored or kept on this machine]`);
  const active = vscode.window.activeTextEditor;
  const file =
    active === undefined || !isLocal(active.document.uri) ? undefined : placed.get(active.document.uri.fsPath);
  if (active !== undefined && file !== undefined && file.notes.length === 0) {
    // Read through the gate as well, so that what leaves is bound to the file.
    await call.text(file.path);
    const { start, end, isEmpty } = active.selection;
    lines.push(
      `active: ${file.shown}, ${isEmpty ? `cursor in line ${start.line + 1}` : `selection of lines ${start.line + 1} to ${end.line + 1}:`}`,
    );
    if (!isEmpty) lines.push(clip(active.document.getText(active.selection), MAX_SELECTION));
  }
  return call.output(lines.length === 0 ? '[no open editors]' : lines.join('\n'));
}

function isLocal(uri: vscode.Uri): boolean {
  return uri.scheme === 'file';
}

const cell = z.looseObject({
  cell_type: z.string(),
  source: z.union([z.string(), z.array(z.string())]),
  outputs: z.optional(
    z.array(
      z.looseObject({
        text: z.optional(z.union([z.string(), z.array(z.string())])),
        data: z.optional(z.record(z.string(), z.unknown())),
      }),
    ),
  ),
});
const notebook = z.looseObject({ cells: z.array(cell) });

async function notebookCells(
  files: WorkspaceFiles,
  { path, cursor }: { path: string; cursor?: string | undefined },
): Promise<ToolOutput> {
  const read = await files.read(path, MAX_NOTEBOOK_BYTES);
  let cells: z.output<typeof notebook>['cells'];
  try {
    cells = notebook.parse(JSON.parse(decodeText(read.bytes))).cells;
  } catch {
    throw new SecGeminiError('invalidArgument', `${read.shown} is no notebook that can be read.`, {
      action: 'Read it as a file.',
    });
  }
  const joined = (source: string | readonly string[]): string =>
    typeof source === 'string' ? source : source.join('');
  const shown = cells.map(({ cell_type: kind, source, outputs = [] }, index) => {
    const said = outputs.map(({ text, data }) => {
      const plain = text ?? data?.['text/plain'];
      return typeof plain === 'string' || Array.isArray(plain)
        ? joined(plain as string | string[])
        : '[an output that is no text]';
    });
    return `--- cell ${index + 1}, ${kind}\n${joined(source)}${said.length === 0 ? '' : `\n--- output of cell ${index + 1}\n${said.join('\n')}`}`;
  });
  const page = pageOf(shown, cursor, 50);
  const text = [read.shown, ...page.items, ...(page.more === '' ? [] : [page.more])].join('\n');
  return { text, files: [read.identity], notes: read.notes };
}
