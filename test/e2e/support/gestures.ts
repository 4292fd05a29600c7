// What a user does with Sec-Gemini, by the names of product.md. Shared by every app test, so that each reads like a story.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FrameLocator, type Locator, expect } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';

/** The panel of a session: its parts by accessible name. */
export class Chat {
  readonly frame: FrameLocator;

  constructor(frame: FrameLocator) {
    this.frame = frame;
  }

  get conversation(): Locator {
    return this.frame.getByRole('log', { name: 'Conversation' });
  }

  get composer(): Locator {
    return this.frame.getByRole('textbox', { name: 'Message Sec-Gemini' });
  }

  get status(): Locator {
    return this.frame.getByRole('status');
  }

  button(name: string): Locator {
    return this.frame.getByRole('button', { name, exact: true });
  }

  /** Articles of one kind, e.g. `Sec-Gemini`, `You`, `Tool call`. */
  articles(kind: string): Locator {
    return this.frame.getByRole('article', { name: new RegExp(`^${kind}`) });
  }

  async ask(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.button('Send').click();
  }

  /** Waits for the end of the turn: the Stop button goes, Send comes back. */
  async idle(): Promise<void> {
    await expect(this.frame.getByRole('status').filter({ hasText: 'Connected' }).first()).toBeVisible();
  }
}

/** Opens the Sec-Gemini view. */
export async function openSecGemini(editor: EditorPage): Promise<void> {
  await editor.openContainer('Sec-Gemini');
}

/** Opens a view of our container that starts folded. */
export async function unfold(editor: EditorPage, view: string): Promise<void> {
  const header = editor.sideBar().getByRole('button', { name: new RegExp(`^${view}.* Section$`) });
  if ((await header.getAttribute('aria-expanded')) !== 'true') await header.click();
}

/** From the welcome view to a running sandbox. */
export async function startSandbox(editor: EditorPage): Promise<void> {
  await openSecGemini(editor);
  await editor.sideBar().getByRole('button', { name: 'Start Local Sandbox' }).click();
  await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();
}

/** Creates a session by its command; gives its panel. */
export async function newSession(editor: EditorPage): Promise<Chat> {
  await editor.runCommand('Sec-Gemini: New Session');
  const chat = new Chat(editor.visiblePanelFrame());
  // The panel of another session is still in sight for a moment; a new one is empty.
  await expect(chat.frame.getByText('Nothing asked yet')).toBeVisible();
  await expect(chat.composer).toBeVisible();
  return chat;
}

/** What the workbench is told when another window comes in front: a browser without a screen focuses every page. */
export async function setFocused(editor: EditorPage, focused: boolean): Promise<void> {
  await editor.page.evaluate((now) => {
    document.hasFocus = () => now;
    document.dispatchEvent(new Event('visibilitychange'));
  }, focused);
}

/** Changes the user's settings; the rig's editor reads them when it starts. */
export async function switchProtocol(editor: EditorPage, protocol: 'v1' | 'v3'): Promise<void> {
  const file = join(editor.editor.serverDataDir, 'data', 'User', 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...settings, 'secGemini.protocol': protocol }));
  await editor.reload();
  await openSecGemini(editor);
}

/** Agrees to the confirmation that names this many files. */
export async function confirmSend(editor: EditorPage, count: number): Promise<void> {
  await expect(editor.dialog()).toContainText(`Send ${count} ${count === 1 ? 'file' : 'files'} to Sec-Gemini?`);
  await editor.pressDialogButton('Send');
}

/** A new session with the file of the workspace that is opened for it, attached by command. */
export async function newSessionWith(editor: EditorPage, file: string): Promise<Chat> {
  await editor.openFile(file);
  const chat = await newSession(editor);
  await expect(chat.composer).toBeFocused();
  await editor.runCommand('Sec-Gemini: Attach Active File');
  await expect(editor.quickInput()).toContainText('Attach to which session?');
  await editor.quickInput().getByRole('option').nth(1).click();
  await confirmSend(editor, 1);
  return chat;
}
