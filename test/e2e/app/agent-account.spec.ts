// What today's agent offers beside the conversation: names, archive, options, tool servers, skills, publishing, news. On the sandbox, and on
// an independent server made of the official package. (What is refused in Restricted Mode: trust.spec.ts.)
import { readFileSync } from 'node:fs';
import { askAndRead, onConformance, shot } from '../support/agent.ts';
import { hasConformance } from '../support/conformance.ts';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { type Chat, newSession, startSandbox, unfold } from '../support/gestures.ts';

/** For pictures in another theme. */
const looks = process.env['THEME'] === undefined ? {} : { 'workbench.colorTheme': process.env['THEME'] };

/** A server of the service itself: it runs, and its tools stand below it. */
async function readServer(editor: EditorPage, server: string, tool: string): Promise<void> {
  await unfold(editor, 'MCP Servers');
  const row = editor.treeItem(`Tool server ${server}, used by the session, running`);
  await expect(row.getByRole('checkbox')).toBeChecked();
  await row.click();
  await editor.page.keyboard.press('ArrowRight');
  await expect(editor.treeItem(`Tool ${tool}`)).toBeVisible();
  await shot(editor, 'server-tools');
}

/** Adds a tool server by the view's own command and ticks it for the session. */
async function addServer(editor: EditorPage): Promise<void> {
  await editor.runCommand('Sec-Gemini: Add MCP Server…');
  await editor.quickInputBox().fill('http://tools.example.test/mcp');
  await expect(editor.quickInput()).toContainText('Use an https address');
  await editor.answer('https://tools.example.test/mcp');
  // The second question has taken the place of the first.
  await expect(editor.quickInput()).toContainText('Add Tool Server: name');
  await editor.answer('Case tools');
  await expect(editor.dialog()).toContainText('Let Sec-Gemini talk to tools.example.test?');
  await shot(editor, 'add-server');
  await editor.pressDialogButton('Add Server');
  const row = editor.treeItem('Tool server Case tools');
  await expect(row.getByRole('checkbox')).not.toBeChecked();
  await row.getByRole('checkbox').click();
  await expect(editor.treeItem('Tool server Case tools, used by the session')).toBeVisible();
  await expect(row.getByRole('checkbox')).toBeChecked();
  // The service keeps it without having talked to it.
  await expect(row).toContainText('not reachable');
  await shot(editor, 'servers');
}

async function removeServer(editor: EditorPage): Promise<void> {
  const row = editor.treeItem('Tool server Case tools');
  await row.getByRole('checkbox').click();
  await expect(editor.treeItem('Tool server Case tools, tools.example.test')).toBeVisible();
  await expect(row.getByRole('checkbox')).not.toBeChecked();
  // A chosen row shows its buttons wherever the pointer is: the row was just drawn anew.
  await row.click();
  await row.getByRole('button', { name: 'Remove MCP Server…' }).click();
  await expect(editor.dialog()).toContainText('Remove tool server Case tools?');
  await editor.pressDialogButton('Remove');
  await expect(row).toHaveCount(0);
}

/** Writes a skill in an editor, saves it to the service, and finds it in the view. */
async function writeSkill(editor: EditorPage): Promise<void> {
  await editor.runCommand('Sec-Gemini: New Skill…');
  await editor.quickInputBox().fill('a,b');
  await expect(editor.quickInput()).toContainText('no comma');
  await editor.answer('triage.md');
  await expect(editor.tab('triage.md')).toBeVisible();
  await editor.page.locator('.monaco-editor .view-lines').last().click();
  // What cannot be uploaded stays in its editor, with the reason.
  await editor.page.keyboard.press('Control+A');
  await editor.page.keyboard.press('Delete');
  await editor.page.keyboard.press('Control+S');
  await expect(editor.notification('The skill is empty. Write what the agent has to do.')).toBeVisible();
  await shot(editor, 'skill-refused');
  await editor.page.keyboard.press('Control+Z');
  await expect(editor.page.locator('.monaco-editor').last()).toContainText('Say step by step');
  await editor.page.keyboard.press('Control+End');
  await editor.page.keyboard.type('First the hashes.');
  await expect(editor.page.locator('.monaco-editor').last()).toContainText('First the hashes.');
  await shot(editor, 'skill-typed');
  await editor.page.keyboard.press('Control+S');
  await unfold(editor, 'Skills');
  await expect(editor.treeItem('Skill triage.md')).toBeVisible();
}

