// The question about a call of a local tool, as a user answers it; and a workspace that tools can look through.
import { type Locator, expect } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import type { Chat } from './gestures.ts';

export const TOOLS_WORKSPACE = {
  'tsconfig.json': '{"compilerOptions":{"strict":true,"target":"es2022"},"include":["src"]}\n',
  'src/shapes.ts': [
    'export interface Shape { width: number; height: number }',
    '',
    'export function area(shape: Shape): number {',
    '  return shape.width * shape.height;',
    '}',
    'export const wrong: string = area({ width: 1, height: 2 });',
    '',
  ].join('\n'),
  'src/main.ts': "import { area } from './shapes';\n\nconsole.log(area({ width: 3, height: 4 }));\n",
  'notes.txt': 'the words of the note\n',
  '.env': 'TOKEN=CANARY-env\n',
};

/** The card in the conversation. */
export const card = (chat: Chat, tool: string): Locator => chat.frame.getByRole('group', { name: `Approve ${tool}?` });

/** From the card in the conversation to the native question. */
export async function review(editor: EditorPage, chat: Chat, tool: string): Promise<void> {
  await card(chat, tool).last().getByRole('button', { name: 'Review…' }).click();
  await expect(editor.quickInput()).toContainText(`Allow ${tool}?`);
}

/** Switches the tools on for the session that is open. */
export async function useLocalTools(editor: EditorPage): Promise<void> {
  await editor.runCommand('Sec-Gemini: Use Local Tools');
  await expect(editor.dialog()).toContainText('Use local tools in "');
  await editor.pressDialogButton('Use Local Tools');
  await expect(editor.treeItem(/^Local tools on in /)).toBeVisible();
}
