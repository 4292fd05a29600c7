// Findings in the real editor: a review of the example workspace, its findings in Problems at their code, what can be done about them, and what
// leaves as SARIF.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import type { EditorPage } from '../../../scripts/rig/drive.ts';
import { expect, makeWorkspace, test } from '../support/editor.ts';
import { confirmSend, openSecGemini, startSandbox } from '../support/gestures.ts';
import { CodeThread } from '../support/inline.ts';
import { sarifValidator } from '../support/sarif.ts';

interface Log {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly suppressions?: readonly { readonly justification: string }[];
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

for (const protocol of ['v1', 'v3'] as const) {
  test(`a review of a file, from the question to the exported findings (${protocol})`, async ({
    openEditor,
    temporaryFolder,
  }) => {
    const workspace = makeWorkspace(join(temporaryFolder, 'ws'));
    const git = (...args: string[]): void =>
      void execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args], {
        cwd: workspace,
      });
    git('init', '--quiet');
    git('add', '--all', '--force');
    git('commit', '--quiet', '--message', 'The first commit');
    appendFileSync(join(workspace, 'web', 'search.js'), 'list.innerHTML = location.hash;\n');
    const editor = await openEditor({
      workspace,
      settings: { 'secGemini.protocol': protocol, 'comments.openView': 'never' },
    });
    const { page } = editor;
    await page.setViewportSize({ width: 1400, height: 1400 });
    await startSandbox(editor);
    const thread = new CodeThread(editor);
    const problem = (words: string): Locator => page.getByRole('treeitem', { name: new RegExp(`^\\w+: ${words}`) });

    await test.step('Review File asks by the gate, and what it finds stands in Problems with severity, rule and place', async () => {
      await editor.openFile('server.py');
      await editor.runCommand('Sec-Gemini: Review File');
      await expect(editor.dialog()).toContainText('1 secret was found');
      await editor.pressDialogButton(protocol === 'v1' ? 'Send' : 'Redact and Send');
      const told = editor.notification('The review found');
      await told.getByRole('button', { name: 'Show Problems' }).click();
      await expect(problem('SQL statement built from text \\(critical\\)')).toContainText('[Ln 23, Col 5]');
      // There it is: the panel has its place.
      await growPanel(page);
      await expect(problem('Command run by a shell \\(high\\)')).toContainText('Sec-Geminipython/command-injection');
      await expect(problem('Debug mode is on \\(medium\\)')).toContainText('[Ln 44, Col 5]');
      // The masked quotation leads to the line of the secret.
      if (protocol === 'v1') await expect(problem('Secret in the file')).toContainText('[Ln 12, Col 1]');
    });

    await test.step('30 lines inserted above: they stay with their code', async () => {
      await thread.toTop();
      await page.keyboard.insertText('# above\n'.repeat(30));
      await expect(problem('SQL statement')).toContainText('[Ln 53, Col 5]');
      await expect(problem('Command run')).toContainText('[Ln 66, Col 5]');
      await editor.runCommand('File: Save');
    });

    await test.step('its fix opens as a diff; applied it makes the finding stale, and one undo takes it back', async () => {
      await quickFix(editor, problem('SQL statement'), 'Sec-Gemini: Show the Fix as a Diff');
      await expect(editor.tab('server.py ↔ Proposed by Sec-Gemini')).toBeVisible();
      await page.getByRole('button', { name: 'Apply Proposed Change' }).click();
      // The file itself has to be in front and have the keys.
      await expect(editor.tab('server.py ↔ Proposed by Sec-Gemini')).toHaveCount(0);
      await expect(page.locator('.editor-instance .monaco-editor.focused').first()).toBeVisible();
      await expect(problem('SQL statement')).toHaveAccessibleName(/^Info: .*\n?Stale: the code has changed/);
      await page.keyboard.press('Control+z');
      await expect(problem('SQL statement')).toHaveAccessibleName(/^Error: /);
      await expect(problem('SQL statement')).not.toHaveAccessibleName(/Stale/);
    });

    await test.step('it is verified by a question of its own; the verdict stands with it', async () => {
      await quickFix(editor, problem('SQL statement'), 'Sec-Gemini: Verify This Finding');
      await expect(editor.dialog()).toContainText('server.py:53-53');
      await editor.pressDialogButton('Send');
      await expect(thread.comments('Sec-Gemini')).toContainText('The rule fires in these lines');
      await expect(problem('SQL statement')).toHaveAccessibleName(/Verdict: confirmed/);
      await expect(editor.treeItem(/^Thread Verify: SQL statement built from text, confirmed/)).toBeVisible();
    });

    await test.step("it is asked about in words of one's own, in the same thread", async () => {
      await quickFix(editor, problem('SQL statement'), 'Sec-Gemini: Ask About This Finding');
      await editor.answer('Which lines does this reach?');
      await expect(thread.comments('You').last()).toHaveAccessibleName(/Which lines does this reach\?/);
      await expect(thread.comments('Sec-Gemini')).toHaveCount(2);
    });

    await test.step('one is suppressed with a reason', async () => {
      await quickFix(editor, problem('Debug mode'), 'Sec-Gemini: Suppress This Finding…');
      await editor.answer('Only run by hand');
      await expect(problem('Debug mode')).toHaveCount(0);
    });

    await test.step('Review Changes: what a change brings in stands at its line', async () => {
      await editor.runCommand('Sec-Gemini: Review Changes');
      await editor.pick('Working tree');
      await editor.quickInput().getByRole('option').nth(1).click();
      await confirmSend(editor, 1);
      await expect(problem('HTML')).toContainText('[Ln 18, Col 1]');
      await expect(problem('SQL statement'), 'a diff does not clear other findings').toBeVisible();
    });

    await test.step('all of them leave as valid SARIF', async () => {
      await editor.runCommand('Sec-Gemini: Export Findings…');
      await editor.pick('SARIF 2.1.0');
      const path = join(temporaryFolder, 'out.sarif');
      await expect(editor.quickInputBox()).toHaveValue(/findings\.sarif$/);
      await editor.answerFile(path, 'ws');
      await expect.poll(() => existsSync(path)).toBe(true);
      const log = JSON.parse(readFileSync(path, 'utf8')) as Log;
      expect(sarifValidator()(log)).toBe('');
      const results = log.runs[0]?.results ?? [];
      const of = (rule: string) => results.find(({ ruleId }) => ruleId === rule);
      expect(of('python/sql-injection')?.locations[0]?.physicalLocation).toMatchObject({
        artifactLocation: { uri: 'app/server.py' },
        region: { startLine: 53 },
      });
      expect(of('python/debug-server')?.suppressions?.[0]?.justification).toBe('Only run by hand');
    });

    await test.step('and as Markdown', async () => {
      await editor.runCommand('Sec-Gemini: Export Findings…');
      await editor.pick('Markdown');
      const path = join(temporaryFolder, 'out.md');
      await expect(editor.quickInputBox()).toHaveValue(/findings\.md$/);
      await editor.answerFile(path, 'ws');
      await expect.poll(() => existsSync(path)).toBe(true);
      const report = readFileSync(path, 'utf8');
      expect(report).toMatch(/SQL statement built from text/);
      expect(report).toMatch(/app\/server\.py:53/);
      expect(report).toMatch(/verdict: confirmed/i);
      expect(report).toMatch(/Only run by hand/);
    });

    await test.step('after a reload they are back, and the suppressed one can be taken back', async () => {
      await editor.reload();
      await openSecGemini(editor);
      await editor.runCommand('Problems: Focus on Problems View');
      await expect(problem('SQL statement')).toContainText('[Ln 53, Col 5]');
      await expect(problem('SQL statement')).toHaveAccessibleName(/Verdict: confirmed/);
      await expect(problem('Debug mode')).toHaveCount(0);
      await editor.runCommand('Sec-Gemini: Show Suppressed Findings…');
      const row = editor.quickInput().getByRole('checkbox', { name: /^server\.py:74 Debug mode is on, / });
      await expect(row).toContainText('Only run by hand');
      await row.click();
      await editor.quickInput().getByRole('button', { name: 'OK' }).click();
      await expect(problem('Debug mode is on \\(medium\\)')).toContainText('[Ln 74, Col 5]');
    });
  });
}

/** Chooses from the quick fixes of a problem, in the list itself: the bulb comes when the editor knows them. */
async function quickFix(editor: EditorPage, problem: Locator, title: string): Promise<void> {
  // The words of the row under the pointer would lie over the rows below it.
  await editor.page.mouse.move(0, 0);
  await problem.click();
  await problem.locator('.markers-panel-action-quickfix').click();
  await editor.chooseMenuItem(title);
}

/** Draws the lower panel higher: the list holds only the rows that are in sight. */
async function growPanel(page: Page): Promise<void> {
  const box = await page.locator('.part.panel').boundingBox();
  if (box === null) throw new Error('There is no panel.');
  await page.mouse.move(box.x + box.width / 2, box.y - 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y - 300, { steps: 5 });
  await page.mouse.up();
}