async function deleteSkill(editor: EditorPage): Promise<void> {
  await editor.treeItem('Skill triage.md').hover();
  await editor.treeItem('Skill triage.md').getByRole('button', { name: 'Delete Skill' }).click();
  await expect(editor.dialog()).toContainText('Delete skill triage.md?');
  await editor.pressDialogButton('Delete');
  await expect(editor.treeItem('Skill triage.md')).toHaveCount(0);
}

/** Makes the session public and takes it back; gives the link. */
async function publishAndBack(editor: EditorPage, chat: Chat, link: RegExp): Promise<void> {
  await editor.tab('Case 17').click();
  await chat.ask(`Is ${['ghp_', 'a1B2c3D4e5F6a7B8c9D0e1F2a3B4c5D6e7F8'].join('')} in /srv/case/notes.txt dangerous?`);
  // The gate of prompts finds it, too.
  await editor.pressDialogButton('Send');
  await chat.idle();
  await editor.runCommand('Sec-Gemini: Publish Session…');
  await expect(editor.dialog()).toContainText(/Make session .* public\?/);
  await expect(editor.dialog()).toContainText('without signing in');
  await expect(editor.dialog()).toContainText(/1 possible secret.*GitHub/is);
  await expect(editor.dialog()).toContainText('/srv/case/notes.txt');
  await expect(editor.dialog()).not.toContainText('a1B2c3D4e5F6');
  await shot(editor, 'publish');
  await editor.pressDialogButton('Publish');
  await expect(editor.notification('was made public. The link was copied.')).toBeVisible();
  expect(await editor.readClipboard()).toMatch(link);
  await expect(editor.treeItem(/^Session .*public/)).toBeVisible();
  await editor.runCommand('Sec-Gemini: Session Details');
  const ends = /Public:\ssince\s.*\sago,\sthe\slink\sends\sin\s\d+\sd/;
  await expect(editor.page.locator('.editor-instance .view-lines').filter({ hasText: ends })).toBeVisible();
  await shot(editor, 'published');
  await editor.tab('Case 17').click();
  await editor.setClipboard('');
  await editor.runCommand('Sec-Gemini: Copy Public Link');
  await expect.poll(() => editor.readClipboard()).toMatch(link);
  await editor.runCommand('Sec-Gemini: Unpublish Session');
  await expect(editor.treeItem(/^Session .*public/)).toHaveCount(0);
}

async function renameTo(editor: EditorPage, chat: Chat, question: string): Promise<void> {
  await askAndRead(chat, question);
  const named = editor.treeItem(`Session ${question.split(' ').slice(0, 2).join(' ')}`);
  await expect(named).toBeVisible();
  await named.click({ button: 'right' });
  await editor.chooseMenuItem('Rename Session');
  await editor.answer('Case 17');
  await expect(editor.treeItem('Session Case 17')).toBeVisible();
  await askAndRead(chat, 'summarise');
  await expect(editor.treeItem('Session Case 17')).toBeVisible();
  await expect(editor.tab('Case 17')).toBeVisible();
}

async function archiveAndBack(editor: EditorPage): Promise<void> {
  const row = editor.treeItem('Session Case 17');
  await row.click({ button: 'right' });
  await editor.chooseMenuItem('Archive Session');
  await expect(editor.treeItem('Archived sessions')).toBeVisible();
  await expect(row).toHaveCount(0);
  await editor.treeItem('Archived sessions').click();
  await row.hover();
  await shot(editor, 'archived');
  await row.getByRole('button', { name: 'Unarchive Session' }).click();
  await expect(editor.treeItem('Archived sessions')).toHaveCount(0);
  await expect(row).toBeVisible();
}

