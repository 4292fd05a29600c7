import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('is present and activates', async () => {
    const extension = vscode.extensions.getExtension('secgemini-vscode.sec-gemini');
    assert.ok(extension, 'the extension is installed');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
