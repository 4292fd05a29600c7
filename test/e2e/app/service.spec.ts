// The same gestures against independent servers made of Google's own packages: neither side of the wire is the sandbox's.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConformanceServer, hasConformance, startConformance } from '../support/conformance.ts';
import { type EditorPage, type OpenOptions, expect, test } from '../support/editor.ts';
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

/** The first path as a user goes it: agree to the endpoint, attach an unsaved file, ask, read the answer, stop a slow one. */
async function firstPath(
  openEditor: (options?: OpenOptions) => Promise<EditorPage>,
  server: ConformanceServer,
): Promise<void> {
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
  await expect(chat.articles('Sec-Gemini').last()).toBeVisible();
  await chat.idle();
  // A long answer's beginning is not in the DOM while its end is shown.
  await chat.conversation.press('Home');
  await expect(chat.conversation).toContainText('Answer to: What is in the file?');

  await chat.ask('#slow 20 0.5');
  await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
  await chat.button('Stop').click();
  await chat.idle();
  await expect(chat.conversation).toContainText('Stopped');
}

/** What the server wrote down, oldest first. */
function rowsOf<T>(record: string): T[] {
  return readFileSync(record, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const SENT = ['notes.txt', createHash('sha256').update(TEXT).digest('hex')];

interface V1Row {
  readonly kind: string;
  readonly path?: string;
  readonly body?: { readonly id?: string } | null;
}

interface V3Row {
  readonly rpc: string;
  readonly payload?: string;
  readonly repeat?: boolean;
  readonly sha256?: string;
  readonly fields?: { readonly filename?: string; readonly prompt?: string };
}

/** What must have reached the service, by what its server says. */
const CHECKS = {
  async v1(record: string, { url }: ConformanceServer): Promise<void> {
    const rows = rowsOf<V1Row>(record);
    const sessionId = rows.find(({ path }) => path === '/v1/session/register')?.body?.id ?? '';
    const response = await fetch(`${url}/v1/session/get?session_id=${sessionId}`, { headers: { 'x-api-key': KEY } });
    const session = (await response.json()) as { files: { name: string; sha256: string }[] };
    expect(session.files.map(({ name, sha256 }) => [name, sha256])).toEqual([SENT]);
    expect(rows.filter(({ kind }) => kind === 'ws-in').length).toBe(2);
  },
  async v3(record: string): Promise<void> {
    const rows = rowsOf<V3Row>(record);
    const uploads = rows.filter(({ rpc }) => rpc === 'UploadFile');
    expect(uploads.map(({ fields, sha256 }) => [fields?.filename, sha256])).toEqual([SENT]);
    const prompts = rows.filter(({ payload }) => payload === 'prompt_request');
    expect(prompts.map(({ fields, repeat }) => [fields?.prompt, repeat ?? false])).toEqual([
      ['What is in the file?', false],
      ['#slow 20 0.5', false],
    ]);
    expect(rows.some(({ payload }) => payload === 'cancel_session_request')).toBe(true);
  },
};

for (const protocol of ['v1', 'v3'] as const) {
  if (hasConformance(protocol)) {
    test(`the gestures of the first path work with another ${protocol} service`, async ({
      openEditor,
      temporaryFolder,
    }) => {
      const record = join(temporaryFolder, 'record.jsonl');
      const server = await startConformance(protocol, KEY, record);
      try {
        await firstPath(openEditor, server);
        await CHECKS[protocol](record, server);
      } finally {
        await server.stop();
      }
    });
  } else {
    process.stderr.write(
      `service.spec.ts: ../shared/conformance or its venv is missing, the independent ${protocol} server was not run.\n`,
    );
  }
}
