// A service that others use too: sessions are edited, taken up by their id, deleted elsewhere, at work side by side; the status bar's menu; what
// left as a file; and the service gone and back. Nothing that is shown becomes empty by it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createV1Client } from '../../../src/client/v1/create.ts';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { Chat, newSession, openSecGemini } from '../support/gestures.ts';
import { type PlainSandbox, startPlainSandbox } from '../support/plain-sandbox.ts';

const KEY = 'a-key-that-several-windows-use-01';

async function answerInOrder(editor: EditorPage, ...steps: readonly (readonly [title: string, text: string])[]) {
  for (const [title, text] of steps) {
    await expect(editor.quickInput()).toContainText(title);
    await editor.answer(text);
  }
}

async function connectTo(editor: EditorPage): Promise<void> {
  await openSecGemini(editor);
  await expect(editor.sideBar().getByText('names an endpoint that you have not confirmed yet')).toBeVisible();
  await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
  await editor.pressDialogButton('Use This Endpoint');
  await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();
}

test('sessions that others use too, and a service that goes and comes back', async ({
  openEditor,
  temporaryFolder,
}) => {
  let service: PlainSandbox = await startPlainSandbox(KEY, { state: join(temporaryFolder, 'state') });
  const other = createV1Client({ endpoint: service.endpoint, apiKey: KEY, protocol: 'v1' });
  try {
    const editor = await openEditor({
      workspace: { 'desk/notes.txt': 'x\n' },
      settings: { 'secGemini.endpoint': service.endpoint, 'secGemini.protocol': 'v1' },
      env: { SEC_GEMINI_API_KEY: KEY },
    });
    await connectTo(editor);

    await test.step('name, description and time to live are edited', async () => {
      const chat = await newSession(editor);
      await chat.ask('hello');
      await expect(chat.articles('Sec-Gemini').last()).toBeVisible();
      await chat.idle();
      await editor.treeItem(/^Session /).click({ button: 'right' });
      await editor.chooseMenuItem('Edit Session Details');
      await answerInOrder(
        editor,
        ['Edit Session Details: name', 'Mail server'],
        ['Edit Session Details: description', 'What happened on Monday'],
        ['Edit Session Details: time to live', '7200'],
      );
      await expect(editor.treeItem(/^Session Mail server, deleted in (2 h|1 h|119 min|120 min)/)).toBeVisible();
      const [session] = (await other.listSessions()).sessions;
      expect([session?.description, session?.ttlSeconds]).toEqual(['What happened on Monday', 7200]);
    });

    await test.step('a session that was made elsewhere is taken up by its id', async () => {
      const { id } = await other.createSession({ name: 'From the other desk' });
      await editor.runCommand('Sec-Gemini: Resume Session by ID');
      await answerInOrder(editor, ['Resume Session by ID', id]);
      await expect(editor.tab('From the other desk')).toBeVisible();
      await expect(editor.treeItem('Session From the other desk')).toBeVisible();
    });

    await test.step('both are at work side by side, and the menu of the status bar leads to each', async () => {
      const desk = new Chat(await editor.panelFrame('From the other desk'));
      await desk.ask('/demo slow 30');
      await expect(desk.button('Stop')).toBeVisible();
      const mail = new Chat(await editor.panelFrame('Mail server'));
      await mail.ask('/demo slow 30');
      await expect(editor.treeItem(/^Session Mail server, working/)).toBeVisible();
      await expect(editor.treeItem(/^Session From the other desk, working/)).toBeVisible();
      await editor.statusBarItem('Sec-Gemini').click();
      await expect(editor.quickPickRow('Mail server')).toBeVisible();
      await editor.pick('From the other desk');
      await expect(editor.tab('From the other desk')).toHaveAttribute('aria-selected', 'true');
      await new Chat(editor.visiblePanelFrame()).button('Stop').click();
      await expect(editor.treeItem(/^Session From the other desk, working/)).toHaveCount(0);
    });

    await test.step('one that was deleted elsewhere says so; its conversation and draft stay', async () => {
      const mail = new Chat(await editor.panelFrame('Mail server'));
      await mail.button('Stop').click();
      await mail.idle();
      await mail.composer.fill('what I was about to ask');
      const sessions = (await other.listSessions()).sessions;
      const gone = sessions.find(({ name }) => name === 'Mail server');
      await other.deleteSession(gone?.id ?? '');
      await editor.runCommand('Sec-Gemini: Refresh Sessions');
      await expect(editor.treeItem(/^Session Mail server, deleted elsewhere, (?!deleted in)/)).toBeVisible();
      await expect(mail.articles('You').first()).toContainText('hello');
      await expect(mail.composer).toHaveValue('what I was about to ask');
      await expect(mail.frame.getByText('This session was deleted on the service.', { exact: false })).toBeVisible();
    });

    await test.step('what left is a file, as JSON by its name', async () => {
      await editor.runCommand('Sec-Gemini: Export What Left');
      await editor.pick('All sessions');
      const file = join(temporaryFolder, 'ws0', 'left.json');
      await editor.answerFile(file, 'desk');
      await expect.poll(() => (existsSync(file) ? readFileSync(file, 'utf8') : '')).toContain('"prompt"');
      const { entries } = JSON.parse(readFileSync(file, 'utf8')) as {
        entries: { destination: string; name: string }[];
      };
      expect(entries.map(({ name }) => name)).toContain('hello');
      expect(new Set(entries.map(({ destination }) => destination))).toEqual(new Set([service.endpoint]));
    });

    await test.step('without the service: said in tree, status bar and panel, nothing is emptied; and back', async () => {
      const port = Number(new URL(service.endpoint).port);
      await service.stop();
      await editor.runCommand('Sec-Gemini: Refresh Sessions');
      const desk = new Chat(await editor.panelFrame('From the other desk'));
      await expect(
        editor
          .sideBar()
          .getByText(/Nothing answers/)
          .first(),
      ).toBeVisible();
      await expect(editor.notification(/Nothing answers/)).toBeVisible();
      // It would stand over the Send button.
      await editor.runCommand('Notifications: Clear All Notifications');
      await expect(editor.treeItem('Session From the other desk')).toBeVisible();
      await expect(desk.articles('You').last()).toContainText('/demo slow 30');
      service = await startPlainSandbox(KEY, { state: join(temporaryFolder, 'state'), port });
      await editor.runCommand('Sec-Gemini: Refresh Sessions');
      await expect(editor.sideBar().getByText(/Nothing answers/)).toHaveCount(0);
      await desk.ask('and now?');
      await expect(desk.articles('Sec-Gemini').last()).toContainText(/sandbox/i);
      await desk.idle();
    });
  } finally {
    await other.close();
    await service.stop();
  }
});
