/** Code of an answer: which block, which hunks, and what to do with it. Files other than the one asked about need a second yes. */

import * as vscode from 'vscode';
import type { AnchorPlace } from '../../core/anchor.ts';
import {
  type CodeBlock,
  type Hunk,
  blockEdit,
  hunkEdit,
  parseCode,
  parseHunks,
  steersTheEditor,
} from '../../core/code-blocks.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { parseReference } from '../../core/file-reference.ts';
import { type SecretMap, restorePlaceholders } from '../../core/redaction.ts';
import { labelText } from '../../core/visible-text.ts';
import { linesOfDocument, pathOf } from '../code-documents.ts';
import type { Proposals } from './proposals.ts';

/** The code that was asked about. */
export interface CodeTarget {
  readonly uri: vscode.Uri;
  /** Where it is now. */
  place(): AnchorPlace;
  /** Takes what stands over the code out of the way of a diff. */
  makeRoom?(): void;
}

/**
 * `answer` is the Markdown that holds the code. `secrets`: what its placeholders stand for. The file gets back what the file held; the clipboard,
 * which may go anywhere, does not.
 */
export async function useCode(
  proposals: Proposals,
  target: CodeTarget,
  answer: string,
  secrets: SecretMap,
): Promise<void> {
  const block = await chooseBlock(parseCode(answer));
  if (block === undefined) return;
  const code = restorePlaceholders(block.code, secrets);
  const restored: CodeBlock = {
    ...block,
    code,
    hunks: block.hunks.length === 0 ? [] : parseHunks(code, block.language),
  };
  const action = await vscode.window.showQuickPick(
    [
      { label: 'Open as Diff', description: 'against the code as it is now; you apply it there', id: 'diff' },
      { label: 'Copy', description: 'to the clipboard', id: 'copy' },
      { label: 'Insert at Cursor', description: 'into the file of this thread', id: 'insert' },
    ] as const,
    { title: 'Use the Code', placeHolder: 'What to do with it?' },
  );
  if (action === undefined) return;
  if (action.id === 'copy') await vscode.env.clipboard.writeText(block.code);
  else if (action.id === 'insert') await insert(target, restored.code);
  else await openAsDiff(proposals, target, restored);
}

async function chooseBlock(blocks: readonly CodeBlock[]): Promise<CodeBlock | undefined> {
  if (blocks.length === 0)
    throw new SecGeminiError('invalidArgument', 'This answer holds no block of code.', { action: 'Ask for one.' });
  if (blocks.length === 1) return blocks[0];
  const rows = blocks.map((block, index) => ({
    label: `${index + 1}: ${block.language === '' ? 'code' : block.language}`,
    description:
      block.hunks.length > 0 ? countOf(block.hunks.length, 'change') : countOf(block.code.split('\n').length, 'line'),
    detail: labelText(block.code, 120),
    block,
  }));
  return (await vscode.window.showQuickPick(rows, { title: 'Which code of the answer?' }))?.block;
}

/** One diff for each file that the block changes. */
export async function openAsDiff(proposals: Proposals, target: CodeTarget, block: CodeBlock): Promise<void> {
  const document = await documentOf(target);
  target.makeRoom?.();
  const place = (): AnchorPlace => target.place();
  if (block.hunks.length === 0) {
    if (place().confidence === 'lost')
      throw new SecGeminiError('invalidArgument', 'The code that was asked about is no longer in the file.', {
        action: 'Copy the code of the answer instead.',
      });
    await proposals.open(document, (now) => [blockEdit(linesOfDocument(now), place(), block.code)]);
    return;
  }
  const hunks = await chooseHunks(block.hunks);
  if (hunks === undefined || hunks.length === 0) return;
  for (const [path, group] of byFile(hunks, document)) {
    const file = path === undefined ? document : await otherFile(path, document);
    if (file === undefined) continue;
    const near = (): number => (file === document ? place().first : 1);
    await proposals.open(file, (now) => group.map((hunk) => hunkEdit(linesOfDocument(now), hunk, near())));
  }
}

async function chooseHunks(hunks: readonly Hunk[]): Promise<readonly Hunk[] | undefined> {
  if (hunks.length === 1) return hunks;
  const rows = hunks.map((hunk, index) => ({
    label: `Change ${index + 1}`,
    description: hunk.path === undefined ? '' : labelText(hunk.path, 80),
    detail: labelText(
      hunk.after.find((line) => line.trim() !== '' && !hunk.before.includes(line)) ?? hunk.before[0] ?? '',
      120,
    ),
    picked: true,
    hunk,
  }));
  const chosen = await vscode.window.showQuickPick(rows, { title: 'Which changes?', canPickMany: true });
  return chosen?.map(({ hunk }) => hunk);
}

/** Hunks by the file they name; those of the file asked about under undefined. */
function byFile(hunks: readonly Hunk[], asked: vscode.TextDocument): ReadonlyMap<string | undefined, readonly Hunk[]> {
  const own = pathOf(asked.uri);
  const groups = new Map<string | undefined, Hunk[]>();
  for (const hunk of hunks) {
    const path = hunk.path?.replaceAll('\\', '/');
    const isOwn = path === undefined || path === own || own.endsWith(`/${path}`);
    const key = isOwn ? undefined : path;
    groups.set(key, [...(groups.get(key) ?? []), hunk]);
  }
  return groups;
}

/** A file that was not asked about: only below the workspace, never one that steers the editor, and only after a yes of its own. */
async function otherFile(path: string, asked: vscode.TextDocument): Promise<vscode.TextDocument | undefined> {
  const shown = labelText(path, 120);
  const relative = parseReference(path)?.path;
  if (relative === undefined || steersTheEditor(relative))
    throw new SecGeminiError('permissionDenied', `The change to "${shown}" is not offered.`, {
      action: 'Files that steer the editor or lie outside the workspace are changed by hand only.',
    });
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    const uri = vscode.Uri.joinPath(folder.uri, relative);
    const isThere = await vscode.workspace.fs.stat(uri).then(
      ({ type }) => (type & vscode.FileType.File) !== 0 && (type & vscode.FileType.SymbolicLink) === 0,
      () => false,
    );
    if (!isThere) continue;
    const choice = await vscode.window.showWarningMessage(
      `Open a change to ${shown}?`,
      {
        modal: true,
        detail: `The question was about ${pathOf(asked.uri)}. The answer wants to change another file too.`,
      },
      'Open Diff',
    );
    return choice === 'Open Diff' ? vscode.workspace.openTextDocument(uri) : undefined;
  }
  throw new SecGeminiError('notFound', `There is no file "${shown}" in this workspace.`, {
    action: 'Copy the code of the answer instead.',
  });
}

async function insert(target: CodeTarget, code: string): Promise<void> {
  const document = await documentOf(target);
  const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
  await editor.edit((edit) => edit.replace(editor.selection, code));
}

async function documentOf({ uri }: CodeTarget): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch (error) {
    throw new SecGeminiError('notFound', 'The file of this thread cannot be opened.', {
      action: 'It may have been deleted or moved.',
      cause: error,
    });
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
