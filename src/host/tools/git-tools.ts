/** Tools over Git, through the Git extension's API: read-only, and every file that is named or shown passes the gate's rules. */

import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { defineTool } from '../../core/tools/define-tool.ts';
import { piecesOf } from '../../core/attach-diff.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { pageOf } from '../../core/tools/output.ts';
import { type Tool, ToolRefusal, type ToolOutput } from '../../core/tools/tool.ts';
import type { WorkspaceFiles } from '../workspace-files.ts';
import { cursorArgument, pathArgument } from './file-tools.ts';
import { clip } from './text-file.ts';

/** Of the Git extension's API (version 1), what is used here. */
interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD?: {
      readonly name?: string;
      readonly commit?: string;
      readonly ahead?: number;
      readonly behind?: number;
    };
    readonly indexChanges: readonly Change[];
    readonly workingTreeChanges: readonly Change[];
    readonly mergeChanges: readonly Change[];
    readonly untrackedChanges?: readonly Change[];
  };
  diff(cached?: boolean): Promise<string>;
  diffBlobs(from: string, to: string): Promise<string>;
  blame(path: string): Promise<string>;
  show(ref: string, path: string): Promise<string>;
  log(options: { readonly maxEntries: number; readonly path?: string }): Promise<readonly Commit[]>;
  getCommit(ref: string): Promise<Commit>;
}

interface Change {
  readonly uri: vscode.Uri;
  readonly status: number;
}

interface Commit {
  readonly hash: string;
  readonly message: string;
  readonly parents: readonly string[];
  readonly authorName?: string | undefined;
  readonly authorDate?: Date | undefined;
}

/** The API's numbers. */
const STATUS = ['modified', 'added', 'deleted', 'renamed', 'copied', 'modified', 'deleted', 'untracked', 'ignored'];
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const LOG_ENTRIES = 200;

/** Never begins with a dash: git would take it for an option. */
const ref = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9_][\w./~^@{}-]{0,200}$/, 'a commit, branch or tag'),
    z.describe('Commit, branch or tag, e.g. HEAD~1'),
  );
const cursor = cursorArgument;

export function gitTools(files: WorkspaceFiles): readonly Tool[] {
  return [
    defineTool({
      name: 'git_status',
      title: 'State of the repository',
      description: 'Branch, and the files that are changed, staged, or not tracked.',
      input: z.object({ cursor }),
      run: (args) => status(files, args.cursor),
    }),
    defineTool({
      name: 'git_diff',
      title: 'Changes as a diff',
      description: 'Unified diff of the working tree, of what is staged, or of one commit.',
      input: z.object({
        of: z._default(z.enum(['working', 'staged', 'commit']), 'working'),
        commit: z.optional(ref).check(z.describe('For of=commit')),
        path: z.optional(pathArgument).check(z.describe('Only this file')),
      }),
      run: (args) => diff(files, args),
    }),
    defineTool({
      name: 'git_blame',
      title: 'Who changed which line',
      description: 'Commit, author and date for each line of a file.',
      input: z.object({ path: pathArgument, cursor }),
      run: async ({ path, cursor: from }) => {
        const { placed, repository } = await fileOf(files, path);
        const page = pageOf((await repository.blame(placed.path)).trimEnd().split('\n'), from, 500);
        return { text: joined([placed.shown, ...page.items.map((line) => clip(line))], page.more) };
      },
    }),
    defineTool({
      name: 'git_log',
      title: 'Log of commits',
      description: 'The latest commits, of the repository or of one file.',
      input: z.object({ path: z.optional(pathArgument), cursor }),
      run: async ({ path, cursor: from }) => {
        const file = path === undefined ? undefined : await fileOf(files, path);
        const repository = file?.repository ?? (await repositoryOf(files, undefined));
        const options = file === undefined ? {} : { path: file.placed.path };
        const commits = await repository.log({ maxEntries: LOG_ENTRIES, ...options });
        const page = pageOf(commits.map(commitLine), from, 50);
        return { text: joined(page.items.length === 0 ? ['[no commits]'] : page.items, page.more) };
      },
    }),
    defineTool({
      name: 'git_show',
      title: 'A file as it was in a commit',
      description: 'Text of a file in a commit, branch or tag.',
      input: z.object({ ref, path: pathArgument, cursor }),
      run: (args) => show(files, args),
    }),
  ];
}

function joined(lines: readonly string[], more: string): string {
  return [...lines, ...(more === '' ? [] : [more])].join('\n');
}

function commitLine({ hash, message, authorName, authorDate }: Commit): string {
  const when = authorDate === undefined ? '' : ` ${authorDate.toISOString().slice(0, 10)}`;
  return `${hash.slice(0, 12)}${when} ${clip(authorName ?? '', 60)}: ${clip(message.split('\n', 1)[0] ?? '', 200)}`;
}

async function repositories(): Promise<readonly Repository[]> {
  const extension = vscode.extensions.getExtension<{
    getAPI?: (version: 1) => { repositories: readonly Repository[] };
  }>('vscode.git');
  const exported = extension?.isActive === true ? extension.exports : await extension?.activate();
  const found = exported?.getAPI?.(1).repositories ?? [];
  if (found.length === 0)
    throw new SecGeminiError('notFound', 'No Git repository is open in the editor.', {
      action: 'Look at the files instead.',
    });
  return found;
}

