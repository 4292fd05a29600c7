// More of threads at code: the other ways to one (gutter, right-click, the problem of a tool), a proposed change of several parts in two files, the
// session of one's choice, and code that goes.
import { join } from 'node:path';
import { type Locator } from '@playwright/test';
import { expect, test } from '../support/editor.ts';
import { confirmSend, startSandbox } from '../support/gestures.ts';
import { CodeThread, writeControlExtension } from '../support/inline.ts';

const KEY = `key = "${['AKIA', 'IOSFODNN7', 'QWERTYU'].join('')}"`;
const FLOW = [
  'from other import one',
  '',
  'def orders(db):',
  '    rows = db.execute(f"SELECT id FROM orders WHERE customer = \'{one}\'")',
  '    return rows.fetchall()',
  '',
].join('\n');

for (const protocol of ['v1', 'v3'] as const) {
  test(`threads from the gutter, by right-click and at a tool's problem, and a change over two files (${protocol})`, async ({
    openEditor,
    temporaryFolder,
  }) => {
    const editor = await openEditor({
      workspace: {
        'long.py': `${KEY}\nmiddle = 2\nlast = 3\n`,
        'other.py': 'one = input()\n\ntwo = 2\n',
        'flow.py': FLOW,
      },
      settings: { 'secGemini.protocol': protocol, 'comments.openView': 'never' },
      extensionPaths: [process.cwd(), writeControlExtension(join(temporaryFolder, 'control'), '')],
    });
    const { page } = editor;
    await page.setViewportSize({ width: 1400, height: 1000 });
    await startSandbox(editor);
    const thread = new CodeThread(editor);
    const code = (): Locator => page.locator('.editor-instance .view-lines:not(.review-widget *)').first();
    const problem = page.getByRole('treeitem', { name: /^Error: This query depends/ });
    const apply = async (name: string): Promise<void> => {
      await page.getByRole('button', { name: 'Apply Proposed Change' }).click();
      // The diff holds the same words: the file itself has to be in front, with the cursor at the change.
      await expect(editor.tab(`${name} ↔ Proposed by Sec-Gemini`)).toHaveCount(0);
      await expect(page.locator('.editor-instance .monaco-editor.focused').first()).toBeVisible();
    };
    const quickFix = async (title: string): Promise<void> => {
      await page.mouse.move(0, 0);
      await problem.click();
      await problem.locator('.markers-panel-action-quickfix').click();
      await editor.chooseMenuItem(title);
    };

    await test.step("the gutter's plus opens a thread at its line", async () => {
      await editor.openFile('other.py');
      await thread.toTop();
      const number = page
        .locator('.editor-instance .margin-view-overlays .line-numbers')
        .filter({ hasText: /^1$/ })
        .first();
      await number.hover();
      await page.locator('.comment-range-glyph.line-hover').first().click();
      await expect(thread.button('Ask (Ctrl+Enter)')).toBeVisible();
      await thread.ask('Which files do you have?');
      await confirmSend(editor, 1);
      await expect(thread.comments('Sec-Gemini')).toContainText('other.py:1-1');
    });

    await test.step('so does a right-click on what is selected', async () => {
      await editor.openFile('long.py');
      await thread.toTop();
      for (let line = 1; line <= 3; line += 1) await page.keyboard.press('Shift+ArrowDown');
      await expect(editor.statusBarItem(/^Ln 4, Col 1 \(\d+ selected\)/)).toBeVisible();
      await code().locator('.view-line').nth(1).click({ button: 'right' });
      await editor.chooseMenuItem('Ask Sec-Gemini');
      await expect(thread.button('Ask (Ctrl+Enter)')).toBeVisible();
      await thread.ask('/demo patch');
      await expect(editor.dialog()).toContainText('1 secret was found');
      await editor.pressDialogButton('Redact and Send');
      await expect(thread.comments('Sec-Gemini')).toContainText('at the end of 2 files');
    });

    const chooseParts = async (): Promise<void> => {
      await thread.button('Use Code…').click();
      await editor.pick('Open as Diff');
      // One line of other.py was sent, and the first and the last of long.py.
      await expect(editor.quickInput().getByRole('checkbox', { name: /^Change \d, / })).toHaveCount(3);
      await editor
        .quickInput()
        .getByRole('checkbox', { name: /^Change 3, / })
        .click();
      await editor.quickInput().getByRole('button', { name: 'OK' }).click();
      await expect(editor.dialog()).toContainText('Open a change to other.py?');
      await expect(editor.dialog()).toContainText('The question was about long.py.');
    };

    await test.step('a no keeps the other file out; only the chosen parts are applied', async () => {
      await chooseParts();
      await editor.pressDialogButton('Cancel');
      await expect(editor.tab('long.py ↔ Proposed by Sec-Gemini')).toBeVisible();
      await expect(editor.tab('other.py ↔ Proposed by Sec-Gemini')).toHaveCount(0);
      await apply('long.py');
      // What was replaced on the way out is the file's own again.
      await expect(code()).toContainText(new RegExp(`${KEY.replaceAll(' ', '.')}.#.reviewed`));
      await expect(code()).not.toContainText(/last.=.3.#/);
      await page.keyboard.press('Control+z');
      await expect(code()).not.toContainText('reviewed');
    });

    await test.step('a yes of its own opens the diff of the other file', async () => {
      await editor.treeItem(/^Thread \/demo patch/).click();
      await chooseParts();
      await editor.pressDialogButton('Open Diff');
      await expect(editor.tab('other.py ↔ Proposed by Sec-Gemini')).toBeVisible();
      await expect(editor.tab('long.py ↔ Proposed by Sec-Gemini')).toBeVisible();
      await page.getByRole('button', { name: 'Discard Proposed Change' }).click();
      await expect(editor.tab('long.py ↔ Proposed by Sec-Gemini')).toHaveCount(0);
    });

    await test.step('the problem of another tool goes with its rule, its words and the steps of its flow; the verdict stands beside it', async () => {
      await editor.openFile('flow.py');
      await thread.toTop();
      for (let line = 1; line < 4; line += 1) await page.keyboard.press('ArrowDown');
      await editor.runCommand('Rig: Report This Line');
      await editor.runCommand('Problems: Focus on Problems View');
      await quickFix('Sec-Gemini: Is This Exploitable?');
      await expect(editor.dialog()).toContainText('flow.py:1-5');
      await expect(editor.dialog()).toContainText('other.py:1-3');
      await confirmSend(editor, 2);
      const asked = thread.comments('You');
      await expect(asked).toContainText('CodeQL reports');
      await expect(asked).toContainText('py/sql-injection');
      await expect(asked).toContainText('on line 4: This query depends on a user-provided value.');
      await expect(asked).toContainText('other.py:1');
      await expect(thread.title).toContainText('Verdict: exploitable');
      await expect(
        editor.treeItem(/^Thread Is this exploitable\? py\/sql-injection, exploitable, flow\.py/),
      ).toBeVisible();
    });

    await test.step('its fix is code in the answer; applied, the thread says that its code has changed', async () => {
      // The thread before stands open at the same lines.
      await thread.button('Collapse').click();
      await quickFix('Sec-Gemini: Fix This');
      await thread.button('Use Code…').click();
      await editor.pick('Copy');
      await expect.poll(() => editor.readClipboard()).toContain('WHERE customer = ?');
      // What was copied leaves the thread open; only a diff needs its place.
      await thread.button('Use Code…').click();
      await editor.pick('Insert at Cursor');
      await expect(code()).toContainText(/customer.=.\?/);
      await page.keyboard.press('Control+z');
      await expect(code()).not.toContainText(/customer.=.\?/);
      await thread.button('Use Code…').click();
      await editor.pick('Open as Diff');
      await apply('flow.py');
      await expect(code()).toContainText(/customer.=.\?/);
      await expect(editor.treeItem(/^Thread Fix this py\/sql-injection, .*the code has changed since/)).toBeVisible();
      await page.keyboard.press('Control+z');
      await expect(code()).not.toContainText(/customer.=.\?/);
    });

    await test.step('code that goes is lost, which the thread says, and found again when it comes back', async () => {
      await thread.toTop();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await expect(editor.treeItem(/^Thread Is this exploitable.*, lost: the code is gone, it was at /)).toBeVisible();
      await page.keyboard.press('Control+z');
      await expect(
        editor.treeItem(/^Thread Is this exploitable\? py\/sql-injection, exploitable, flow\.py:1-5$/),
      ).toBeVisible();
    });

    await test.step('a question goes to the session that is chosen for it', async () => {
      await thread.start(1, 1);
      await page.keyboard.type('Which files do you have?');
      await thread.button('Ask in Session…').click();
      await editor.pick('New session');
      await confirmSend(editor, 1);
      await expect(thread.comments('Sec-Gemini')).toContainText('flow.py:1-1');
      await expect(thread.comments('Sec-Gemini')).not.toContainText('other.py');
    });
  });
}
