/** Git changes through the built-in Git extension's API, as one unified diff whose files the gate judges one by one. */

import { join } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { type DiffPiece, piecesOf } from '../../../core/attach-diff.ts';
import type { AttachCandidate } from '../../../core/attach-source.ts';
import type { MadeOf, OutgoingPart } from '../../../core/egress-model.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import { labelText } from '../../../core/visible-text.ts';
import { requireTrust } from '../trust.ts';
import { fromText } from './file.ts';
import { realPath } from './place.ts';

/** Of the Git extension's API (version 1), what is used here. */
interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: { readonly untrackedChanges?: readonly { readonly uri: vscode.Uri }[] };
  diff(cached?: boolean): Promise<string>;
  /** `git diff OBJECT OBJECT`; takes commits and trees as well as blobs. */
  diffBlobs(from: string, to: string): Promise<string>;
  log(options: { readonly maxEntries: number }): Promise<readonly Commit[]>;
}

interface Commit {
  readonly hash: string;
  readonly message: string;
  readonly parents: readonly string[];
  readonly authorName?: string | undefined;
  readonly authorDate?: Date | undefined;
}

interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly Repository[] };
}

const COMMITS_SHOWN = 200;
/** What a first commit is compared with; git knows it everywhere. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Asks which changes and gives their diff; undefined when the user closed a question. */
export async function fromGit(): Promise<AttachCandidate | undefined> {
  // A repository's own configuration may name programs that a diff runs.
  requireTrust('Git changes');
  const repository = await chooseRepository();
  if (repository === undefined) return undefined;
  const choice = await vscode.window.showQuickPick(
    [
      { label: 'Working tree', description: 'changes that are not staged', kind: 'working' as const },
      { label: 'Staged changes', description: 'what the next commit will hold', kind: 'staged' as const },
      { label: 'A commit…', description: 'picked from the log', kind: 'commit' as const },
    ].map(({ kind, ...row }) => ({ ...row, source: kind })),
    { title: 'Attach which changes?', placeHolder: folderName(repository) },
  );
  switch (choice?.source) {
    case undefined:
      return undefined;
    case 'working':
      return candidate('working-tree.diff', 'changes in the working tree', await repository.diff(false), repository);
    case 'staged':
      return candidate('staged.diff', 'staged changes', await repository.diff(true), repository);
    case 'commit':
      return fromCommit(repository);
  }
}

async function chooseRepository(): Promise<Repository | undefined> {
  const extension = vscode.extensions.getExtension<unknown>('vscode.git');
  const exported =
    extension === undefined ? undefined : extension.isActive ? extension.exports : await extension.activate();
  if (!isGit(exported))
    throw new SecGeminiError('unavailable', 'The Git extension of VS Code is not available here.', {
      action: 'Enable "Git" (built in) and its setting "git.enabled".',
    });
  const { repositories } = exported.getAPI(1);
  if (repositories.length === 0)
    throw new SecGeminiError('notFound', 'No Git repository is open.', {
      action: 'Open a folder with a repository; the Source Control view shows it.',
    });
  if (repositories.length === 1) return repositories[0];
  const choice = await vscode.window.showQuickPick(
    repositories.map((repository) => ({
      label: folderName(repository),
      description: labelText(repository.rootUri.fsPath, 200),
      repository,
    })),
    { title: 'Attach changes of which repository?' },
  );
  return choice?.repository;
}

async function fromCommit(repository: Repository): Promise<AttachCandidate | undefined> {
  const commits = await repository.log({ maxEntries: COMMITS_SHOWN });
  const choice = await vscode.window.showQuickPick(
    commits.map((commit) => ({
      label: labelText(commit.message.split('\n', 1)[0] ?? '', 100),
      description: `${commit.hash.slice(0, 8)}${commit.authorName === undefined ? '' : ` · ${labelText(commit.authorName, 40)}`}${commit.authorDate === undefined ? '' : ` · ${commit.authorDate.toISOString().slice(0, 10)}`}`,
      commit,
    })),
    { title: 'Attach which commit?', matchOnDescription: true },
  );
  if (choice === undefined) return undefined;
  const { hash, parents, message, authorName, authorDate } = choice.commit;
  const from = parents[0] ?? EMPTY_TREE;
  const header = [
    `commit ${hash}`,
    authorName === undefined ? '' : `Author: ${authorName}`,
    authorDate === undefined ? '' : `Date:   ${authorDate.toISOString()}`,
    '',
    ...message
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`),
    '',
    '',
  ];
  const diff = await repository.diffBlobs(from, hash);
  const short = hash.slice(0, 8);
  return candidate(`commit-${short}.diff`, `commit ${short}`, diff, repository, header.join('\n'));
}

async function candidate(
  name: string,
  what: string,
  diff: string,
  repository: Repository,
  header = '',
): Promise<AttachCandidate> {
  if (diff.trim() === '') {
    const untracked = repository.state.untrackedChanges?.length ?? 0;
    throw new SecGeminiError('invalidArgument', `There are no ${what} in "${folderName(repository)}".`, {
      action:
        untracked > 0
          ? 'Git does not track the new files yet: stage them, or attach them as files.'
          : 'Save your files, or pick other changes.',
    });
  }
  const { head, pieces } = piecesOf(diff);
  const before = header + head;
  return {
    ...fromText(
      name,
      `${what} of ${folderName(repository)}, ${pieces.length} ${pieces.length === 1 ? 'file' : 'files'}`,
      before + pieces.map(({ text }) => text).join(''),
    ),
    mimeType: 'text/x-diff',
    source: { folders: [folderName(repository)] },
    madeOf: await partsOf(repository, before, pieces),
  };
}

/** Each file of the diff with the places where it is or was, and the diff without some of them. */
async function partsOf({ rootUri }: Repository, head: string, pieces: readonly DiffPiece[]): Promise<MadeOf> {
  // A workspace folder may be opened through a link; git names the place behind it.
  const roots = [...new Set([rootUri.fsPath, await realPath(rootUri)])];
  const texts = new Map(
    pieces.map(({ paths, text }): [OutgoingPart, string] => [
      {
        name: paths.at(-1) ?? '(a file without a name)',
        paths: paths.flatMap((path) => roots.map((root) => join(root, path))),
      },
      text,
    ]),
  );
  return {
    parts: [...texts.keys()],
    roots,
    without: (left) => {
      const rest = [...texts].filter(([part]) => !left.has(part)).map(([, text]) => text);
      const note = `# Left out by the rules of this machine: ${left.size} ${left.size === 1 ? 'file' : 'files'}\n`;
      return fromText('', '', note + head + rest.join(''));
    },
  };
}

function folderName({ rootUri }: Repository): string {
  return labelText(rootUri.path.split('/').findLast((segment) => segment !== '') ?? rootUri.path, 60);
}

const git = z.looseObject({ getAPI: z.custom<GitExtension['getAPI']>((value) => typeof value === 'function') });

function isGit(value: unknown): value is GitExtension {
  return git.safeParse(value).success;
}
