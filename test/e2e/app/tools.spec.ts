// The editor as Sec-Gemini's tools: off until switched on, every call shown before its result leaves, on both protocols of the sandbox. What
// else a user can answer, and who attacks, is in tools-more.spec.ts of the long tier.
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';
import { TOOLS_WORKSPACE, card, denyWithReason, review, useLocalTools } from '../support/tools.ts';

for (const protocol of ['v3', 'v1'] as const) {
  test(`answers with the tools of the editor, each call shown first (${protocol})`, async ({ openEditor }) => {
    const editor = await openEditor({ workspace: TOOLS_WORKSPACE, settings: { 'secGemini.protocol': protocol } });
    // What a language service reports of a file, it reports when the file is in a tab.
    await editor.openFile('src/shapes.ts');
    await startSandbox(editor);
    const chat = await newSession(editor);
    const answer = chat.articles('Sec-Gemini').last();

    await useLocalTools(editor);
    if (protocol === 'v3') await expect(editor.treeItem(/^Tool hub, connected/)).toBeVisible();

    // An answer that needed definition, references and problems.
    await chat.ask('/demo investigate area');
    for (const tool of ['search_text', 'find_definition', 'find_references', 'diagnostics']) {
      await expect(card(chat, tool).last()).toBeVisible();
      await review(editor, chat, tool);
      await editor.pick(tool === 'search_text' ? 'Allow this tool for this session' : 'Allow once');
    }
    await expect(answer).toContainText('Definition (1 place)');
    await expect(answer).toContainText('src/shapes.ts:3: export function area(shape: Shape): number {');
    await expect(answer).toContainText('src/main.ts:3: console.log(area({ width: 3, height: 4 }));');
    await expect(answer).toContainText(/src\/shapes\.ts:6: error \(ts 2322\)/);
    await chat.idle();

    // Denied with a reason, which the agent reads.
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await denyWithReason(editor, chat, 'read_file', 'the note is private');
    await expect(answer).toContainText('The user denied this call: the note is private');
    await chat.idle();
    await expect(editor.treeItem(/^Call of read_file .*denied/)).toBeVisible();
  });
}
