// A session as a file and back, forked and rewound, as a user does it: one editor start per protocol.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { Chat, confirmSend, newSessionWith, startSandbox } from '../support/gestures.ts';

interface Exported {
  readonly session: { readonly name: string };
  readonly messages: readonly { readonly kind: string; readonly raw?: unknown }[];
}

for (const protocol of ['v1', 'v3'] as const) {
  test(`a session is exported, imported, forked and rewound (${protocol})`, async ({ openEditor, temporaryFolder }) => {
    const editor = await openEditor({
      workspace: { 'app.py': 'password = "needle-4711"\n' },
      settings: { 'secGemini.protocol': protocol },
    });
    await startSandbox(editor);
    const chat = await newSessionWith(editor, 'app.py');
    await expect(editor.treeItem('File app.py')).toBeVisible();
    await chat.ask('What is in the file?');
    await expect(chat.articles('Sec-Gemini').last()).toContainText('app.py');
    await chat.idle();

    const exportAs = async (form: string, scope: string, file: string): Promise<string> => {
      await editor.runCommand('Sec-Gemini: Export Session…');
      await editor.pick(form);
      await editor.pick(scope);
      const path = join(temporaryFolder, file);
      // The file dialog comes in the same box: its own value says that it is there.
      await expect(editor.quickInputBox()).toHaveValue(/\.(json|html|md)$/);
      await editor.answerFile(path, 'ws0');
      // The editor shows three notifications at most, so the file itself tells.
      await expect.poll(() => existsSync(path)).toBe(true);
      return readFileSync(path, 'utf8');
    };
    const json = await exportAs('JSON', 'Everything', 'case.json');
    const { messages, session } = JSON.parse(json) as Exported;
    expect(messages.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['prompt', 'thinking', 'toolCall', 'response']),
    );
    expect(messages.every(({ raw }) => raw !== undefined)).toBe(true);
    expect(await exportAs('HTML', 'Everything, secrets replaced', 'case.html')).not.toContain('<script');
    expect(await exportAs('Markdown', 'Everything', 'case.md')).toContain('## You');

    // Fork from the panel: the question names both files, and the new session says what it is.
    const answer = chat.articles('Sec-Gemini').last();
    await answer.hover();
    await answer.getByRole('button', { name: 'Fork from here' }).click();
    await confirmSend(editor, 2);
    const forked = new Chat(editor.visiblePanelFrame());
    await expect(forked.articles('Notice').first()).toContainText('New session with the transcript replayed');
    await expect(editor.sideBar().getByRole('treeitem', { name: /^Session Forked Session/ })).toBeVisible();
    await expect(editor.sideBar().getByRole('treeitem', { name: /^File transcript\.md/ })).toBeVisible();

    // Edit and resend: asked natively; the old session is put away, the question comes back as a draft.
    await forked.ask('Second thoughts?');
    await expect(forked.articles('Sec-Gemini').last()).toBeVisible();
    await forked.idle();
    const prompt = forked.articles('You').last();
    await prompt.hover();
    await prompt.getByRole('button', { name: 'Edit and resend in a new session' }).click();
    await expect(editor.dialog()).toContainText('Rewind "Forked Session"');
    await expect(editor.dialog()).toContainText(protocol === 'v1' ? 'marked as rewound and closed' : 'archived');
    await editor.pressDialogButton('Rewind');
    await confirmSend(editor, 2);
    const rewound = new Chat(editor.visiblePanelFrame());
    await expect(rewound.composer).toHaveValue('Second thoughts?');

    // Import: readable, and nothing can be sent.
    await editor.runCommand('Sec-Gemini: Import Session…');
    await expect(editor.quickInputBox()).toHaveValue(/^\//);
    await editor.answerFile(join(temporaryFolder, 'case.json'), 'case.json');
    const imported = new Chat(editor.visiblePanelFrame());
    await expect(imported.frame.getByText('This session was imported from a file: it can only be read.')).toBeVisible();
    await expect(imported.articles('You').first()).toContainText('What is in the file?');
    await expect(imported.composer).toBeDisabled();
    await expect(editor.treeItem(`Session ${session.name}, imported`)).toBeVisible();
    expect(await exportAs('JSON', 'Everything', 'again.json')).toBe(json);
  });
}
