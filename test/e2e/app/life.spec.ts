// The life of a session as a user goes it: what a prompt asks for, disconnect and connect, terminate. One editor start per protocol.
import { expect, test } from '../support/editor.ts';
import { Chat, newSessionWith, startSandbox } from '../support/gestures.ts';

for (const protocol of ['v1', 'v3'] as const) {
  test(`a prompt names its files, a link is given up and taken up, a session ends for good (${protocol})`, async ({
    openEditor,
  }) => {
    const editor = await openEditor({
      workspace: { 'app.py': 'password = "needle-4711"\n' },
      settings: { 'secGemini.protocol': protocol },
    });
    await startSandbox(editor);
    const chat = await newSessionWith(editor, 'app.py');

    // An answer that leaves out what it had to use says so; the next one names it.
    const pin = chat.button('The answer must use app.py');
    const detailed = chat.button('Detailed analysis');
    await pin.click();
    await expect(pin).toHaveAttribute('aria-pressed', 'true');
    await detailed.click();
    await chat.ask('/demo markdown');
    await expect(chat.articles('Notice: warning')).toContainText('had to use app.py, and names it nowhere');
    await expect(pin).toHaveAttribute('aria-pressed', 'false');
    await expect(detailed).toHaveAttribute('aria-pressed', 'true');
    await detailed.click();
    await pin.click();
    await chat.ask('What is in the file?');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('app.py');
    await chat.idle();
    await expect(chat.articles('Notice: warning')).toHaveCount(1);
    await expect(chat.articles('You').last()).toContainText('These attachments must be used: app.py.');

    // Reasoning goes and comes back.
    const reasoning = chat.button('Show reasoning');
    await expect(chat.articles('Thinking').last()).toBeVisible();
    await reasoning.click();
    await expect(chat.articles('Thinking')).toHaveCount(0);
    await expect(chat.articles('Sec-Gemini').last()).toContainText('app.py');
    await reasoning.click();
    await expect(chat.articles('Thinking').last()).toBeVisible();

    // Disconnected by the menu, connected again by the panel; the draft stays.
    await chat.composer.fill('Half a question');
    await editor.statusBarItem(/^Sec-Gemini/).click();
    await editor.pick('Disconnect');
    await expect(chat.frame.getByText('You disconnected.', { exact: false })).toBeVisible();
    await expect(chat.status.filter({ hasText: 'Offline' }).first()).toBeVisible();
    await expect(chat.button('Send')).toBeDisabled();
    await chat.button('Connect').click();
    await expect(chat.button('Send')).toBeEnabled();
    await expect(chat.composer).toHaveValue('Half a question');
    await chat.ask('Which files do you have?');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('app.py');
    await chat.idle();

    // Over for good: asked once, then it can be read.
    await editor.runCommand('Sec-Gemini: Terminate Session…');
    await expect(editor.dialog()).toContainText(/Terminate session .*\?/);
    await expect(editor.dialog()).toContainText(
      protocol === 'v3' ? 'its archive' : 'keeps the session until it expires',
    );
    await editor.pressDialogButton('Terminate');
    const ended = new Chat(editor.visiblePanelFrame());
    await expect(ended.status.filter({ hasText: 'Read only' }).first()).toBeVisible();
    await expect(ended.frame.getByText('This session was terminated: it can only be read.')).toBeVisible();
    await expect(ended.composer).toBeDisabled();
    await expect(ended.frame.getByRole('list', { name: 'Attached files' })).toBeVisible();
    await expect(ended.frame.getByRole('button', { name: /^(Remove|The answer must use) app\.py/ })).toHaveCount(0);
    if (protocol === 'v1') await expect(editor.treeItem(/^Session .*, terminated/)).toBeVisible();
  });
}
