// The gate before anything leaves, in the real editor on the sandbox: a `.env` is stopped, secrets are flagged and redacted, an ignore file
// holds, the review chooses file by file (trust.md S26, S31, S32).
import { createHash } from 'node:crypto';
import type { Locator } from '@playwright/test';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { Chat, confirmSend, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

const TOKEN = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('');
const CODE = `const first = 1;\nconst token = '${TOKEN}';\n`;
const PLAN = 'the plan\n';

test('what must not leave is stopped, what is flagged can be redacted', async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: {
      '.env': 'PASSWORD=Blue-Sky-77\n',
      '.secgeminiignore': 'plan.*\n',
      'plan.txt': PLAN,
      'app.js': CODE,
      'clean.txt': 'nothing here\n',
    },
  });
  await startSandbox(editor);
  let chat = await newSession(editor);

  await test.step('a .env gets a warning of its own, and nothing leaves when it is closed', async () => {
    await attach(editor, '.env');
    await expect(editor.dialog()).toContainText('.env is a kind of file that should not leave this machine');
    await expect(editor.dialog()).toContainText('.env*');
    await editor.pressDialogButton('Cancel');
    await expect(editor.dialog()).toHaveCount(0);
  });

  await test.step('what .secgeminiignore names is refused without a question', async () => {
    await attach(editor, 'plan.txt');
    await expect(
      editor.page.getByText(/plan\.txt stays on this machine \(rule \.secgeminiignore: plan\.\*\)/).first(),
    ).toBeVisible();
    await expect(editor.dialog()).toHaveCount(0);
    // It would lie over the composer.
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  await test.step('a secret is named by line and kind, and redacted', async () => {
    await attach(editor, 'app.js');
    await expect(editor.dialog()).toContainText('Send 1 file to Sec-Gemini?');
    await expect(editor.dialog()).toContainText('line 2: GitHub token');
    await editor.pressDialogButton('Redact and Send');
    await openSecGemini(editor);
    await expect(editor.treeItem('File app.js')).toBeVisible();
    const redacted = CODE.replace(TOKEN, '[[SECRET-1:github-token]]');
    await answers(chat, 'the hash of app.js', createHash('sha256').update(redacted).digest('hex'));
  });

  await test.step('a secret in the message is asked about; kept, the text is back in the box; redacted, it leaves without', async () => {
    const text = `Is ${TOKEN} still valid?`;
    await chat.ask(text);
    await expect(editor.dialog()).toContainText('Your message contains a secret.');
    await expect(editor.dialog()).toContainText('line 1: GitHub token');
    await editor.pressDialogButton('Keep as Draft');
    await expect(chat.composer).toHaveValue(text);
    await expect(chat.articles('You').filter({ hasText: 'still valid' })).toHaveCount(0);
    await chat.button('Send').click();
    await editor.pressDialogButton('Redact and Send');
    await expect(chat.articles('You').last()).toContainText('still valid?');
    await expect(chat.composer).toHaveValue('');
    // What was sent holds a placeholder; on this machine it reads as it was written.
    await expect(chat.articles('You').last().locator('.restored')).toHaveText(TOKEN);
    await chat.idle();
    await editor.runCommand('Sec-Gemini: Show What Left');
    await editor.quickInput().getByRole('option').nth(1).click();
    const record = editor.page.locator('.editor-instance .view-lines').last();
    await expect(record).toContainText('1 secret redacted');
    await expect(record).not.toContainText(TOKEN);
    await editor.runCommand('View: Close Editor');
  });

  await test.step('a message that waits is asked about when it is written, and again after a reload', async () => {
    const waiting = (): Locator => chat.frame.getByRole('list', { name: 'Waiting to be sent' });
    await chat.ask('/demo slow 60');
    await expect(chat.button('Stop')).toBeVisible();
    await chat.ask(`Redact ${TOKEN} please`);
    await expect(editor.dialog()).toContainText('Your message contains a secret.');
    await editor.pressDialogButton('Redact and Send');
    await expect(waiting()).toContainText('Redact [[SECRET-1:github-token]] please');
    await chat.ask(`Send ${TOKEN} as it is`);
    await editor.pressDialogButton('Send');
    await expect(waiting().getByRole('listitem')).toHaveCount(2);
    await editor.reload();
    chat = new Chat(await editor.panelFrame('the hash of app.js'));
    // Nobody has agreed to it in this window.
    const send = waiting().getByRole('button', { name: /end now: Send ghp/ });
    await send.click();
    await expect(editor.dialog()).toContainText('A message that waited in the queue contains a secret.');
    await editor.pressDialogButton('Keep in Queue');
    await expect(waiting().getByRole('listitem')).toHaveCount(2);
    await send.click();
    await editor.pressDialogButton('Send');
    await expect(chat.articles('You').filter({ hasText: 'as it is' })).toContainText(`Send ${TOKEN} as it is`);
    await expect(chat.articles('You').filter({ hasText: 'please' }).locator('.restored')).toHaveText(TOKEN);
    await chat.idle();
  });

  await test.step('"Ask About Selection": the lines are searched before they leave', async () => {
    await editor.openFile('app.js');
    await editor.runCommand('Select All');
    await editor.runCommand('Sec-Gemini: Ask About Selection');
    await editor.quickInput().getByRole('option').nth(1).click();
    await expect(editor.dialog()).toContainText('line 2: GitHub token');
    await editor.pressDialogButton('Redact and Send');
    await expect(chat.composer).toBeVisible();
    await openSecGemini(editor);
    await expect(editor.treeItem('File app.js:1-2')).toBeVisible();
  });

  await test.step('Review sends only name, size and hashes of the file chosen so', async () => {
    await attach(editor, 'clean.txt');
    await editor.pressDialogButton('Review…');
    const pick = editor.quickInput();
    await expect(pick).toContainText('clean.txt');
    await pick.getByRole('checkbox', { name: /^clean\.txt, / }).hover();
    await pick.getByRole('button', { name: 'Change How It Is Sent' }).click();
    await pick.getByRole('option', { name: /Send only name, size and hashes/ }).click();
    // Back in the list of files: the question before it holds the same words.
    await expect(pick.getByRole('checkbox', { name: /^clean\.txt, .*Send only name, size and hashes/ })).toBeVisible();
    await editor.quickInputBox().press('Enter');
    await openSecGemini(editor);
    await expect(editor.treeItem('File clean.txt.sample.json')).toBeVisible();
  });

  await test.step('and the ordinary way still works', async () => {
    await attach(editor, 'clean.txt');
    await confirmSend(editor, 1);
    await openSecGemini(editor);
    await expect(editor.treeItem('File clean.txt')).toBeVisible();
    await expect(editor.treeItem('File .env')).toHaveCount(0);
    await expect(editor.treeItem('File plan.txt')).toHaveCount(0);
  });
});

async function attach(editor: EditorPage, name: string): Promise<void> {
  await editor.openContainer('Explorer');
  await editor.treeItem(name).click({ button: 'right' });
  await editor.chooseMenuItem('Attach to Session');
  await editor.quickInput().getByRole('option').nth(1).click();
}

async function answers(chat: Chat, question: string, text: string): Promise<void> {
  await chat.ask(question);
  await expect(chat.articles('Sec-Gemini').last()).toContainText(text);
  await chat.idle();
}
