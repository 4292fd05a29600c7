// More of the panel in the real editor, of the long tier: the composer's ways in, copying, finding, and what a reload of the window keeps.
import type { Locator } from '@playwright/test';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { Chat, confirmSend, newSession, startSandbox } from '../support/gestures.ts';

const TOOL = '// Keys of the demonstration.\n\nexport function loadKeys(): string[] {\n  return [];\n}\n';

/** Drags a row of the Explorer over a place of the page, with Shift held, and holds it there. */
async function dragOver({ page }: EditorPage, row: Locator, place: Locator): Promise<void> {
  // While the Explorer still reads its folder it draws its rows again, and a row that is replaced under the button cannot be dragged.
  await expect(page.locator('.part.sidebar .monaco-progress-container.active')).toHaveCount(0);
  await row.hover();
  const [from, to] = [await row.boundingBox(), await place.boundingBox()];
  await page.mouse.down();
  await page.mouse.move((from?.x ?? 0) + 60, (from?.y ?? 0) + 30, { steps: 3 });
  await page.keyboard.down('Shift');
  await page.mouse.move((to?.x ?? 0) + 40, (to?.y ?? 0) + 8, { steps: 8 });
  // The first move enters what it comes to, the next are over it; no hand is so still as to end with the first.
  await page.mouse.move((to?.x ?? 0) + 60, (to?.y ?? 0) + 12, { steps: 4 });
}

