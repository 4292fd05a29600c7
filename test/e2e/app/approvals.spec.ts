// What the service asks to be allowed: answered natively only, on both protocols of the sandbox.
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';

for (const protocol of ['v1', 'v3'] as const) {
  test(`a request is denied from the page, and allowed only natively (${protocol})`, async ({ openEditor }) => {
    const editor = await openEditor({
      workspace: { 'notes.txt': 'x\n' },
      settings: { 'secGemini.protocol': protocol },
    });
    await startSandbox(editor);
    const chat = await newSession(editor);
    const group = chat.frame.getByRole('group', { name: /^Approve .*\?$/ });

    await chat.ask('/demo confirm');
    await expect(group.last()).toBeVisible();
    await expect(chat.status.filter({ hasText: 'Waiting for you' }).first()).toBeVisible();
    await expect(group.last().getByRole('button', { name: 'Review…' })).toBeVisible();
    await expect(group.last().getByRole('button', { name: /allow|approve/i })).toHaveCount(0);
    await group.last().getByRole('button', { name: 'Deny' }).click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText(/denied|refused|not allowed|did not/i);
    await chat.idle();

    await chat.ask('/demo confirm');
    await expect(chat.status.filter({ hasText: 'Waiting for you' }).first()).toBeVisible();
    await group.last().getByRole('button', { name: 'Review…' }).click();
    await expect(editor.quickInput()).toContainText('Allow ');
    // Closing it leaves the request pending.
    await editor.page.keyboard.press('Escape');
    await expect(chat.status.filter({ hasText: 'Waiting for you' }).first()).toBeVisible();
    await editor.runCommand('Sec-Gemini: Review Pending Approval');
    await editor.pick('Allow once');
    await expect(chat.articles('Sec-Gemini').last()).toContainText(/allowed|approved/i);
    await chat.idle();
  });
}
