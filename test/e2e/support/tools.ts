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

/** Shows the call anew with other arguments, and allows that; `words` stand in the new question. */
export async function allowEdited(
  editor: EditorPage,
  chat: Chat,
  tool: string,
  args: object,
  words: string,
): Promise<void> {
  await review(editor, chat, tool);
  await editor.pick('Edit arguments');
  await editor.answer(JSON.stringify(args));
  await expect(editor.quickPickRow(words)).toBeVisible();
  await editor.pick('Allow once');
}

export async function denyWithReason(editor: EditorPage, chat: Chat, tool: string, reason: string): Promise<void> {
  await review(editor, chat, tool);
  await editor.pick('Deny with a reason');
  await editor.answer(reason);
}

/** Looks at the output, in which these words stand, and keeps it here. */
export async function withhold(editor: EditorPage, chat: Chat, tool: string, words: string): Promise<void> {
  await review(editor, chat, tool);
  await editor.pick('Look at the output');
  await expect(editor.page.locator('.view-lines').filter({ hasText: words }).first()).toBeVisible();
  // The row that was clicked shows its description above the others.
  await editor.page.mouse.move(0, 0);
  await editor.pick('Withhold the output');
}

/** Folds or unfolds a view of the side bar by its head. */
export async function fold(editor: EditorPage, view: string): Promise<void> {
  await editor
    .sideBar()
    .getByRole('button', { name: new RegExp(`^${view}.* Section$`) })
    .click();
}

export const box = (row: Locator): Locator => row.getByRole('checkbox');

/** Offers a tool or resource of another server to the session, by its box. */
export async function tick(editor: EditorPage, label: string): Promise<void> {
  const row = editor.treeItem(new RegExp(`^(Tool|Resource) ${label}, `));
  await box(row).click();
  // The box explains itself above its neighbours as long as the mouse is there.
  await editor.page.mouse.move(0, 0);
  // The row's own words, not the box: that is drawn before the tick counts.
  await expect(row).toHaveAccessibleName(/, asks/);
  await expect(box(row)).toBeChecked();
}
