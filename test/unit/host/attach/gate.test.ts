import assert from 'node:assert/strict';
import { type FileHandle, mkdir, mkdtemp, open, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutgoingFile } from '../../../../src/core/egress-model.ts';
import { createPathGate, folderGate, openThroughGate, realPathsOf } from '../../../../src/host/attach/gate.ts';

const CANARY = 'canary-outside';

describe('path gate on disk', () => {
  let base: string;
  let ws: string;

  beforeEach(async () => {
    base = await realpath(await mkdtemp(join(tmpdir(), 'gate-')));
    ws = join(base, 'ws');
    await mkdir(join(ws, 'src'), { recursive: true });
    await mkdir(join(base, 'ws-evil'));
    await writeFile(join(ws, 'src', 'app.ts'), 'inside');
    await writeFile(join(ws, '.env'), CANARY);
    await writeFile(join(base, 'ws-evil', 'x.txt'), CANARY);
    await writeFile(join(base, 'outside.txt'), CANARY);
    const dir = process.platform === 'win32' ? 'junction' : 'dir';
    await symlink(join(base, 'outside.txt'), join(ws, 'out.txt'));
    await symlink(base, join(ws, 'up'), dir);
    await symlink(join(ws, '.env'), join(ws, 'notes.txt'));
    await symlink(join(ws, 'chain2.txt'), join(ws, 'chain.txt'));
    await symlink(join(base, 'outside.txt'), join(ws, 'chain2.txt'));
    await symlink(join(ws, 'loop'), join(ws, 'loop'));
    await symlink(join(ws, 'nowhere'), join(ws, 'dangling'));
    await symlink(join(ws, 'src', 'app.ts'), join(ws, 'in.ts'));
  });

  afterEach(async () => rm(base, { recursive: true, force: true }));

  const read = async (path: string): Promise<string> => {
    const opened = await openThroughGate(createPathGate([ws]), path);
    try {
      return await content(opened.handle);
    } finally {
      await opened.handle.close();
    }
  };

  it('opens files inside, through links that stay inside', async () => {
    assert.equal(await read('src/app.ts'), 'inside');
    assert.equal(await read(join(ws, 'in.ts')), 'inside');
  });

  it('opens nothing outside, nothing denied, and no folder', async () => {
    for (const path of [
      'out.txt',
      'up/outside.txt',
      'up/ws-evil/x.txt',
      'notes.txt',
      'chain.txt',
      'loop',
      'dangling',
      '.env',
      'src',
      '../outside.txt',
      'missing',
      join(base, 'outside.txt'),
      join(base, 'ws-evil', 'x.txt'),
      'up/ws/.env',
    ])
      await assert.rejects(read(path), { code: 'permissionDenied' }, path);
  });

  it('lets no outside byte through while a link is swapped in and out', async () => {
    const target = join(ws, 'swap.txt');
    const [good, bad] = [join(ws, 'good'), join(ws, 'bad')];
    let swapping = true;
    const swapper = (async () => {
      while (swapping) {
        await writeFile(good, 'inside');
        await rename(good, target);
        await symlink(join(base, 'outside.txt'), bad);
        await rename(bad, target);
      }
    })();
    let opened = 0;
    let refused = 0;
    try {
      for (let round = 0; round < 1000; round += 1) {
        const text = await read('swap.txt').catch(() => undefined);
        assert.notEqual(text, CANARY);
        if (text === undefined) refused += 1;
        else opened += 1;
      }
    } finally {
      swapping = false;
      await swapper;
    }
    assert.equal(opened + refused, 1000);
  }).timeout(30_000);

  it('lets no outside byte through while a folder above is swapped for a link', async () => {
    await writeFile(join(base, 'ws-evil', 'app.ts'), CANARY);
    let swapping = true;
    const swapper = (async () => {
      while (swapping) {
        await rename(join(ws, 'src'), join(ws, 'kept'));
        await symlink(join(base, 'ws-evil'), join(ws, 'src'), 'dir');
        await rm(join(ws, 'src'));
        await rename(join(ws, 'kept'), join(ws, 'src'));
      }
    })();
    try {
      for (let round = 0; round < 1000; round += 1)
        assert.notEqual(await read('src/app.ts').catch(() => undefined), CANARY);
    } finally {
      swapping = false;
      await swapper;
    }
  }).timeout(30_000);

  it('judges the files of a folder attach', async () => {
    const file = (...paths: string[]): OutgoingFile => ({ name: 'x', origin: 'x', paths, size: 1, async *open() {} });
    const gate = folderGate([ws]);
    assert.equal(await gate(file(join(ws, 'src', 'app.ts'))), undefined);
    for (const [path, rule] of [
      [join(ws, 'out.txt'), 'a link to outside the folder'],
      [join(base, 'outside.txt'), 'outside the folder'],
      [join(base, 'ws-evil', 'x.txt'), 'outside the folder'],
      [join(ws, '.env'), '.env*'],
      [join(ws, 'notes.txt'), '.env*'],
    ] as const)
      assert.deepEqual(await gate(file(path)), { kind: 'refused', rule }, path);
    assert.deepEqual(await gate(file()), { kind: 'refused', rule: 'outside the folder' });
  });

  it('gives the paths of what was opened: the name that was asked for and where it lies', async () => {
    const app = join(ws, 'src', 'app.ts');
    const pathsOf = async (asked: string, opened = asked): Promise<readonly string[]> => {
      const handle = await open(opened, 'r');
      try {
        return await realPathsOf(asked, handle);
      } finally {
        await handle.close();
      }
    };
    assert.deepEqual(await pathsOf(app), [app]);
    assert.deepEqual(await pathsOf(join(ws, 'in.ts')), [join(ws, 'in.ts'), app]);
    // A link that leads elsewhere by now: either the rules get the file that was opened, or the file is refused.
    const swapped = await pathsOf(join(ws, 'in.ts'), join(ws, 'notes.txt')).catch(() => [join(ws, '.env')]);
    assert.ok(swapped.includes(join(ws, '.env')));
  });
});

async function content(handle: FileHandle): Promise<string> {
  return await handle.readFile('utf8');
}