test('the composer, copies, find and a reload of the window', async ({ openEditor }) => {
  test.setTimeout(300_000);
  const editor = await openEditor({
    workspace: {
      'notes.txt': 'notes\n',
      'drop.log': 'one line\n',
      'src/tool.ts': TOOL,
      '.sec-gemini/prompts/team-check.md': '# What our team asks\n\nWho may call this?\n',
    },
    settings: { 'secGemini.chat.enterSends': false },
  });
  const { page } = editor;
  await startSandbox(editor);
  await editor.openFile('tool.ts');
  await page.locator('.view-lines').getByText('Keys of the demonstration').click();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(editor.statusBarItem(/selected\)/)).toBeVisible();
  const chat = await newSession(editor);
  const { composer, conversation, frame } = chat;
  const chip = (name: RegExp): Locator => frame.getByRole('button', { name });

  await test.step('Enter begins a new line where the settings say so, and Ctrl+Enter sends; the keys bring the cursor back', async () => {
    await expect(frame.getByText('Ctrl+Enter sends')).toBeVisible();
    await composer.fill('one');
    await composer.press('Enter');
    await composer.pressSequentially('two');
    await expect(composer).toHaveValue('one\ntwo');
    await editor.tab('tool.ts').click();
    await expect(composer).not.toBeFocused();
    await page.keyboard.press('Control+Alt+G');
    await expect(composer).toBeFocused();
    await composer.press('Control+Enter');
    await expect(chat.articles('You').last()).toContainText(/one\s+two/);
    await expect(chat.articles('Sec-Gemini').last()).toContainText('local sandbox');
    await chat.idle();
  });

  await test.step('#selection and a file by its name are attached, each after the one question', async () => {
    await composer.pressSequentially('look at #sel');
    await expect(frame.getByRole('option', { name: '#selection' })).toContainText('src/tool.ts:1-2');
    await composer.press('Tab');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove tool\.ts/)).toBeVisible();
    await composer.fill('');
    await composer.pressSequentially('#notes');
    await frame.getByRole('option', { name: '#notes.txt' }).click();
    await confirmSend(editor, 1);
    await expect(chip(/^Remove notes\.txt/)).toBeVisible();
    await expect(frame.getByText('2 files, 11 characters')).toBeVisible();
    await composer.fill('');
  });

  await test.step('/ offers prompts', async () => {
    await composer.pressSequentially('/tri');
    await expect(frame.getByRole('option', { name: /^\/triage/ })).toBeVisible();
    await composer.press('Tab');
    await expect(composer).toHaveValue(/^Triage the attached files/);
    await composer.fill('');
  });

  await test.step('/ offers what one wrote oneself, in the profile and in the workspace', async () => {
    await editor.runCommand('Sec-Gemini: New Prompt');
    await editor.answer('my-hunt');
    await expect(page.locator('.view-lines').getByText('What it is for')).toBeVisible();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('# Beacons in a proxy log');
    await page.keyboard.press('Enter');
    await page.keyboard.type('List every host that is asked at even intervals.');
    await page.keyboard.press('Control+S');
    await expect(editor.tab('my-hunt.md')).not.toHaveClass(/dirty/);
    await editor.runCommand('View: Close Editor');
    await composer.pressSequentially('/');
    await expect(frame.getByRole('option', { name: /^\/team-check/ })).toContainText('What our team asks');
    await composer.pressSequentially('my');
    await expect(frame.getByRole('option', { name: /^\/my-hunt/ })).toContainText('Beacons in a proxy log');
    await composer.press('Tab');
    await expect(composer).toHaveValue('List every host that is asked at even intervals. ');
    await composer.fill('');
  });

  await test.step('a file of the Explorer is dropped while Shift is held', async () => {
    await editor.openContainer('Explorer');
    await dragOver(editor, editor.treeItem('drop.log'), composer);
    await expect(frame.getByText('Drop to attach')).toBeVisible();
    await page.mouse.up();
    await page.keyboard.up('Shift');
    await confirmSend(editor, 1);
    await expect(chip(/^Remove drop\.log/)).toBeVisible();
    await editor.openContainer('Sec-Gemini');
  });

  await test.step('message, turn, code and selection go to the clipboard as Markdown', async () => {
    await chat.ask('/demo render');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('One block of every render type');
    await chat.idle();
    await conversation.press('Home');
    const sample = chat.articles('Sec-Gemini').filter({ hasText: 'A heading' });
    const copied = (part: string): Promise<void> => expect.poll(() => editor.readClipboard()).toContain(part);
    await sample.getByRole('heading', { name: 'A heading' }).hover();
    await sample.getByRole('button', { name: 'Copy message as Markdown' }).click();
    await copied('# A heading');
    expect(await editor.readClipboard()).toContain('| --- | :---: |');
    await sample.getByRole('button', { name: 'Copy turn as Markdown' }).click();
    await copied('/demo render');
    const code = sample.getByRole('group', { name: 'Code, python' });
    await code.hover();
    await code.getByRole('button', { name: 'Copy code' }).click();
    await expect.poll(() => editor.readClipboard()).toMatch(/^cursor\.execute/);
    await sample.getByRole('heading', { name: 'A heading' }).click({ clickCount: 3 });
    await page.keyboard.press('Control+C');
    await expect.poll(() => editor.readClipboard()).toMatch(/^#+ A heading\s*$/);
    // When it came stands in its head while the pointer is there.
    await expect(sample.locator('.time')).toHaveText(/\d\d.\d\d/);
  });

  await test.step('code goes into the file that was used last, of two that stand open', async () => {
    const lines = (file: string): Locator => page.locator(`.monaco-editor[data-uri$="/${file}"] .view-lines`);
    await editor.tab('tool.ts').click();
    await editor.runCommand('View: Split Editor Down');
    await editor.openFile('drop.log');
    await expect(lines('tool.ts')).toBeVisible();
    await expect(lines('drop.log')).toBeVisible();
    const sample = chat.articles('Sec-Gemini').filter({ hasText: 'A heading' });
    const code = sample.getByRole('group', { name: 'Code, python' });
    await code.hover();
    await code.getByRole('button', { name: 'Insert at cursor' }).click();
    await expect(lines('drop.log')).toContainText('cursor.execute');
    await expect(lines('tool.ts')).not.toContainText('cursor.execute');
    await editor.tab('drop.log').click();
    await editor.runCommand('View: Revert and Close Editor');
    await editor.runCommand('View: Close Editor');
    await expect(lines('tool.ts')).toHaveCount(1);
  });

  await test.step('find goes over everything, forwards and back, also what is not in the page', async () => {
    await chat.ask('/demo long 200');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('200 messages');
    await expect(frame.getByText('Message 4 of 200.')).toHaveCount(0);
    await conversation.press('Control+F');
    const find = frame.getByRole('textbox', { name: 'Find', exact: true });
    await find.fill('Message 4 of');
    await expect(frame.getByText('Message 4 of 200.')).toBeInViewport();
    await find.fill('Message 20');
    await expect(frame.getByRole('status', { name: 'Matches' })).toHaveText('1 of 2');
    await find.press('Enter');
    await expect(frame.getByText('Message 200 of 200.')).toBeInViewport();
    await find.press('Shift+Enter');
    await expect(frame.getByText('Message 20 of 200.')).toBeInViewport();
    await find.press('Escape');
    await expect(find).toBeHidden();
  });

  await test.step('who comes back to the panel stands where they were, not at the end', async () => {
    await conversation.press('Control+F');
    const find = frame.getByRole('textbox', { name: 'Find', exact: true });
    await find.fill('Message 100 of');
    await expect(frame.getByText('Message 100 of 200.')).toBeInViewport();
    await find.press('Escape');
    // The second file of this column hides the panel, and VS Code throws its page away.
    await editor.openFile('notes.txt');
    await expect(page.locator('iframe.webview.ready:visible')).toHaveCount(0);
    await editor.runCommand('View: Close Editor');
    await expect(frame.getByText('Message 100 of 200.')).toBeInViewport();
    await frame.getByRole('button', { name: 'Jump to latest' }).click();
    await expect(chat.articles('Sec-Gemini').last()).toContainText('200 messages');
  });

  await test.step('the transcript opens as plain text', async () => {
    await frame.getByRole('button', { name: 'Open as plain text' }).click();
    const text = page.locator('.monaco-editor[data-uri^="sec-gemini-transcript:"]');
    await expect(text).toContainText('two');
    await editor.runCommand('View: Close Editor');
    await expect(composer).toBeVisible();
  });

  await test.step('after a reload of the window the panel is back: conversation, what is unfolded, and the draft', async () => {
    await frame.getByRole('button', { name: 'Expand all' }).click();
    await expect(frame.getByRole('button', { name: 'Collapse all' })).toBeVisible();
    await composer.fill('half');
    await composer.press('Enter');
    await composer.pressSequentially('a thought');
    await editor.reload();
    const restored = new Chat(editor.visiblePanelFrame());
    await expect(restored.composer).toHaveValue('half\na thought');
    await expect(restored.articles('Sec-Gemini').last()).toContainText('200 messages');
    await expect(restored.button('Collapse all')).toBeVisible();
    await expect(restored.frame.getByRole('button', { name: /^Remove drop\.log/ })).toBeVisible();
    await restored.composer.press('Control+Enter');
    // The answer is longer than the view: the question above it is not in the page.
    await expect(restored.articles('Sec-Gemini').last()).toContainText('drop.log');
    await restored.conversation.press('Control+F');
    await restored.frame.getByRole('textbox', { name: 'Find', exact: true }).fill('a thought');
    await expect(restored.articles('You').filter({ hasText: 'a thought' })).toBeInViewport();
  });
});