/** The repository in which a path lies, the innermost one; without a path the first that lies in the workspace. */
async function repositoryOf(files: WorkspaceFiles, path: string | undefined): Promise<Repository> {
  const inWorkspace = (root: string): boolean =>
    files.folders.some((folder) => within(folder.path, root) || within(root, folder.path));
  const found = (await repositories())
    .filter(({ rootUri }) => (path === undefined ? inWorkspace(rootUri.fsPath) : within(rootUri.fsPath, path)))
    .toSorted((a, b) => b.rootUri.fsPath.length - a.rootUri.fsPath.length)[0];
  if (found === undefined)
    throw new SecGeminiError('notFound', 'No Git repository holds this.', { action: 'Look at the files instead.' });
  return found;
}

function within(root: string, path: string): boolean {
  return (
    path === root || path.startsWith(/[\\/]$/.test(root) ? root : `${root}${process.platform === 'win32' ? '\\' : '/'}`)
  );
}

async function fileOf(files: WorkspaceFiles, path: string) {
  const placed = await files.place(path);
  return { placed, repository: await repositoryOf(files, placed.path) };
}

async function status(files: WorkspaceFiles, from: string | undefined): Promise<ToolOutput> {
  const repository = await repositoryOf(files, undefined);
  const { HEAD, indexChanges, workingTreeChanges, mergeChanges, untrackedChanges = [] } = repository.state;
  const groups = [
    ['staged', indexChanges],
    ['conflict', mergeChanges],
    ['changed', workingTreeChanges],
    ['changed', untrackedChanges],
  ] as const;
  const rows: string[] = [];
  let kept = 0;
  for (const [group, changes] of groups)
    for (const { uri, status: number } of changes) {
      const relative = relativeIn(repository, uri.fsPath);
      if (relative === undefined || (await files.ruleOfName(repository.rootUri.fsPath, relative)) !== undefined)
        kept += 1;
      else rows.push(`${group} ${STATUS[number] ?? 'modified'} ${relative}`);
    }
  const page = pageOf([...new Set(rows)], from, 300);
  const head = `branch ${HEAD?.name ?? '(detached)'} at ${HEAD?.commit?.slice(0, 12) ?? 'no commit'}${HEAD?.ahead === undefined ? '' : `, ${HEAD.ahead} ahead, ${HEAD.behind ?? 0} behind`}`;
  const body = page.items.length === 0 ? ['[no changes]'] : page.items;
  return { text: joined([head, ...body, ...(kept === 0 ? [] : [`[${kept} kept on this machine]`])], page.more) };
}

function relativeIn({ rootUri }: Repository, path: string): string | undefined {
  if (!within(rootUri.fsPath, path)) return undefined;
  return path
    .slice(rootUri.fsPath.length)
    .replace(/^[\\/]/, '')
    .replaceAll('\\', '/');
}

async function diff(
  files: WorkspaceFiles,
  args: { of: 'working' | 'staged' | 'commit'; commit?: string | undefined; path?: string | undefined },
): Promise<ToolOutput> {
  const file = args.path === undefined ? undefined : await fileOf(files, args.path);
  const repository = file?.repository ?? (await repositoryOf(files, undefined));
  let head = '';
  let text: string;
  if (args.of === 'commit') {
    const commit = await repository.getCommit(args.commit ?? 'HEAD');
    head = `${commitLine(commit)}\n`;
    text = await repository.diffBlobs(commit.parents[0] ?? EMPTY_TREE, commit.hash);
  } else text = await repository.diff(args.of === 'staged');
  const only = file === undefined ? undefined : relativeIn(repository, file.placed.path);
  const { head: message, pieces } = piecesOf(text);
  const kept: string[] = [];
  let hidden = 0;
  for (const piece of pieces) {
    if (only !== undefined && !piece.paths.includes(only)) continue;
    const rules = await Promise.all(piece.paths.map((path) => files.ruleOfName(repository.rootUri.fsPath, path)));
    if (piece.paths.length > 0 && rules.every((rule) => rule === undefined)) kept.push(piece.text);
    else hidden += 1;
  }
  const body = kept.join('').trimEnd();
  const mark = hidden === 0 ? '' : `\n[${hidden} files are left out: kept on this machine]`;
  return { text: `${head}${message}${body === '' ? '[no changes]' : body}${mark}` };
}

async function show(
  files: WorkspaceFiles,
  { ref: at, path, cursor: from }: { ref: string; path: string; cursor?: string | undefined },
): Promise<ToolOutput> {
  // The file may be gone from the disk: then its name alone is judged, below the first folder.
  const [folder] = files.folders;
  const placed = await files.place(path).catch(async (error: unknown) => {
    if (!(error instanceof ToolRefusal) || folder === undefined || files.folders.length > 1) throw error;
    const rule = error.rule === 'no such file' ? await files.ruleOfName(folder.path, path) : error.rule;
    if (rule !== undefined) throw new ToolRefusal(path, rule);
    return { path: `${folder.path}/${path}`, shown: path };
  });
  const repository = await repositoryOf(files, placed.path);
  const relative = relativeIn(repository, placed.path);
  const rule = relative === undefined ? 'outside' : await files.ruleOfName(repository.rootUri.fsPath, relative);
  if (rule !== undefined) throw new ToolRefusal(path, rule);
  const lines = (await repository.show(at, placed.path)).split('\n');
  const page = pageOf(lines, from, 1000);
  const first = from === undefined ? 1 : Number(from) + 1;
  return {
    text: joined(
      [`${placed.shown} at ${at}`, ...page.items.map((line, index) => `${first + index}\t${clip(line, 4000)}`)],
      page.more,
    ),
  };
}
