/** Tools that ask the editor's language services: symbols, definitions, references, calls, types, problems. */

import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { defineTool } from '../../core/tools/define-tool.ts';
import { pageOf } from '../../core/tools/output.ts';
import { type Tool, type ToolContext, ToolInputError, type ToolOutput } from '../../core/tools/tool.ts';
import type { WorkspaceFiles } from '../workspace-files.ts';
import { cursorArgument, lineArgument, pathArgument } from './file-tools.ts';
import { type Row, locationRows, positionOf, positionShape, warmed } from './language-places.ts';
import { CallFiles, clip } from './text-file.ts';

const ROWS = 100;
const cursor = cursorArgument;
const position = z.object(positionShape);

export function languageTools(files: WorkspaceFiles): readonly Tool[] {
  /** A tool that goes from a place in a file to places elsewhere. */
  const jump = (name: string, title: string, description: string, command: string): Tool =>
    defineTool({
      name,
      title,
      description,
      input: z.extend(position, { cursor }),
      run: async (args, { signal }) => {
        const call = new CallFiles(files);
        const { uri, at } = await positionOf(call, args);
        const found = await warmed(
          { kind: command, uri, signal },
          () => vscode.commands.executeCommand<readonly Place[]>(command, uri, at),
          // A service that starts takes the asked place itself for the answer.
          (places) =>
            places.map(toLocation).some((place) => place.uri.fsPath !== uri.fsPath || !place.range.contains(at)),
        );
        return answer(files, call, found.map(toLocation), args.cursor);
      },
    });
  return [
    defineTool({
      name: 'document_symbols',
      title: 'Symbols of a file',
      description: 'Classes, functions, variables of a file with their lines.',
      input: z.object({ path: pathArgument, cursor }),
      run: (args, context) => documentSymbols(files, args, context),
    }),
    defineTool({
      name: 'workspace_symbols',
      title: 'Symbols of the workspace',
      description: 'Symbols whose name fits, in all files that the language services know.',
      input: z.object({
        query: z.string().check(z.minLength(1), z.maxLength(200), z.describe('Name or part of it')),
        cursor,
      }),
      run: (args, context) => workspaceSymbols(files, args, context),
    }),
    jump(
      'find_definition',
      'Go to the definition',
      'Where the symbol at a place is defined.',
      'vscode.executeDefinitionProvider',
    ),
    jump(
      'find_references',
      'Find all references',
      'Every place that uses the symbol at a place.',
      'vscode.executeReferenceProvider',
    ),
    jump(
      'find_implementations',
      'Find implementations',
      'What implements the interface or method at a place.',
      'vscode.executeImplementationProvider',
    ),
    defineTool({
      name: 'call_hierarchy',
      title: 'Callers and callees',
      description: 'Who calls the function at a place (incoming), or what it calls (outgoing), one level.',
      input: z.extend(position, { direction: z._default(z.enum(['incoming', 'outgoing']), 'incoming'), cursor }),
      run: (args, context) => callHierarchy(files, args, context),
    }),
    defineTool({
      name: 'hover',
      title: 'Type and documentation',
      description: 'What the editor shows when the mouse rests on a place: the type, the documentation.',
      input: position,
      run: (args, context) => hover(files, args, context),
    }),
    defineTool({
      name: 'diagnostics',
      title: 'Problems found by the editor',
      description: 'Errors and warnings of compilers and linters, for a file or for all files they looked at.',
      input: z.object({
        path: z.optional(pathArgument).check(z.describe('One file; default: all')),
        severity: z
          ._default(z.enum(['error', 'warning', 'information', 'hint']), 'warning')
          .check(z.describe('At least this grave')),
        startLine: z.optional(lineArgument),
        endLine: z.optional(lineArgument),
        cursor,
      }),
      run: (args, context) => diagnostics(files, args, context),
    }),
  ];
}

type Place = vscode.Location | vscode.LocationLink;

function toLocation(place: Place): vscode.Location {
  return 'targetUri' in place
    ? new vscode.Location(place.targetUri, place.targetSelectionRange ?? place.targetRange)
    : place;
}

async function answer(
  files: WorkspaceFiles,
  call: CallFiles,
  locations: readonly vscode.Location[],
  cursor: string | undefined,
): Promise<ToolOutput> {
  const rows = locations.map(({ uri, range }): Row => ({ uri, range, text: undefined }));
  return call.output(await locationRows(files, call, rows, cursor, ROWS));
}

async function documentSymbols(
  files: WorkspaceFiles,
  { path, cursor }: { path: string; cursor?: string | undefined },
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const call = new CallFiles(files);
  const file = await call.text(path);
  const uri = vscode.Uri.file(file.path);
  const found = await warmed({ kind: 'symbols', uri, signal }, () =>
    vscode.commands.executeCommand<readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[]>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    ),
  );
  const rows: string[] = [];
  const visit = (symbols: readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[], depth: number): void => {
    for (const symbol of symbols) {
      const range = 'range' in symbol ? symbol.range : symbol.location.range;
      rows.push(
        `${'  '.repeat(depth)}${vscode.SymbolKind[symbol.kind] ?? 'Symbol'} ${clip(symbol.name, 120)} lines ${range.start.line + 1}-${range.end.line + 1}`,
      );
      if ('children' in symbol && depth < 8) visit(symbol.children, depth + 1);
    }
  };
  visit(found, 0);
  const page = pageOf(rows, cursor, 500);
  const body =
    page.items.length === 0 ? ['[no symbols: the file has none, or no language service knows it]'] : page.items;
  return call.output([file.shown, ...body, ...(page.more === '' ? [] : [page.more])].join('\n'));
}

