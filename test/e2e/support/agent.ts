// What an agent asks and shows, by what a user sees. Shared by the specs of today's agent.
import { join } from 'node:path';
import { type Locator, expect } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import { type ConformanceServer, startConformance } from './conformance.ts';
import type { OpenOptions } from './editor.ts';
import { type Chat, newSession, openSecGemini } from './gestures.ts';

const KEY = 'conformance-key-0123456789';
const shots = process.env['SHOTS'];

/** The last request of the conversation. */
export const card = (chat: Chat): Locator => chat.frame.getByRole('group', { name: /^Approve .*\?$/ }).last();

/** The last answer of the conversation. */
export const said = (chat: Chat): Locator => chat.articles('Sec-Gemini').last();

/** Waits for a request and opens the native review. */
export async function review(editor: EditorPage, chat: Chat): Promise<void> {
  await expect(card(chat).getByRole('button', { name: 'Review…' })).toBeVisible();
  await card(chat).getByRole('button', { name: 'Review…' }).click();
  await expect(editor.quickInput()).toContainText('Allow ');
}

/** Denies with a reason: the agent reads it as the next message. */
export async function denyWithReason(editor: EditorPage, chat: Chat, prompt: string): Promise<void> {
  await chat.ask(prompt);
  await review(editor, chat);
  await editor.pick('Deny with a reason');
  await editor.answer('not in office hours');
  await expect(chat.articles('You').last()).toContainText('not in office hours');
  await expect(card(chat)).toContainText('Denied.');
  await chat.idle();
}

/** Asks and waits for the answer and the end of its turn. By its place in the conversation: of a longer one only a part is in the page. */
export async function askAndRead(chat: Chat, question: string): Promise<void> {
  const last = said(chat);
  const place = async (): Promise<number> =>
    (await last.count()) === 0 ? 0 : Number(await last.getAttribute('aria-posinset'));
  const before = await place();
  await chat.ask(question);
  await expect.poll(place).toBeGreaterThan(before);
  await chat.idle();
}

/** Pauses what the prompt starts, lets it go on, and stops it while it is paused. */
export async function steerAndStop(chat: Chat, prompt: string): Promise<void> {
  await chat.ask(prompt);
  await chat.button('Pause').click();
  await expect(chat.status.filter({ hasText: 'paused' }).first()).toBeVisible();
  await chat.button('Continue').click();
  await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
  await chat.button('Pause').click();
  await expect(chat.button('Continue')).toBeVisible();
  await chat.button('Stop').click();
  await chat.idle();
  await expect(chat.conversation).toContainText('Stopped');
}

/** Every render type by its accessible names; the window is tall enough to hold them all. */
export async function readRenderTypes(editor: EditorPage, { frame }: Chat): Promise<void> {
  await expect(frame.getByRole('tree', { name: 'JSON' }).getByRole('treeitem').first()).toBeVisible();
  await expect(frame.getByRole('table', { name: /^Table, 2 rows/ })).toBeVisible();
  await expect(frame.getByRole('img', { name: /^Graph, \d nodes and \d edges?/ })).toBeVisible();
  await expect(frame.getByRole('list', { name: 'Timeline, 2 events' }).getByRole('listitem')).toHaveCount(2);
  await expect(frame.getByText('HTML, reduced to its words.', { exact: false }).first()).toBeVisible();
  await expect(frame.locator('.log :is(script, img, iframe, form)')).toHaveCount(0);
  expect(editor.page.url()).toContain('127.0.0.1');
}

/** A picture for the eye, when somebody wants one: SHOTS names their folder. */
export async function shot(editor: EditorPage, name: string): Promise<void> {
  if (shots !== undefined) await editor.page.screenshot({ path: join(shots, `${name}.png`) });
}

/** The same in the four themes. */
export async function pictures(editor: EditorPage, name: string): Promise<void> {
  if (shots === undefined) return;
  for (const [theme, label, mark] of [
    ['light', 'Light Modern', 'vs'],
    ['hc', 'Dark High Contrast', 'hc-black'],
    ['hc-light', 'Light High Contrast', 'hc-light'],
    ['dark', 'Dark Modern', 'vs-dark'],
  ] as const) {
    await editor.runCommand('Preferences: Color Theme');
    await editor.quickInputBox().fill(label);
    await editor.page.keyboard.press('Enter');
    await expect(editor.quickInput()).toBeHidden();
    await expect(editor.page.locator('.monaco-workbench')).toHaveClass(new RegExp(`(^| )${mark}( |$)`));
    await shot(editor, `${name}-${theme}`);
  }
}

/** An editor that talks to an independent v3 server with this script, and a session there. */
export async function onConformance(
  openEditor: (options?: OpenOptions) => Promise<EditorPage>,
  { folder, script, ...options }: OpenOptions & { readonly folder: string; readonly script?: string },
  use: (editor: EditorPage, chat: Chat, record: string) => Promise<void>,
): Promise<void> {
  const record = join(folder, 'record.jsonl');
  const server: ConformanceServer = await startConformance('v3', KEY, record, script);
  try {
    const editor = await openEditor({
      workspace: { 'notes.txt': 'x\n' },
      ...options,
      settings: { ...options.settings, 'secGemini.endpoint': server.url },
      env: { ...options.env, SEC_GEMINI_API_KEY: KEY },
    });
    await openSecGemini(editor);
    await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
    await editor.pressDialogButton('Use This Endpoint');
    await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
    await use(editor, await newSession(editor), record);
  } finally {
    await server.stop();
  }
}

/** A question stands over the composer; the next message answers it. */
export async function asksAndIsAnswered(chat: Chat): Promise<void> {
  await chat.ask('/demo clarify');
  const question = chat.frame.getByRole('region', { name: 'Sec-Gemini asks' });
  await expect(question).toContainText('Which of the attached files matters most to you?');
  await chat.ask('the second one');
  await expect(question).toBeHidden();
  await expect(said(chat)).toContainText('the second one');
  await chat.idle();
}
