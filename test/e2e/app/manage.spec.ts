// Many sessions in one list: filtered, sorted, deleted with one question. One editor start per protocol.
import type { Locator } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import { expect, test } from '../support/editor.ts';
import { Chat, confirmSend, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

const rows = async (editor: EditorPage): Promise<readonly string[]> =>
  editor
    .sideBar()
    .getByRole('treeitem', { name: /^Session / })
    .evaluateAll((all) => all.map((row) => /^Session ([^,]+)/.exec(row.getAttribute('aria-label') ?? '')?.[1] ?? ''));

/** A row with a tick box in the open quick pick, by the start of its name. */
const tick = (editor: EditorPage, name: string): Locator =>
  editor
    .quickInput()
    .getByRole('checkbox', { name: new RegExp(`^${name}`) })
    .first();

/** The text of the editor that is in front, as far as it is drawn. */
const text = async (editor: EditorPage): Promise<string> =>
  (await editor.page.locator('.editor-instance .view-lines').last().innerText()).replaceAll('\u00a0', ' ');

/** The tick box of a row. */
const box = (row: Locator): Locator => row.locator('.custom-view-tree-node-item-checkbox');

for (const protocol of ['v1', 'v3'] as const) {
  test(`sessions are found, sorted and put away (${protocol})`, async ({ openEditor }) => {
    const editor = await openEditor({
      workspace: { 'app.py': 'password = "needle-4711"\n' },
      settings: { 'secGemini.protocol': protocol },
    });
    await startSandbox(editor);
    for (const name of ['Case 10', 'case 9', 'Audit']) {
      await newSession(editor);
      await editor.runCommand('Sec-Gemini: Rename Session');
      await editor
        .quickInput()
        .getByRole('option', { name: /^(Session|Untitled|New)/ })
        .first()
        .click();
      await editor.answer(name);
      await expect(editor.treeItem(`Session ${name}`)).toBeVisible();
    }
    await editor.openFile('app.py');
    await editor.runCommand('Sec-Gemini: Attach Active File');
    await editor.pick(/^case 9/);
    await confirmSend(editor, 1);
    await openSecGemini(editor);
    await expect(editor.treeItem('File app.py')).toBeVisible();

    await test.step('the filter follows while it is typed and ticked; Escape puts back what was there', async () => {
      await editor.runCommand('Sec-Gemini: Filter Sessions');
      await expect(tick(editor, 'Has files')).toBeVisible();
      await editor.quickInput().getByRole('textbox').fill('case');
      await expect.poll(() => rows(editor)).toHaveLength(2);
      await editor.page.keyboard.press('Escape');
      await expect.poll(() => rows(editor)).toHaveLength(3);
      await editor.runCommand('Sec-Gemini: Filter Sessions');
      await tick(editor, 'Has files').click();
      await expect.poll(() => rows(editor)).toEqual(['case 9']);
      await editor.page.keyboard.press('Enter');
      await expect(editor.sideBar().getByText('filter: has files', { exact: false })).toBeVisible();
      await editor.runCommand('Sec-Gemini: Clear Filter');
      await expect.poll(() => rows(editor)).toHaveLength(3);
    });

    await test.step('sorted by name as people read', async () => {
      await editor.runCommand('Sec-Gemini: Sort Sessions…');
      await editor.pick('Name');
      await expect.poll(() => rows(editor)).toEqual(['Audit', 'case 9', 'Case 10']);
    });

    await test.step('two are deleted with one question', async () => {
      await editor.runCommand('Sec-Gemini: Delete Session');
      await tick(editor, 'Audit').click();
      await tick(editor, 'Case 10').click();
      await editor.page.keyboard.press('Enter');
      await expect(editor.dialog()).toContainText('Delete 2 sessions?');
      await editor.pressDialogButton('Delete');
      await expect.poll(() => rows(editor)).toEqual(['case 9']);
    });

    await test.step('an answer is rated and a bug reported after a look at the report', async () => {
      await editor.treeItem('Session case 9').click();
      const chat = new Chat(editor.visiblePanelFrame());
      await chat.ask('What is in the file?');
      const answer = chat.articles('Sec-Gemini').last();
      await expect(answer).toContainText('app.py');
      await chat.idle();
      await answer.hover();
      await answer.getByRole('button', { name: 'Bad answer' }).click();
      await expect(editor.quickInput()).toContainText(protocol === 'v1' ? /Sent to 127/ : /takes no feedback/);
      await editor.answer('The line is wrong');
      await expect(editor.notification(protocol === 'v1' ? /was sent/ : /Kept with the session/)).toBeVisible();
      await answer.hover();
      await expect(answer.getByRole('button', { name: 'Bad answer' })).toHaveAttribute('aria-pressed', 'true');
      await editor.page.keyboard.press('Escape');

      await answer.hover();
      await answer.getByRole('button', { name: 'Report a bug in this answer' }).click();
      await editor.answer('It stopped in mid-sentence');
      await expect(editor.dialog()).toContainText('It stopped in mid-sentence');
      await expect(editor.dialog()).toContainText(protocol === 'v1' ? /Sent with it: .*group/ : /Answer: \S+/);
      await editor.pressDialogButton(protocol === 'v1' ? 'Send' : 'Copy');
      if (protocol === 'v1') {
        // The service has both, as it says itself.
        await chat.ask('/demo reports');
        const filed = chat.articles('Sec-Gemini').last();
        await expect(filed).toContainText(/Feedback, score -1.*The line is wrong/);
        await expect(filed).toContainText(/Bug report.*It stopped in mid-sentence/);
        await expect(filed).toContainText(/about/);
      } else await expect.poll(() => editor.readClipboard()).toContain('It stopped in mid-sentence');
      await editor.runCommand('Sec-Gemini: Show What Left');
      await editor.pick('All sessions');
      await expect.poll(() => text(editor)).toMatch(protocol === 'v1' ? /Bug report/ : /What is in the file/);
    });

    await test.step('messages as a tree, details, and files of all sessions by name and by text', async () => {
      await editor.treeItem('Session case 9').click({ button: 'right' });
      await editor.chooseMenuItem('Show Message Tree');
      const messages = editor.sideBar().getByRole('treeitem', { name: /^Message / });
      await expect(messages.filter({ hasText: 'What is in the file?' }).first()).toBeVisible();
      await expect(messages.filter({ hasText: 'Tool call' }).first()).toBeVisible();
      await editor.runCommand('Sec-Gemini: Copy Message Tree as Text');
      await expect.poll(() => editor.readClipboard()).toMatch(/^Messages of: case 9[^]*toolCall · /);
      await editor.runCommand('Sec-Gemini: Close Message Tree');
      await expect(messages).toHaveCount(0);
      await editor.treeItem('Session case 9').click({ button: 'right' });
      await editor.chooseMenuItem('Session Details');
      await editor.tab('Details of case 9').waitFor();
      await expect.poll(() => text(editor)).toMatch(/app\.py.*SHA-256/);
      await expect.poll(() => text(editor)).toMatch(/Bad answer/);
      await editor.runCommand('Sec-Gemini: Find Attachments…');
      await expect(editor.quickPickRow('app.py')).toBeVisible();
      await editor.quickInput().getByRole('textbox').fill('needle-4711');
      await editor.pick(/^Search the text of the files/);
      await editor.pick(/^password = "needle-4711"/);
      await expect.poll(() => text(editor)).toContain('needle-4711');
    });

    await test.step('a file without its tick is off the service, and back with it', async () => {
      const used = editor.treeItem(/^File app\.py(?!.*not used)/);
      const unused = editor.treeItem('File app.py, not used');
      await box(used).click();
      await expect(unused).toBeVisible();
      await editor.treeItem('Session case 9').click();
      const chat = new Chat(editor.visiblePanelFrame());
      await chat.ask('Which files do you have?');
      await expect(chat.articles('Sec-Gemini').last()).toContainText(/no file|nothing is attached|No files/i);
      await chat.idle();
      await box(unused).click();
      await confirmSend(editor, 1);
      await expect(unused).toHaveCount(0);
      await expect(used).toBeVisible();
    });

    await test.step('a question whose answer is a document', async () => {
      await editor.runCommand('Sec-Gemini: Ask Sec-Gemini…');
      await editor.answer('Which files do you have?');
      await editor.pick(/^case 9/);
      await editor.tab('Answer in case 9').waitFor();
      await expect.poll(() => text(editor)).toContain('Status: 200 OK');
      await expect.poll(() => text(editor)).toContain('app.py');
    });

    await test.step('one question about each file: one table', async () => {
      await editor.treeItem(/^File app\.py/).click({ button: 'right' });
      await editor.chooseMenuItem('Ask About Each File…');
      await editor.answer('Are there secrets?');
      await expect(editor.notification('1 of 1 files were answered')).toBeVisible();
      await expect.poll(() => text(editor)).toMatch(/\| app\.py \| 295a34[^]*\| 200\W+OK \|/);
      await editor.notification('1 of 1 files were answered').getByRole('button', { name: 'Copy as CSV' }).click();
      await expect
        .poll(() => editor.readClipboard())
        .toMatch(/^File,SHA-256,Status,Tokens,Answer\r?\napp\.py,[0-9a-f]{64},200 OK/);
    });

    await test.step('closed and opened again; a temporary session is gone with its panel', async () => {
      await editor.treeItem('Session case 9').click({ button: 'right' });
      await editor.chooseMenuItem('Close Session');
      await expect(editor.treeItem(/^Session case 9, closed/)).toBeVisible();
      await expect(editor.page.locator('.tabs-container').getByRole('tab', { name: /^case 9/ })).toHaveCount(0);
      await editor.treeItem(/^Session case 9/).click();
      await expect(editor.treeItem(/^Session case 9, closed/)).toHaveCount(0);
      await editor.runCommand('Sec-Gemini: New Temporary Session…');
      await editor.pick('Delete it');
      await expect(editor.treeItem(/^Session .*, temporary/)).toBeVisible();
      await editor.treeItem(/^Session .*, temporary/).click({ button: 'right' });
      await editor.chooseMenuItem('Close Session');
      await expect(editor.notification(/temporary session .* was deleted/)).toBeVisible();
      await expect.poll(() => rows(editor)).toEqual(['case 9']);
    });

    await test.step('disconnected on request: reading goes on, and so does everything after Connect', async () => {
      await editor.runCommand('Sec-Gemini: Disconnect');
      await expect(editor.statusBarItem(/^Sec-Gemini: offline/)).toBeVisible();
      await expect(editor.treeItem('Session case 9')).toBeVisible();
      await editor.runCommand('Sec-Gemini: Connect');
      await expect(editor.statusBarItem(/^Sec-Gemini sandbox/)).toBeVisible();
    });
  });
}
