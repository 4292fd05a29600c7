import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chooseEditor, chooseRig, findOnPath } from '../../../scripts/lib/choose-editor.ts';

const nothing = (): undefined => undefined;

describe('which VS Code npm start opens', () => {
  it('takes code from PATH first, with or without a display', () => {
    const find = (name: string): string | undefined => (name === 'code' ? '/somewhere/code' : undefined);
    for (const env of [{}, { DISPLAY: ':0' }]) {
      assert.deepEqual(chooseEditor({ platform: 'linux', env, find }), { kind: 'code', path: '/somewhere/code' });
    }
  });

  it('takes the downloaded copy where there is a display', () => {
    assert.equal(chooseEditor({ platform: 'linux', env: { DISPLAY: ':0' }, find: nothing }).kind, 'electron');
    assert.equal(
      chooseEditor({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, find: nothing }).kind,
      'electron',
    );
    assert.equal(chooseEditor({ platform: 'darwin', env: {}, find: nothing }).kind, 'electron');
    assert.equal(chooseEditor({ platform: 'win32', env: {}, find: nothing }).kind, 'electron');
  });

  it('takes the rig without a display, and opens no browser there', () => {
    const find = (name: string): string | undefined => (name === 'xdg-open' ? '/usr/bin/xdg-open' : undefined);
    const machine = { platform: 'linux', env: { DISPLAY: '' }, find } as const;
    assert.deepEqual(chooseEditor(machine), { kind: 'rig', browser: undefined });
    assert.deepEqual(chooseRig(machine), { kind: 'rig', browser: undefined });
  });

  it('opens a browser for the rig where there is a display (the copy could not be downloaded)', () => {
    const find = (name: string): string => `/bin/${name}`;
    const env = { DISPLAY: ':0' };
    assert.deepEqual(chooseRig({ platform: 'linux', env, find }), { kind: 'rig', browser: '/bin/xdg-open' });
    assert.deepEqual(chooseRig({ platform: 'darwin', env: {}, find }), { kind: 'rig', browser: '/bin/open' });
  });

  it('finds a program on PATH', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-path-'));
    try {
      const name = process.platform === 'win32' ? 'code.cmd' : 'code';
      writeFileSync(join(folder, name), '');
      chmodSync(join(folder, name), 0o755);
      const empty = join(folder, 'none');
      assert.equal(findOnPath('code', { PATH: `${empty}${delimiter}${folder}` }), join(folder, name));
      assert.equal(findOnPath('code', { PATH: empty }), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
