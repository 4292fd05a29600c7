// Every way to attach, from the gesture to the file under its session and into the sandbox's answer.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EditorPage, expect, makeWorkspace, test } from '../support/editor.ts';
import { confirmSend, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

const APP = Array.from({ length: 12 }, (_line, index) => `value_${index + 1} = ${index + 1}\n`).join('');
const NOTEBOOK = JSON.stringify({
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Triage'] },
    {
      cell_type: 'code',
      metadata: {},
      execution_count: 1,
      source: ['print("from the notebook")'],
      outputs: [{ output_type: 'stream', name: 'stdout', text: ['from the notebook\n'] }],
    },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A picture of one red dot, in base64. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A repository with a first commit, a staged change and one in the working tree. */
function makeRepository(folder: string): string {
  makeWorkspace(folder, {
    'src/app.py': APP,
    'lib/app.py': 'import os\n',
    'docs/guide.md': '# Guide\n',
    'docs/more/plan.md': '# Plan\n',
    'docs/skipped.tmp': 'excluded\n',
    'docs/.gitignore': 'secret-notes.md\n',
    'docs/secret-notes.md': 'ignored\n',
    'one.txt': 'one\n',
    'two.txt': 'two\n',
    'notes.txt': 'notes\n',
    'bad.json': '{ "a": }\n',
    'analysis.ipynb': NOTEBOOK,
    'private/plan.md': 'the plan\n',
    'private/bad.json': '{ "ignored": }\n',
    '.secgeminiignore': 'private/\n',
    '.env': 'TOKEN=hunter2\n',
  });
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.invalid', ...args], { cwd: folder });
  };
  git('init', '--quiet');
  git('add', '--all', '--force');
  git('commit', '--quiet', '--message', 'The first commit');
  writeFileSync(join(folder, 'one.txt'), 'one, staged\n');
  git('add', 'one.txt');
  writeFileSync(join(folder, 'two.txt'), 'two, in the working tree\n');
  writeFileSync(join(folder, '.env'), 'TOKEN=changed-in-the-working-tree\n');
  writeFileSync(join(folder, 'private/plan.md'), 'the plan, changed\n');
  return folder;
}

/** Answers "Attach to which session?" with the session used last, then agrees. */
async function toTheSession(editor: EditorPage, count = 1): Promise<void> {
  await expect(editor.quickInput()).toContainText('Attach to which session?');
  await editor.quickInput().getByRole('option').nth(1).click();
  await confirmSend(editor, count);
}

async function appears(editor: EditorPage, ...names: string[]): Promise<void> {
  await openSecGemini(editor);
  for (const name of names) {
    // Arrived: the row of one that is still sent is another, which a click does not open.
    const words = name.replaceAll(/[.()\\]/g, (sign) => `\\${sign}`);
    await expect(editor.treeItem(new RegExp(`^File ${words}, (?!sending)`))).toBeVisible();
  }
}

test('every way to attach ends as a file under its session, named in the answer', async ({
  openEditor,
  temporaryFolder,
}) => {
  test.setTimeout(420_000);
  const folder = makeRepository(join(temporaryFolder, 'project'));
  const editor = await openEditor({
    workspace: folder,
    settings: { 'explorer.autoReveal': false, 'files.exclude': { '**/*.tmp': true, '**/.git': true } },
  });
  await editor.page.setViewportSize({ width: 1400, height: 1000 });
  await startSandbox(editor);
  const chat = await newSession(editor);
  const unsaved = `value_0 = 0\n${APP}`;

  await test.step('the active file, with its unsaved edits', async () => {
    await editor.openFile('src/app.py');
    await editor.page.keyboard.press('Control+Home');
    await editor.page.keyboard.type('value_0 = 0\n');
    await editor.runCommand('Sec-Gemini: Attach Active File');
    await toTheSession(editor);
    await appears(editor, 'app.py');
  });

  await test.step('a selection, named after its lines and found again after edits above', async () => {
    await editor.tab('app.py').click();
    await editor.page.keyboard.press('Control+Home');
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.press('ArrowDown');
    await editor.page.keyboard.press('Shift+ArrowDown');
    await editor.page.keyboard.press('Shift+ArrowDown');
    await editor.runCommand('Sec-Gemini: Attach Selection');
    await toTheSession(editor);
    await appears(editor, 'app.py:3-4');
    await editor.tab('app.py').click();
    await editor.page.keyboard.press('Control+Home');
    await editor.page.keyboard.type('# one more\n# and another\n');
    await editor.treeItem('File app.py:3-4').click({ button: 'right' });
    await editor.chooseMenuItem('Open Source');
    await expect(editor.statusBarItem(/^Ln 6, Col \d+ \(\d+ selected\)/)).toBeVisible();
  });

  await test.step('a saved change is noticed, and the new version takes the place of the old', async () => {
    await editor.tab('app.py').click();
    await editor.runCommand('File: Save');
    const row = editor.treeItem(/^File app\.py, .*changed since attached/);
    await expect(row).toBeVisible();
    // The lines of the selection only moved.
    await expect(editor.treeItem(/^File app\.py:3-4, .*changed/)).toHaveCount(0);
    await row.hover();
    await row.getByRole('button', { name: 'Re-attach' }).click();
    await confirmSend(editor, 1);
    await expect(row).toHaveCount(0);
    await expect(editor.treeItem(/^File app\.py, /)).toHaveCount(1);
  });

  await test.step('the Explorer: a file of a name that is taken, several at once, a folder', async () => {
    await editor.openContainer('Explorer');
    await editor.treeItem('lib').click();
    await editor.treeItem('app.py').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await toTheSession(editor);
    await appears(editor, 'app (lib).py');
    await editor.openContainer('Explorer');
    await editor.treeItem('one.txt').click();
    await editor.treeItem('two.txt').click({ modifiers: ['Control'] });
    await editor.treeItem('two.txt').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await toTheSession(editor, 2);
    await appears(editor, 'one.txt', 'two.txt');
    await editor.openContainer('Explorer');
    await editor.treeItem('docs').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await expect(editor.dialog()).toContainText('Attach the folder "docs"?');
    await expect(editor.dialog()).toContainText('3 files, ');
    await expect(editor.dialog()).toContainText('Left out: 1 by "files.exclude", 1 by ignore files.');
    await editor.pressDialogButton('Attach 3 Files');
    await toTheSession(editor, 3);
    await appears(editor, 'guide.md', 'plan.md', '.gitignore');
  });

  await test.step('tabs: one by right-click, several by ticking', async () => {
    await editor.openFile('notes.txt');
    await editor.tab('notes.txt').click({ button: 'right' });
    await editor.chooseMenuItem('Attach to Session');
    await toTheSession(editor);
    await appears(editor, 'notes.txt');
    await editor.openFile('bad.json');
    await editor.runCommand('Sec-Gemini: Attach Open Editors…');
    await expect(editor.quickInput()).toContainText('Attach which open editors?');
    await editor
      .quickInput()
      .getByRole('checkbox', { name: /^notes\.txt, / })
      .click();
    await editor.page.keyboard.press('Enter');
    await toTheSession(editor, 2);
    await appears(editor, 'bad.json', 'notes (2).txt');
  });

  await test.step('the problems of the active file', async () => {
    // Kept open: a preview would give way to the next file, and its problems with it.
    await editor.tab('bad.json').dblclick();
    await expect(editor.statusBarItem(/Problems|Errors: [1-9]/)).toBeVisible();
    await editor.runCommand('Sec-Gemini: Attach Problems…');
    await editor.pick('Problems of bad.json');
    await toTheSession(editor);
    await appears(editor, 'bad.json.problems.sarif.json');
  });

  await test.step('the problems of the workspace, without those of an ignored file', async () => {
    await editor.openFile('private/bad.json');
    await expect(editor.statusBarItem(/Errors: [2-9]/)).toBeVisible();
    await editor.runCommand('Sec-Gemini: Attach Problems…');
    await editor.pick('Problems of the workspace');
    await expect(editor.quickInput()).toContainText('Attach to which session?');
    await editor.quickInput().getByRole('option').nth(1).click();
    await expect(editor.dialog()).toContainText('left out: private/bad.json (rule .secgeminiignore: private/)');
    await confirmSend(editor, 1);
    await appears(editor, 'workspace-problems.sarif.json');
    await editor.treeItem('File workspace-problems.sarif.json').click();
    await editor.tab('workspace-problems.sarif.json').waitFor();
    const text = editor.page.locator('.view-lines').last();
    await expect(text).toContainText('bad.json');
    await expect(text).not.toContainText('private/bad.json');
    await editor.runCommand('View: Close Editor');
  });

  await test.step('git: working tree without the .env and what .secgeminiignore names, staged changes, a commit', async () => {
    for (const [choice, name] of [
      ['Working tree', 'working-tree.diff'],
      ['Staged changes', 'staged.diff'],
    ] as const) {
      await editor.runCommand('Sec-Gemini: Attach Git Changes…');
      await editor.pick(choice);
      await expect(editor.quickInput()).toContainText('Attach to which session?');
      await editor.quickInput().getByRole('option').nth(1).click();
      if (choice === 'Working tree')
        await expect(editor.dialog()).toContainText(
          'left out: .env (rule .env*), private/plan.md (rule .secgeminiignore: private/)',
        );
      await confirmSend(editor, 1);
      await appears(editor, name);
    }
    await editor.runCommand('Sec-Gemini: Attach Git Changes…');
    await editor.pick('A commit…');
    await editor.pick('The first commit');
    await toTheSession(editor);
    await openSecGemini(editor);
    await expect(editor.treeItem(/^File commit-[0-9a-f]{8}\.diff/)).toBeVisible();
  });

  await test.step('text of the clipboard, with the type that it looks like', async () => {
    await editor.setClipboard('{"alert": "from the clipboard"}');
    await editor.runCommand('Sec-Gemini: Attach Clipboard Text');
    await expect(editor.quickInput()).toContainText('It looks like: JSON');
    await expect(editor.quickInputBox()).toHaveValue('clipboard.json');
    await editor.page.keyboard.press('Enter');
    await toTheSession(editor);
    await appears(editor, 'clipboard.json');
  });

  await test.step('the selection of the terminal; the clipboard is as it was', async () => {
    await editor.runCommand('Terminal: Create New Terminal');
    const terminal = editor.page.locator('.terminal-wrapper.active .xterm');
    await terminal.waitFor();
    await terminal.click();
    await editor.page.keyboard.type('echo from-the-$((20+22))-terminal\n');
    await editor.runCommand('Terminal: Select All');
    await editor.runCommand('Sec-Gemini: Attach Terminal Selection');
    await expect(editor.quickInputBox()).toHaveValue('terminal.log');
    await editor.page.keyboard.press('Enter');
    await toTheSession(editor);
    await appears(editor, 'terminal.log');
    expect(await editor.readClipboard()).toBe('{"alert": "from the clipboard"}');
    await editor.runCommand('Terminal: Kill All Terminals');
  });

  await test.step('cells of a notebook with their outputs', async () => {
    await editor.openFile('analysis.ipynb');
    await editor.page.getByText('from the notebook').first().waitFor();
    await editor.runCommand('Sec-Gemini: Attach Notebook Cells');
    await toTheSession(editor);
    await openSecGemini(editor);
    await expect(editor.treeItem(/^File analysis\.ipynb:cells? /)).toBeVisible();
  });

  await test.step('an untitled document', async () => {
    await editor.runCommand('File: New Untitled Text File');
    await editor.tab('Untitled-1').waitFor();
    await editor.page.keyboard.type('<?xml version="1.0"?><untitled/>');
    await editor.runCommand('Sec-Gemini: Attach Active File');
    await toTheSession(editor);
    await appears(editor, 'Untitled-1.xml');
  });

  await test.step('a file of another file system', async () => {
    // The Git extension's: the file as the last commit has it.
    await editor.openFile('two.txt');
    await editor.runCommand('Git: Open File (HEAD)');
    await editor.tab('two.txt (HEAD)').waitFor();
    await editor.runCommand('Sec-Gemini: Attach Active File');
    await toTheSession(editor);
    await appears(editor, 'two (project).txt');
  });

  await test.step('a picture of the clipboard, pasted into the composer', async () => {
    await editor.tab('Session').click();
    await editor.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })]);
    }, PNG);
    await chat.composer.focus();
    await editor.page.keyboard.press('Control+V');
    await confirmSend(editor, 1);
    await appears(editor, 'image.png');
  });

  await test.step('the answer names them all', async () => {
    await editor.tab('Session').click();
    await chat.ask('Which files do you have?');
    const answer = chat.articles('Sec-Gemini').last();
    for (const name of [
      'app.py',
      'app.py:3-4',
      'app (lib).py',
      'one.txt',
      'two.txt',
      'guide.md',
      'plan.md',
      '.gitignore',
      'notes.txt',
      'notes (2).txt',
      'bad.json',
      'bad.json.problems.sarif.json',
      'workspace-problems.sarif.json',
      'working-tree.diff',
      'staged.diff',
      /commit-[0-9a-f]{8}\.diff/,
      'clipboard.json',
      'terminal.log',
      /analysis\.ipynb:cells? /,
      'Untitled-1.xml',
      'two (project).txt',
      'image.png',
    ])
      await expect(answer).toContainText(name);
    await chat.idle();
    await chat.ask('What is the hash of app.py?');
    await expect(chat.articles('Sec-Gemini').last()).toContainText(sha256(`# one more\n# and another\n${unsaved}`));
  });
});
