import assert from 'node:assert/strict';
import { isOfThisRemote } from '../../../src/core/remote.ts';

describe('an address of a remote window', () => {
  it('is on this machine only where it names this window’s own remote', () => {
    for (const [authority, name, expected] of [
      ['ssh-remote+build.example', 'ssh-remote', true],
      ['wsl+ubuntu', 'wsl', true],
      ['127.0.0.1:8080', '127.0.0.1:8080', true],
      ['wsl+ubuntu', 'ssh-remote', false],
      ['ssh-remote', 'ssh', false],
      ['ssh-remote+build.example', undefined, false],
      ['', '', false],
    ] as const)
      assert.equal(isOfThisRemote(authority, name), expected, `${authority} in ${String(name)}`);
  });
});