test("what today's agent offers, on the sandbox", async ({ openEditor }) => {
  const editor = await openEditor({ workspace: { 'notes.txt': 'x\n' }, settings: looks });
  await startSandbox(editor);
  const chat = await newSession(editor);
  await test.step('a name of the user stays', () => renameTo(editor, chat, 'Which files do you have?'));
  await test.step('a session is archived and comes back', () => archiveAndBack(editor));
  await test.step('tool servers say how they are and what they offer', () =>
    readServer(editor, 'Local inspection', 'inspect_file'));
  await test.step('a tool server is added and used', () => addServer(editor));
  await test.step('… and taken away', () => removeServer(editor));
  await test.step('a skill is written and saved', () => writeSkill(editor));
  await test.step('a session is published and taken back', () =>
    publishAndBack(editor, chat, /^http:\/\/127\.0\.0\.1/));

  await test.step('New Session… asks step by step, with a way back', async () => {
    await editor.runCommand('Sec-Gemini: New Session…');
    await editor.answer('Deep look');
    await expect(editor.quickInputBox()).toHaveAttribute('placeholder', 'Which agent answers?');
    await shot(editor, 'wizard');
    await editor.quickInput().getByRole('button', { name: 'Back' }).click();
    await expect(editor.quickInputBox()).toHaveValue('Deep look');
    await editor.quickInputBox().press('Enter');
    await editor.pick('Sec-Gemini Fast');
    await editor.pick('dfir');
    await expect(editor.quickInput()).toContainText('With each prompt goes:');
    await editor.quickInput().getByText('Ask the service not to log').click();
    await shot(editor, 'wizard-privacy');
    await editor.quickInputBox().press('Enter');
    await expect(editor.quickInput()).toContainText('Bring Your Own Tools');
    await editor.quickInputBox().press('Enter');
    await editor.quickInput().getByText('triage.md').click();
    await editor.quickInputBox().press('Enter');
    await expect(editor.tab('Deep look')).toBeVisible();
    await editor.runCommand('Sec-Gemini: Session Options…');
    await expect(editor.quickPickRow('Agent')).toContainText('Sec-Gemini Fast');
    await expect(editor.quickPickRow('Mode')).toContainText('dfir');
    await expect(editor.quickPickRow('Logging and this machine')).toContainText('asks for no logging');
    await expect(editor.quickPickRow('Skills')).toContainText('triage.md');
    await shot(editor, 'options');
    await editor.page.keyboard.press('Escape');
  });
  await test.step('the skill is deleted', () => deleteSkill(editor));

  await test.step('news is told by a dot, once', async () => {
    await editor.statusBarItem('Sec-Gemini').click();
    await expect(editor.quickPickRow("What's New")).toContainText('unread');
    await editor.pick("What's New");
    await expect(editor.tab("What's new")).toBeVisible();
    await editor.statusBarItem('Sec-Gemini').click();
    await expect(editor.quickPickRow("What's New")).not.toContainText('unread');
    await editor.page.keyboard.press('Escape');
  });
});

if (hasConformance('v3')) {
  test('the same with another v3 service', async ({ openEditor, temporaryFolder }) => {
    await onConformance(openEditor, { folder: temporaryFolder }, async (editor, chat, record) => {
      await test.step('a name of the user stays', () => renameTo(editor, chat, 'Which files do you have?'));
      await test.step('a tool server is added and taken away', async () => {
        await readServer(editor, 'Sandbox Environment', 'run_shell');
        await addServer(editor);
        await removeServer(editor);
      });
      await test.step('a skill is written and deleted', async () => {
        await writeSkill(editor);
        await deleteSkill(editor);
      });
      await test.step('a session is published and taken back', () =>
        publishAndBack(editor, chat, /^https:\/\/public\.example\.test\//));

      await editor.runCommand('Sec-Gemini: Session Options…');
      await editor.pick('Agent');
      await editor.pick('Sec-Gemini Fast');
      await editor.pick('Mode');
      await editor.pick('dfir');
      await editor.page.keyboard.press('Escape');
      await chat.ask('#meta');
      await chat.idle();
      await expect(chat.articles('Sec-Gemini').last()).toContainText(
        '{"config.harness": "secgemini-fast", "config.mode": "dfir"}',
      );
      const uploads = readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { payload?: string; fields?: { content?: string } })
        .filter(({ payload }) => payload === 'upload_skill_request');
      expect(uploads.map(({ fields }) => fields?.content?.endsWith('First the hashes.'))).toEqual([true]);
    });
  });
} else {
  process.stderr.write(
    'agent-account.spec.ts: ../shared/conformance or its venv is missing, the independent v3 server was not run.\n',
  );
}
