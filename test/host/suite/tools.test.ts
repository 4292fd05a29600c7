// The whole registry inside the real editor: language services, Git, notebooks; and the one gate that all of them pass.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { Tool, ToolOutput } from '../../../src/core/tools/tool.ts';
import { workspaceRules } from '../../../src/host/attach/workspace-rules.ts';
import { editorTools } from '../../../src/host/tools/editor-tools.ts';
import { WorkspaceFiles } from '../../../src/host/workspace-files.ts';
import { ALLOWED, REFUSED, REFUSED_ANYWHERE } from '../../unit/core/path-spellings.ts';

const CANARY = 'CANARY-5e77';
const SHAPES = [
  'export interface Shape { width: number; height: number }',
  'export function area(shape: Shape): number {',
  '  return shape.width * shape.height;',
  '}',
  'export class Square implements Shape { width = 1; height = 1 }',
  'export const wrong: string = area({ width: 1, height: 2 });',
  '',
].join('\n');

describe('the tools of the editor', function () {
  this.timeout(120_000);
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const outside = join(dirname(root), `outside-${process.pid}.txt`);
  const files = new WorkspaceFiles({ folders: () => [{ name: 'ws', path: root }], rules: workspaceRules });
  const tools: readonly Tool[] = editorTools(files).tools();

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.invalid', ...args], { cwd: root, stdio: 'ignore' });
  };
  const run = async (name: string, args: unknown): Promise<ToolOutput> => {
    const tool = tools.find((each) => each.name === name);
    assert.ok(tool !== undefined, name);
    return tool.run(tool.parse(args), { signal: new AbortController().signal });
  };
  const text = async (name: string, args: unknown): Promise<string> => (await run(name, args)).text;

  before(async () => {
    write('t/shapes.ts', SHAPES);
    write('t/main.ts', "import { area } from './shapes';\nconsole.log(area({ width: 3, height: 4 }));\n");
    write(
      't/book.ipynb',
      JSON.stringify({ cells: [{ cell_type: 'code', source: ['1 + 1'], outputs: [{ text: ['2'] }] }] }),
    );
    write('t/.env', `TOKEN=${CANARY}\n`);
    write('t/kept/plan.txt', `${CANARY}\n`);
    write('t/build/out.js', `var canary = "${CANARY}";\n`);
    write('.secgeminiignore', 'kept/\n');
    write('.gitignore', 'build/\n');
    writeFileSync(outside, CANARY);
    symlinkSync(outside, join(root, 't', 'out.txt'));
    symlinkSync(join(root, 't', '.env'), join(root, 't', 'innocent.txt'));
    git('init', '-q');
    git('add', '-f', 't/shapes.ts', 't/main.ts', 't/.env', 't/kept/plan.txt', '.gitignore');
    git('commit', '-q', '-m', 'The first commit');
    write('t/main.ts', "import { area } from './shapes';\nconsole.log(area({ width: 3, height: 5 }));\n");
    write('t/.env', `TOKEN=${CANARY}-changed\n`);
    await vscode.window.showTextDocument(vscode.Uri.file(join(root, 't', 'shapes.ts')));
  });

  after(() => rmSync(outside, { force: true }));

  it('are these, all read-only, with closed schemas (S16, S28)', () => {
    assert.deepEqual(
      tools.map(({ name }) => name),
      [
        'list_files',
        'read_file',
        'search_text',
        'document_symbols',
        'workspace_symbols',
        'find_definition',
        'find_references',
        'find_implementations',
        'call_hierarchy',
        'hover',
        'diagnostics',
        'git_status',
        'git_diff',
        'git_blame',
        'git_log',
        'git_show',
        'open_editors',
        'notebook_cells',
      ],
    );
    for (const { name, annotations, inputSchema, preview } of tools) {
      assert.deepEqual(
        annotations,
        { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
        name,
      );
      assert.equal(inputSchema.additionalProperties, false, name);
      assert.equal(preview, true, name);
      assert.throws(() => tools.find((tool) => tool.name === name)?.parse({ approved: true }), name);
    }
  });

  it('list, read and search', async () => {
    const listed = await text('list_files', { path: 't' });
    assert.match(listed, /^t\/main\.ts$/m);
    assert.ok(!/\.env|plan\.txt|out\.js/.test(listed), listed);
    assert.equal(
      await text('read_file', { path: 't/main.ts', startLine: 2 }),
      't/main.ts, lines 2 to 2 of 2\n2\tconsole.log(area({ width: 3, height: 5 }));',
    );
    const found = await run('search_text', { query: 'shape.width' });
    assert.match(found.text, /^t\/shapes\.ts:3: return shape\.width \* shape\.height;$/m);
    assert.deepEqual(
      found.files?.map(({ path }) => path),
      ['t/shapes.ts'],
    );
    assert.match(await text('search_text', { query: 'sh[a-z]+\\.width', isRegex: true }), /t\/shapes\.ts:3/);
    assert.equal(await text('search_text', { query: CANARY }), `[no matches for "${CANARY}"]`);
    for (const query of ['--pre=cat', '-f/etc/passwd', '--hidden'])
      assert.match(await text('search_text', { query }), /^\[no matches/);
  });

  it('ask the language services', async () => {
    const at = { path: 't/main.ts', line: 2, symbol: 'area' };
    assert.equal(await text('find_definition', at), 't/shapes.ts:2: export function area(shape: Shape): number {');
    const references = await text('find_references', at);
    for (const place of ['t/main.ts:1: ', 't/main.ts:2: ', 't/shapes.ts:2: ', 't/shapes.ts:6: '])
      assert.ok(references.includes(place), references);
    assert.match(
      await text('find_implementations', { path: 't/shapes.ts', line: 1, symbol: 'Shape' }),
      /t\/shapes\.ts:5: export class Square/,
    );
    assert.match(await text('call_hierarchy', { path: 't/shapes.ts', line: 2, symbol: 'area' }), /t\/main\.ts:2: in /);
    assert.match(await text('hover', at), /area\(shape: Shape\): number/);
    assert.match(await text('document_symbols', { path: 't/shapes.ts' }), /Function area lines 2-4/);
    assert.match(await text('workspace_symbols', { query: 'Square' }), /t\/shapes\.ts:5: Class Square/);
    assert.match(
      await text('diagnostics', { path: 't/shapes.ts' }),
      /t\/shapes\.ts:6: error \(ts 2322\): Type 'number' is not assignable/,
    );
    assert.match(await text('diagnostics', { path: 't/main.ts' }), /in no tab/);
    await assert.rejects(run('hover', { ...at, symbol: 'nothing' }), /symbol: it is not in line 2/);
  });

  it('ask Git, without the files that are kept here', async () => {
    for (let round = 0; round < 100; round += 1) {
      try {
        await run('git_status', {});
        break;
      } catch {
        await vscode.commands.executeCommand('git.openRepository', root);
      }
    }
    await vscode.commands.executeCommand('git.refresh');
    const status = await text('git_status', {});
    assert.match(status, /^branch \S+ at [0-9a-f]{12}/);
    assert.match(status, /^changed modified t\/main\.ts$/m);
    assert.ok(!status.includes('.env') && !status.includes('plan.txt'), status);
    const diff = await text('git_diff', {});
    assert.match(diff, /\+console\.log\(area\(\{ width: 3, height: 5 \}\)\);/);
    assert.ok(!diff.includes(CANARY) && diff.includes('left out'), diff);
    const commit = await text('git_diff', { of: 'commit', commit: 'HEAD' });
    assert.ok(
      commit.includes('The first commit') && commit.includes('+export function area') && !commit.includes(CANARY),
      commit,
    );
    assert.match(await text('git_log', {}), /^[0-9a-f]{12} \d{4}-\d\d-\d\d t: The first commit$/m);
    assert.match(await text('git_blame', { path: 't/shapes.ts' }), /export function area/);
    assert.match(
      await text('git_show', { ref: 'HEAD', path: 't/main.ts' }),
      /2\tconsole\.log\(area\(\{ width: 3, height: 4 \}\)\);/,
    );
    for (const path of ['t/.env', 't/kept/plan.txt', 't/innocent.txt'])
      await assert.rejects(run('git_show', { ref: 'HEAD', path }), { name: 'ToolRefusal' }, path);
    assert.throws(() => tools.find(({ name }) => name === 'git_show')?.parse({ ref: '--output=x', path: 'a' }));
  });

  it('show what the editor shows, and cells of notebooks', async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(join(root, 't', 'shapes.ts')));
    editor.selection = new vscode.Selection(1, 0, 1, 20);
    const open = await text('open_editors', {});
    assert.match(open, /active: t\/shapes\.ts, selection of lines 2 to 2:\nexport function area$/);
    assert.match(
      await text('notebook_cells', { path: 't/book.ipynb' }),
      /cell 1, code\n1 \+ 1\n--- output of cell 1\n2/,
    );
  });

  it('read the unsaved text of an open editor, and are bound to its version', async () => {
    write('t/draft.txt', 'saved\n');
    const document = await vscode.workspace.openTextDocument(join(root, 't', 'draft.txt'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), 'unsaved ');
    await vscode.workspace.applyEdit(edit);
    const own = new WorkspaceFiles({
      folders: () => [{ name: 'ws', path: root }],
      rules: workspaceRules,
      unsaved: (path) =>
        path === document.uri.fsPath ? { text: document.getText(), version: document.version } : undefined,
    });
    const read = await own.read('t/draft.txt', 100);
    assert.equal(new TextDecoder().decode(read.bytes), 'unsaved saved\n');
    assert.equal(await own.unchanged(read.identity), true);
    await vscode.workspace.applyEdit(edit);
    assert.equal(await own.unchanged(read.identity), false);
    await document.save();
  });

  it('give nothing that is kept here or lies outside, by any spelling: every tool that takes a path (S24 to S26)', async () => {
    const spellings = [
      ...new Set([...REFUSED_ANYWHERE, ...REFUSED.posix, ...ALLOWED.posix]),
      ...[
        't/.env',
        't/out.txt',
        't/innocent.txt',
        't/kept/plan.txt',
        `../${outside.split('/').at(-1) ?? ''}`,
        outside,
        't/.ENV',
      ],
    ];
    const more: Record<string, unknown> = { query: CANARY, line: 1, ref: 'HEAD' };
    let tried = 0;
    for (const tool of tools) {
      const { properties = {}, required = [] } = tool.inputSchema as { properties?: object; required?: string[] };
      if (!('path' in properties)) continue;
      for (const path of spellings) {
        tried += 1;
        const needed = Object.fromEntries(required.filter((name) => name in more).map((name) => [name, more[name]]));
        let output: string;
        try {
          output = await text(tool.name, { ...needed, path });
        } catch (error) {
          output = error instanceof Error ? error.message : '';
        }
        const said = output.replace(`[no matches for "${CANARY}"]`, '');
        assert.ok(
          !said.includes(CANARY) && !/root:.*:0:0/.test(said),
          `${tool.name} ${JSON.stringify(path)}: ${said.slice(0, 200)}`,
        );
      }
    }
    assert.ok(tried > 2000, String(tried));
  });
});
