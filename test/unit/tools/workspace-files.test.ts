/** The gate of the local tools over several folders, hard links, and its words. */

import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolRefusal } from '../../../src/core/tools/tool.ts';
import { WorkspaceFiles } from '../../../src/host/workspace-files.ts';
import { world } from './support.ts';

describe('the files of the workspace, for tools', () => {
  let base: string;
  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'sg-files-')));
    for (const name of ['one', 'two']) {
      await mkdir(join(base, name));
      await writeFile(join(base, name, 'a.txt'), name);
    }
    await symlink(join(base, 'two', 'a.txt'), join(base, 'one', 'to-two.txt'));
    await symlink(join(base, 'one'), join(base, 'linked'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const open = (...names: string[]): WorkspaceFiles =>
    new WorkspaceFiles({
      folders: () => names.map((name) => ({ name, path: join(base, name) })),
      rules: async () => new Map(),
    });
  const text = async (files: WorkspaceFiles, path: string): Promise<string> =>
    new TextDecoder().decode((await files.read(path, 100)).bytes);

  it('are named by their folder where there are several', async () => {
    const files = open('one', 'two');
    assert.equal(await text(files, 'one/a.txt'), 'one');
    assert.equal(await text(files, 'two/a.txt'), 'two');
    assert.equal((await files.place('two/a.txt')).shown, 'two/a.txt');
    assert.equal((await files.place(join(base, 'two', 'a.txt'))).shown, 'two/a.txt');
    await assert.rejects(files.place('a.txt'), /Several folders are open: begin the path with one of one, two/);
    await assert.rejects(files.place('one/../two/a.txt'), ToolRefusal);
  });

  it('are found in a workspace that was opened through a link, in its own spelling', async () => {
    const files = open('linked');
    const placed = await files.place('a.txt');
    assert.equal(placed.path, join(base, 'linked', 'a.txt'));
    assert.equal(placed.realPath, join(base, 'one', 'a.txt'));
    assert.equal(await text(files, 'a.txt'), 'one');
    assert.deepEqual(
      [...(await files.placeAll([join(base, 'linked', 'a.txt'), join(base, 'two', 'a.txt')])).placed.keys()],
      [join(base, 'linked', 'a.txt')],
    );
  });

  it('are refused in the same words, whatever the reason: nobody can feel where a file is', async () => {
    const files = open('one');
    await writeFile(join(base, 'one', '.env'), 'x');
    const words = new Set<string>();
    for (const path of ['missing.txt', '.env', '.env.missing', 'to-two.txt', '../two/a.txt', '/etc/passwd'])
      await files.read(path, 10).then(
        () => assert.fail(path),
        (error: unknown) => words.add(error instanceof Error ? error.message : ''),
      );
    assert.equal(words.size, 1, [...words].join('\n'));
  });

  it('are none when no folder is open, or the workspace is not trusted', async () => {
    await assert.rejects(open().place('a.txt'), /No folder of this machine is open/);
  });

  it('that the user chose are kept by the same rules, wherever they lie; what git ignores was chosen all the same', async () => {
    const w = await world({
      '.secgeminiignore': 'kept/\n',
      '.gitignore': '*.log\n',
      'kept/a.log': 'x\n',
      'b.log': 'x\n',
      '.env': 'TOKEN=x\n',
    });
    try {
      const rule = (...paths: string[]): Promise<string | undefined> =>
        w.files.ruleOfChosen(paths.map((path) => (path.startsWith('/') ? path : join(w.folder, path))));
      assert.match((await rule('kept/a.log')) ?? '', /kept\//);
      assert.notEqual(await rule('.env'), undefined);
      // A link with a harmless name to it.
      assert.notEqual(await rule('b.log', '.env'), undefined);
      assert.equal(await rule('b.log'), undefined);
      assert.equal(await rule('/var/log/auth.log'), undefined);
      assert.notEqual(await rule('/root/.ssh/id_rsa'), undefined);
    } finally {
      await w.dispose();
    }
  });

  it('with a second name on the disk are asked about although the tool is allowed (S25)', async () => {
    const w = await world({ 'a.txt': 'words\n' });
    try {
      await link(join(w.folder, 'a.txt'), join(w.folder, 'b.txt'));
      w.tools.consent.switchOn(w.sessionId);
      await w.startTurn();
      w.person = () => ({ kind: 'allow', forSession: true });
      await w.call('read_file', { path: 'a.txt' });
      await w.call('read_file', { path: 'b.txt' });
      assert.equal(w.asked.length, 2);
      assert.deepEqual(w.asked[1]?.notes, ['b.txt has 2 names on this disk']);
    } finally {
      await w.dispose();
    }
  });
});
