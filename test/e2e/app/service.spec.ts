// The same gestures against an independent v1 server made of Google's own package: neither side of the wire is the sandbox's.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasConformance, startConformance } from '../support/conformance.ts';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini } from '../support/gestures.ts';

/** Types into the open editor; what is on its last line then is awaited, as keys may be on their way. */
async function typeAtEnd(editor: EditorPage, text: string, lastLine: number): Promise<void> {
  await editor.page.locator('.monaco-editor .view-lines').first().click();
  await editor.page.keyboard.press('Control+End');
  await expect(editor.statusBarItem(new RegExp(`^Ln ${lastLine - 1}, Col 1`))).toBeVisible();
  await editor.page.keyboard.type(text);
  await expect(editor.statusBarItem(new RegExp(`^Ln ${lastLine}, Col 1`))).toBeVisible();
}

const KEY = 'conformance-key-0123456789';
const TEXT = 'first line\nsecond line, not saved yet\n';

if (hasConformance('v1')) {
  test('the gestures of the first path work with another v1 service', async ({ openEditor, temporaryFolder }) => {
    const record = join(temporaryFolder, 'record.jsonl');
    const server = await startConformance('v1', KEY, record);
    try {
      const editor = await openEditor({
        workspace: { 'notes.txt': 'first line\n' },
        settings: { 'secGemini.endpoint': server.url },
        env: { SEC_GEMINI_API_KEY: KEY },
      });
      await openSecGemini(editor);
      await expect(editor.sideBar().getByText('you have not confirmed yet', { exact: false })).toBeVisible();
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await expect(editor.dialog()).toContainText(`Use ${new URL(server.url).host} as Sec-Gemini endpoint?`);
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();

      await editor.openFile('notes.txt');
      await typeAtEnd(editor, 'second line, not saved yet\n', 3);
      const chat = await newSession(editor);
      await editor.tab('notes.txt').click();
      await editor.runCommand('Sec-Gemini: Attach Active File');
      await editor.quickInput().getByRole('option').nth(1).click();
      await confirmSend(editor, 1);
      await expect(editor.treeItem('File notes.txt')).toBeVisible();

      await chat.ask('What is in the file?');
      await expect(chat.articles('Sec-Gemini').last()).toContainText('Answer to: What is in the file?');
      await chat.idle();

      await chat.ask('#slow 20 0.5');
      await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
      await chat.button('Stop').click();
      await chat.idle();

      const rows = readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string; path?: string; body?: { id?: string } | null });
      const sessionId = rows.find(({ path }) => path === '/v1/session/register')?.body?.id ?? '';
      const response = await fetch(`${server.url}/v1/session/get?session_id=${sessionId}`, {
        headers: { 'x-api-key': KEY },
      });
      const session = (await response.json()) as { files: { name: string; sha256: string }[] };
      expect(session.files.map(({ name, sha256 }) => [name, sha256])).toEqual([
        ['notes.txt', createHash('sha256').update(TEXT).digest('hex')],
      ]);
      expect(rows.filter(({ kind }) => kind === 'ws-in').length).toBe(2);
    } finally {
      await server.stop();
    }
  });
} else {
  process.stderr.write(
    'service.spec.ts: ../shared/conformance or its venv is missing, the independent v1 server was not run.\n',
  );
}

interface V3Row {
  readonly rpc: string;
  readonly payload?: string;
  readonly repeat?: boolean;
  readonly sha256?: string;
  readonly fields?: { readonly filename?: string; readonly prompt?: string };
}

if (hasConformance('v3')) {
  test('the gestures of the first path work with another v3 service', async ({ openEditor, temporaryFolder }) => {
    const record = join(temporaryFolder, 'record.jsonl');
    const server = await startConformance('v3', KEY, record);
    try {
      const editor = await openEditor({
        workspace: { 'notes.txt': 'first line\n' },
        settings: { 'secGemini.endpoint': server.url },
        env: { SEC_GEMINI_API_KEY: KEY },
      });
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await expect(editor.dialog()).toContainText(`Use ${new URL(server.url).host} as Sec-Gemini endpoint?`);
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();

      await editor.openFile('notes.txt');
      await typeAtEnd(editor, 'second line, not saved yet\n', 3);
      const chat = await newSession(editor);
      await editor.tab('notes.txt').click();
      await editor.runCommand('Sec-Gemini: Attach Active File');
      await editor.quickInput().getByRole('option').nth(1).click();
      await confirmSend(editor, 1);
      await expect(editor.treeItem('File notes.txt')).toBeVisible();

      await chat.ask('What is in the file?');
      await expect(chat.articles('Sec-Gemini').last()).toBeVisible();
      await chat.idle();
      // The answer is followed by a sample of every render type: the beginning is not in the DOM while the end is shown.
      await chat.conversation.press('Home');
      await expect(chat.conversation).toContainText('Answer to: What is in the file?');

      await chat.ask('#slow 20 0.5');
      await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
      await chat.button('Stop').click();
      await chat.idle();
      await expect(chat.conversation).toContainText('Stopped');

      const rows = readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as V3Row);
      const uploads = rows.filter(({ rpc }) => rpc === 'UploadFile');
      expect(uploads.map(({ fields, sha256 }) => [fields?.filename, sha256])).toEqual([
        ['notes.txt', createHash('sha256').update(TEXT).digest('hex')],
      ]);
      const prompts = rows.filter(({ payload }) => payload === 'prompt_request');
      expect(prompts.map(({ fields, repeat }) => [fields?.prompt, repeat ?? false])).toEqual([
        ['What is in the file?', false],
        ['#slow 20 0.5', false],
      ]);
      expect(rows.some(({ payload }) => payload === 'cancel_session_request')).toBe(true);
    } finally {
      await server.stop();
    }
  });
} else {
  process.stderr.write(
    'service.spec.ts: ../shared/conformance or its venv is missing, the independent v3 server was not run.\n',
  );
}
