// Many sessions in one list: filtered, sorted, deleted with one question. One editor start per protocol.
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import { expect, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

const rows = async (editor: EditorPage): Promise<readonly string[]> =>
  editor
    .sideBar()
    .getByRole('treeitem', { name: /^Session / })
    .evaluateAll((all) => all.map((row) => /^Session ([^,]+)/.exec(row.getAttribute('aria-label') ?? '')?.[1] ?? ''));

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
      await editor.page.keyboard.type('case');
      await expect.poll(() => rows(editor)).toHaveLength(2);
      await editor.page.screenshot({ path: `/tmp/h/sess2/filter-${protocol}.png` });
      await editor.page.keyboard.press('Escape');
      await expect.poll(() => rows(editor)).toHaveLength(3);
      await editor.runCommand('Sec-Gemini: Filter Sessions');
      await editor
        .quickInput()
        .getByRole('option', { name: /^Has files/ })
        .click();
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
      await editor.page.screenshot({ path: `/tmp/h/sess2/sorted-${protocol}.png` });
    });

    await test.step('two are deleted with one question', async () => {
      await editor.runCommand('Sec-Gemini: Delete Session');
      await editor
        .quickInput()
        .getByRole('option', { name: /^Audit/ })
        .click();
      await editor
        .quickInput()
        .getByRole('option', { name: /^Case 10/ })
        .click();
      await editor.page.keyboard.press('Enter');
      await expect(editor.dialog()).toContainText('Delete 2 sessions?');
      await editor.pressDialogButton('Delete');
      await expect.poll(() => rows(editor)).toEqual(['case 9']);
    });
  });
}
