// The tools that VS Code knows: those of other extensions are offered as they are, its own terminal and file tools never.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { isNeverOffered } from '../../../src/core/tools/never-offered.ts';
import { VsCodeTools } from '../../../src/host/tools/vscode-tools.ts';

describe("VS Code's tools", function () {
  this.timeout(60_000);
  const source = new VsCodeTools();
  const { signal } = new AbortController();

  before(async () => {
    await vscode.extensions.getExtension('sg-test.other-tools')?.activate();
    while (!vscode.lm.tools.some(({ name }) => name === 'advisories_find'))
      await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('are those of other extensions, with their schema, and none of its own terminal or file tools', () => {
    const tools = source.tools();
    const found = tools.find(({ name }) => name === 'advisories_find');
    assert.equal(found?.description, 'Looks up the advisories of a package.');
    assert.deepEqual((found?.inputSchema as { required?: unknown } | undefined)?.required, ['package']);
    // Nothing is known of what it does: it is asked about at every call.
    assert.equal(found?.annotations, undefined);
    assert.ok(vscode.lm.tools.some(({ name }) => name === 'advisories_openTerminal'));
    const never = vscode.lm.tools.map(({ name }) => name).filter((name) => isNeverOffered(name));
    assert.ok(never.length > 0);
    assert.deepEqual(
      tools.map(({ name }) => name).filter((name) => never.includes(name) || /terminal|edit|createFile/i.test(name)),
      [],
    );
    console.log(`VS Code lists ${vscode.lm.tools.length} tools; offered: ${tools.map(({ name }) => name).join(' ')}`);
  });

  it('are called by VS Code, and a name that is not offered is not', async () => {
    assert.equal(
      (await source.call('advisories_find', { package: 'left-pad' }, { signal })).text,
      'advisories of left-pad: SA-7',
    );
    await assert.rejects(source.call('advisories_openTerminal', {}, { signal }), /no longer has this tool/);
    await assert.rejects(source.call('no_such_tool', {}, { signal }), /no longer has this tool/);
  });

  it('are stopped with their call', async () => {
    const stop = new AbortController();
    const called = source.call('advisories_wait', {}, { signal: stop.signal });
    stop.abort();
    // However VS Code ends it: it ends.
    await Promise.allSettled([called]);
    await assert.rejects(source.call('advisories_find', { package: 'x' }, { signal: stop.signal }), /was stopped/);
  });
});
