/** New Prompt: a file in the profile, whose text the composer then offers behind `/`. */

import * as vscode from 'vscode';
import { PROMPT_TEMPLATE } from '../../core/own-prompt.ts';
import type { FeatureOf, Services } from '../services.ts';
import { promptFolder } from './own-prompts.ts';

export function createPromptsFeature({ context }: Services): FeatureOf<'newPrompt'> {
  return {
    commands: {
      newPrompt: async () => {
        const name = await vscode.window.showInputBox({
          title: vscode.l10n.t('New Prompt'),
          prompt: vscode.l10n.t(
            'What you will type behind / in the composer. The prompt is kept in your profile on this machine.',
          ),
          validateInput: (text) =>
            /^[a-z0-9][a-z0-9-]{0,59}$/.test(text.trim())
              ? undefined
              : vscode.l10n.t('Small letters, digits and hyphens.'),
        });
        if (name === undefined) return;
        const uri = vscode.Uri.joinPath(promptFolder(context), `${name.trim()}.md`);
        const exists = await vscode.workspace.fs.stat(uri).then(
          () => true,
          () => false,
        );
        // One that is there already is opened, never overwritten.
        if (!exists) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(PROMPT_TEMPLATE));
        await vscode.window.showTextDocument(uri);
      },
    },
  };
}
