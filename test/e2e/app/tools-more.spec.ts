// The other answers to a call of a local tool (edited, withheld, allowed for the session), an agent that turns against its user, and an
// independent server that calls through its hub: in the long tier.
import { join } from 'node:path';
import { hasConformance, startConformance } from '../support/conformance.ts';
import { expect, test } from '../support/editor.ts';
import { newSession, openSecGemini, startSandbox } from '../support/gestures.ts';
import { TOOLS_WORKSPACE, review, useLocalTools } from '../support/tools.ts';

for (const protocol of ['v3', 'v1'] as const) {
  test(`asks again about changed arguments, withholds what was looked at, and allows for a session (${protocol})`, async ({
    openEditor,
  }) => {
    const editor = await openEditor({ workspace: TOOLS_WORKSPACE, settings: { 'secGemini.protocol': protocol } });
    await startSandbox(editor);
    const chat = await newSession(editor);
    const answer = chat.articles('Sec-Gemini').last();
    await useLocalTools(editor);

    // Edited arguments: asked about again, and the agent is told.
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await review(editor, chat, 'read_file');
    await expect(editor.quickPickRow('notes.txt')).toBeVisible();
    await editor.pick('Edit arguments');
    await editor.answer('{"path": "src/main.ts", "endLine": 1}');
    await expect(editor.quickPickRow('src/main.ts')).toBeVisible();
    await editor.pick('Allow once');
    await expect(answer).toContainText('the user changed the arguments to {"path":"src/main.ts","endLine":1}');
    await expect(answer).toContainText('import { area }');
    await chat.idle();

    // Looked at, and withheld.
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await review(editor, chat, 'read_file');
    await editor.pick('Look at the output');
    await expect(editor.page.locator('.view-lines').filter({ hasText: 'the words of the note' }).first()).toBeVisible();
    // The row that was clicked shows its description above the others.
    await editor.page.mouse.move(0, 0);
    await editor.pick('Withhold the output');
    await expect(answer).toContainText('The user looked at the output and withheld it.');
    await chat.idle();
    await expect(answer).not.toContainText('the words of the note');
    // One line a call in the conversation.
    await expect(
      chat.frame.getByText(/^read_file .*nothing of this machine left \(output withheld\)/).first(),
    ).toBeVisible();

    // What was allowed for the session is not asked about again.
    await chat.ask('/demo tool search_text {"query": "note"}');
    await review(editor, chat, 'search_text');
    await editor.pick('Allow this tool for this session');
    await expect(answer).toContainText('notes.txt:1: the words of the note');
    await chat.idle();
    await chat.ask('/demo tool search_text {"query": "CANARY"}');
    await expect(answer).toContainText('no matches for "CANARY"');
    await chat.idle();
    await expect(editor.treeItem(/^Call of search_text .*left/)).toBeVisible();

    // Once is enough: it is the same tools and the same consent on both protocols.
    if (protocol === 'v1') return;
    // An agent that turns against its user: one harmless list of names is asked about, nothing kept is given, and the budget ends it.
    await chat.ask('/demo evil');
    await review(editor, chat, 'list_files');
    await editor.pick('Deny');
    await expect(answer).toContainText('Marked secrets that I got: none.');
    await expect(answer).toContainText('as much as it can: 0 of 500 calls answered');
    await chat.idle();
    await expect(editor.treeItem(/^Local tools on in .*call 50 of 50/)).toBeVisible();
  });
}

if (hasConformance('v3'))
  test('an independent v3 server calls through its tool hub, whose origin is asked about', async ({
    openEditor,
    temporaryFolder,
  }) => {
    const key = 'conformance-key-0123456789';
    const server = await startConformance('v3', key, join(temporaryFolder, 'record'));
    try {
      const editor = await openEditor({
        workspace: TOOLS_WORKSPACE,
        settings: { 'secGemini.endpoint': server.url, 'secGemini.toolHub': server.hub, 'secGemini.protocol': 'v3' },
        env: { SEC_GEMINI_API_KEY: key },
      });
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
      const chat = await newSession(editor);
      await editor.runCommand('Sec-Gemini: Use Local Tools');
      await editor.pressDialogButton('Use Local Tools');
      await expect(editor.dialog()).toContainText(`Use ${new URL(server.hub).host} as Sec-Gemini endpoint?`);
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.treeItem(/^Tool hub, connected/)).toBeVisible();

      await chat.ask('#byot-prefixed read_file {"path": "notes.txt"}');
      await review(editor, chat, 'read_file');
      await editor.pick('Allow once');
      const answer = chat.articles('Sec-Gemini').last();
      await expect(answer).toContainText('the words of the note');
      await chat.idle();
      await chat.ask('#byot read_file {"path": ".env"}');
      await expect(answer).toContainText('This file is not available');
      await expect(editor.treeItem(/^Call of read_file .*\.env.*: denied . nothing left/)).toBeVisible();
    } finally {
      await server.stop();
    }
  });
