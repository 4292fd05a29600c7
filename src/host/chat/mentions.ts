/** What the composer offers after `#`: files of the workspace, the selection, problems, changes. Taking one attaches it by the usual way. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { sessionNode } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Completion, Mention } from '../../panel/protocol.ts';
import type { LastEditor } from '../last-editor.ts';
import type { Services } from '../services.ts';

const MAX_FILES = 30;
/** Addresses of offered files that are remembered: more than anybody scrolls through. */
const MAX_REMEMBERED = 2000;

export class Mentions {
  readonly #services: Services;
  readonly #lastEditor: LastEditor;
  readonly #attachFiles: (sessionId: string) => Promise<void>;
  /** Only what was offered can be taken: the page names files by reference, never by a path of its own. */
  readonly #offered = new Map<string, vscode.Uri>();

  /** `attachFiles` opens the native dialog. */
  constructor(services: Services, lastEditor: LastEditor, attachFiles: (sessionId: string) => Promise<void>) {
    this.#services = services;
    this.#lastEditor = lastEditor;
    this.#attachFiles = attachFiles;
  }

  async complete(query: string): Promise<readonly Completion[]> {
    const wanted = query.replace(/^file:/i, '');
    const fixed = KINDS.filter(({ label }) => label.slice(1).startsWith(query.toLowerCase())).map(
      ({ kind, label, detail }) => ({
        label,
        detail: kind === 'selection' ? (selectionWords(this.#lastEditor.current) ?? detail) : detail,
        insert: label,
        mention: { kind, reference: '' },
      }),
    );
    const files = (await findFiles(wanted)).map((uri) => {
      const reference = vscode.workspace.asRelativePath(uri);
      this.#remember(reference, uri);
      const name = uri.path.split('/').at(-1) ?? reference;
      return {
        label: `#${name}`,
        detail: reference,
        insert: `#${name}`,
        mention: { kind: 'file' as const, reference },
      };
    });
    return [...fixed, ...files];
  }

  /** Attaches what a mention names; every way ends in the same confirmation. */
  async take(sessionId: string, { kind, reference }: Mention): Promise<void> {
    const { run, attacher } = this.#services;
    // "#file" alone: the dialog, as with the button.
    if (kind === 'file' && reference === '') return this.#attachFiles(sessionId);
    switch (kind) {
      case 'selection':
        await run('attachSelection', sessionNode(sessionId));
        return;
      case 'problems':
        await run('attachProblems', sessionNode(sessionId));
        return;
      case 'changes':
        await run('attachChanges', sessionNode(sessionId));
        return;
      case 'file': {
        const uri = this.#offered.get(reference);
        if (uri === undefined)
          throw new SecGeminiError('notFound', `"${labelText(reference, 120)}" was not among the files offered.`, {
            action: 'Type # and pick it from the list.',
          });
        await attacher.uris(sessionId, [uri], 'hand');
      }
    }
  }

  #remember(reference: string, uri: vscode.Uri): void {
    this.#offered.delete(reference);
    this.#offered.set(reference, uri);
    const [oldest] = this.#offered.keys();
    if (this.#offered.size > MAX_REMEMBERED && oldest !== undefined) this.#offered.delete(oldest);
  }
}

const KINDS = [
  { kind: 'file', label: '#file', detail: 'Choose files…' },
  { kind: 'selection', label: '#selection', detail: 'What is selected in the editor' },
  { kind: 'problems', label: '#problems', detail: "The editor's problems" },
  { kind: 'changes', label: '#changes', detail: 'Changes in the repository' },
] as const satisfies readonly { kind: Mention['kind']; label: string; detail: string }[];

/** Of the editor that `attachSelection` takes it from. */
function selectionWords(editor: vscode.TextEditor | undefined): string | undefined {
  if (editor === undefined || editor.selection.isEmpty) return undefined;
  const { start, end } = editor.selection;
  // As it is attached: a selection that ends at the start of a line does not show that line as selected.
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  return `${vscode.workspace.asRelativePath(editor.document.uri)}:${(start.line + 1).toString()}-${last.toString()}`;
}

/** Open files first, then names in the workspace. In Restricted Mode the workspace is not searched (trust.md S15). */
async function findFiles(query: string): Promise<vscode.Uri[]> {
  const found = new Map<string, vscode.Uri>();
  const lower = query.toLowerCase();
  for (const { tabs } of vscode.window.tabGroups.all)
    for (const { input } of tabs)
      if (
        input instanceof vscode.TabInputText &&
        vscode.workspace.asRelativePath(input.uri).toLowerCase().includes(lower)
      )
        found.set(input.uri.toString(), input.uri);
  if (query !== '' && vscode.workspace.isTrusted) {
    const glob = [...query].map(eitherCase).join('');
    for (const uri of await vscode.workspace.findFiles(`**/*${glob}*`, undefined, MAX_FILES))
      found.set(uri.toString(), uri);
  }
  return [...found.values()].slice(0, MAX_FILES);
}

/** A glob for one character, literally, in either case. */
function eitherCase(character: string): string {
  const lower = character.toLowerCase();
  const upper = character.toUpperCase();
  if (lower !== upper && lower.length === 1 && upper.length === 1) return `[${lower}${upper}]`;
  return /[*?[\]{}!]/.test(character) ? `[${character}]` : character;
}