async function workspaceSymbols(
  files: WorkspaceFiles,
  { query, cursor }: { query: string; cursor?: string | undefined },
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const call = new CallFiles(files);
  const found = await warmed({ kind: 'workspace symbols', uri: undefined, signal }, () =>
    vscode.commands.executeCommand<readonly vscode.SymbolInformation[]>('vscode.executeWorkspaceSymbolProvider', query),
  );
  const rows = found.map(({ name, kind, location, containerName }): Row => {
    const within = containerName === '' ? '' : ` in ${clip(containerName, 100)}`;
    return {
      uri: location.uri,
      range: location.range,
      text: `${vscode.SymbolKind[kind] ?? 'Symbol'} ${clip(name, 120)}${within}`,
    };
  });
  return call.output(await locationRows(files, call, rows, cursor, ROWS));
}

async function callHierarchy(
  files: WorkspaceFiles,
  args: z.output<typeof position> & { direction: 'incoming' | 'outgoing'; cursor?: string | undefined },
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const call = new CallFiles(files);
  const { uri, at } = await positionOf(call, args);
  const [item] = await warmed({ kind: 'calls', uri, signal }, () =>
    vscode.commands.executeCommand<readonly vscode.CallHierarchyItem[]>('vscode.prepareCallHierarchy', uri, at),
  );
  if (item === undefined) throw new ToolInputError('There is no function or method at this place.');
  let rows: readonly Row[];
  if (args.direction === 'incoming') {
    const calls = await vscode.commands.executeCommand<readonly vscode.CallHierarchyIncomingCall[]>(
      'vscode.provideIncomingCalls',
      item,
    );
    rows = calls.flatMap(({ from, fromRanges }) =>
      fromRanges.map((range) => ({ uri: from.uri, range, text: `in ${clip(from.name, 120)}` })),
    );
  } else {
    const calls = await vscode.commands.executeCommand<readonly vscode.CallHierarchyOutgoingCall[]>(
      'vscode.provideOutgoingCalls',
      item,
    );
    rows = calls.map(({ to }) => ({ uri: to.uri, range: to.selectionRange, text: `calls ${clip(to.name, 120)}` }));
  }
  return call.output(await locationRows(files, call, rows, args.cursor, ROWS));
}

async function hover(
  files: WorkspaceFiles,
  args: z.output<typeof position>,
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const call = new CallFiles(files);
  const { uri, at, shown } = await positionOf(call, args);
  const found = await warmed({ kind: 'hover', uri, signal }, () =>
    vscode.commands.executeCommand<readonly vscode.Hover[]>('vscode.executeHoverProvider', uri, at),
  );
  const parts = found.flatMap(({ contents }) =>
    contents.map((content) => (typeof content === 'string' ? content : content.value)),
  );
  const text = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n');
  return call.output(`${shown}\n${text === '' ? '[nothing to show at this place]' : text}`);
}

const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;

async function diagnostics(
  files: WorkspaceFiles,
  args: {
    path?: string | undefined;
    severity: (typeof SEVERITIES)[number];
    startLine?: number | undefined;
    endLine?: number | undefined;
    cursor?: string | undefined;
  },
  { signal }: ToolContext,
): Promise<ToolOutput> {
  const call = new CallFiles(files);
  let all: readonly (readonly [vscode.Uri, readonly vscode.Diagnostic[]])[];
  let none = '[no problems]';
  if (args.path === undefined) all = vscode.languages.getDiagnostics();
  else {
    const file = await call.text(args.path);
    const uri = vscode.Uri.file(file.path);
    // Most services look only at what is shown in a tab.
    if (!isShown(uri))
      none = '[no problems are known; the file is in no tab, so few language services have looked at it]';
    const look = async (): Promise<readonly vscode.Diagnostic[]> => vscode.languages.getDiagnostics(uri);
    const found = isShown(uri) ? await warmed({ kind: 'diagnostics', uri, signal }, look) : await look();
    all = [[uri, found]];
  }
  const rows = all
    .flatMap(([uri, found]) => found.map((diagnostic) => ({ uri, diagnostic })))
    .filter(({ diagnostic: { severity, range } }) => {
      const line = range.start.line + 1;
      const grave: number = severity;
      return (
        grave <= SEVERITIES.indexOf(args.severity) &&
        line >= (args.startLine ?? 0) &&
        line <= (args.endLine ?? Infinity)
      );
    })
    .map(({ uri, diagnostic }): Row => {
      const { severity, source, code, message, range } = diagnostic;
      const id = typeof code === 'object' ? code.value : code;
      const origin = [source, id].filter((part) => part !== undefined && part !== '').join(' ');
      return {
        uri,
        range,
        text: `${SEVERITIES[severity] ?? 'problem'}${origin === '' ? '' : ` (${origin})`}: ${clip(message.replace(/\s+/g, ' '), 400)}`,
      };
    });
  return call.output(await locationRows(files, call, rows, args.cursor, 200, none));
}

function isShown(uri: vscode.Uri): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) =>
    tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.fsPath === uri.fsPath),
  );
}
