// A generated hello-world extension: the floor that our activation is measured against, and a check of the rig itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The id of the generated extension when it has its usual name. */
export const helloId = 'rig.hello';

/** Writes the extension into `folder` (made when missing) and returns the folder. */
export function writeHelloExtension(folder: string, name = 'hello'): string {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    name,
    publisher: 'rig',
    version: '0.0.1',
    engines: { vscode: '^1.103.0' },
    main: './extension.cjs',
    activationEvents: [],
    contributes: { commands: [{ command: `rig.${name}.greet`, title: 'Greet', category: 'Rig' }] },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(folder, 'extension.cjs'),
    `'use strict';
const vscode = require('vscode');
exports.activate = (context) => {
  context.subscriptions.push(vscode.commands.registerCommand('rig.${name}.greet', () => {
    const panel = vscode.window.createWebviewPanel('rigHello', 'Rig Greeting', vscode.ViewColumn.One, {});
    panel.webview.html = '<!doctype html><title>hi</title><h1>Hello from the webview</h1>';
    void vscode.window.showInformationMessage('Hello from the rig');
  }));
};
exports.deactivate = () => {};
`,
  );
  return folder;
}
