// The first path through what an agent asks and offers, in one editor on the sandbox. All the rest of it: agent-page, agent-account and
// agent-more, in the long tier.
import { asksAndIsAnswered, askAndRead, card, review, said, shot } from '../support/agent.ts';
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';

test('an agent asks, is answered, paused, and its session published', async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: { 'notes.txt': 'x\n' },
    settings: { 'secGemini.protocol': 'v3' },
  });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('a tool is allowed once, with every argument in sight', async () => {
    await chat.ask('/demo confirm');
    await expect(card(chat).getByLabel('Argument host')).toHaveText('scanner.example.invalid');
    await expect(card(chat)).toContainText('It may touch the network');
    await review(editor, chat);
    await expect(editor.quickPickRow('What it says')).toBeVisible();
    await expect(editor.quickPickRow('host')).toContainText('scanner.example.invalid');
    await shot(editor, 'review');
    await editor.pick('Allow once');
    await expect(said(chat)).toContainText('You approved');
    await chat.idle();
  });

  await test.step('a question stands over the composer, the next message answers it', async () => {
    await asksAndIsAnswered(chat);
  });

  await test.step('paused, continued, stopped', async () => {
    await chat.ask('/demo slow 60');
    await chat.button('Pause').click();
    await expect(chat.status.filter({ hasText: 'paused' }).first()).toBeVisible();
    await chat.button('Continue').click();
    await expect(chat.button('Pause')).toBeVisible();
    await chat.button('Stop').click();
    await expect(chat.conversation).toContainText('Stopped');
    await chat.idle();
  });

  await test.step('made public after a look at what that shows, and taken back', async () => {
    await askAndRead(chat, 'What is in /srv/case/notes.txt?');
    await editor.runCommand('Sec-Gemini: Publish Session…');
    await expect(editor.dialog()).toContainText(/Make session .* public\?/);
    await expect(editor.dialog()).toContainText('/srv/case/notes.txt');
    await editor.pressDialogButton('Publish');
    await expect(editor.notification('was made public. The link was copied.')).toBeVisible();
    expect(await editor.readClipboard()).toMatch(/^http:\/\/127\.0\.0\.1/);
    await expect(editor.treeItem(/^Session .*public/)).toBeVisible();
    await editor.runCommand('Sec-Gemini: Unpublish Session');
    await expect(editor.treeItem(/^Session .*public/)).toHaveCount(0);
  });
});
