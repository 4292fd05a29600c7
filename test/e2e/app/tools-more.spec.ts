// The other answers to a call of a local tool (edited, withheld, allowed for the session), an agent that turns against its user, and an
// independent server that calls through its hub: in the long tier.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasConformance, startConformance } from '../support/conformance.ts';
import { expect, test } from '../support/editor.ts';
import { newSession, openSecGemini, startSandbox } from '../support/gestures.ts';
import {
  TOOLS_WORKSPACE,
  allowEdited,
  card,
  denyWithReason,
  review,
  useLocalTools,
  withhold,
} from '../support/tools.ts';

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
    await allowEdited(editor, chat, 'read_file', { path: 'src/main.ts', endLine: 1 }, 'src/main.ts');
    await expect(answer).toContainText('the user changed the arguments to {"path":"src/main.ts","endLine":1}');
    await expect(answer).toContainText('import { area }');
    await chat.idle();

    // Looked at, and withheld.
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await withhold(editor, chat, 'read_file', 'the words of the note');
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
    await expect(editor.treeItem(/^Call of search_text .*\d+ \w+ left . \d+ ms/)).toBeVisible();

    // An agent that turns against its user: one harmless list of names is asked about, nothing kept is given, and the budget ends it. What it
    // would carry off by a picture or a link stays: the page asks for nothing. Each of its ways alone: test/host/api/tools-evil.test.ts.
    const beacons: string[] = [];
    editor.page.context().on('request', (request) => {
      if (request.url().includes('evil.invalid')) beacons.push(request.url());
    });
    await chat.ask('/demo evil');
    await review(editor, chat, 'list_files');
    await editor.pick('Deny');
    await expect(answer).toContainText('Marked secrets that I got: none.');
    await expect(answer).toContainText('as much as it can: 0 of 500 calls answered');
    await chat.idle();
    await expect(editor.treeItem(/^Local tools on in .*call 50 of 50/)).toBeVisible();
    await expect(answer.getByText('all good')).toBeVisible();
    await answer.getByRole('link', { name: 'details' }).click();
    await expect(editor.dialog()).toContainText('evil.invalid');
    await editor.page.keyboard.press('Escape');
    expect(beacons).toEqual([]);

    // With its connection goes what was agreed to for it, what waits is void, and the user is told (F19).
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await expect(card(chat, 'read_file').last()).toBeVisible();
    await editor.runCommand('Sec-Gemini: Disconnect');
    await expect(
      editor.page.getByText(/^The connection to Sec-Gemini changed: local tools are off in 1 session now/).first(),
    ).toBeVisible();
    await expect(editor.treeItem(/^Local tools on in /)).toHaveCount(0);
    await expect(editor.treeItem(/^Call of read_file .*void . nothing left/)).toBeVisible();
  });
}

/** With `#investigate`: one answer that needs three tools. */
const SCRIPT = [
  {
    match: '^#investigate',
    steps: [
      { byot: ['find_definition', { path: 'src/main.ts', line: 3, symbol: 'area' }] },
      { msg: { ...response('AGENT_RESPONSE'), content: 'Definition. $LAST' } },
      { byot: ['find_references', { path: 'src/main.ts', line: 3, symbol: 'area' }] },
      { msg: { ...response('AGENT_RESPONSE'), content: 'References. $LAST' } },
      { byot: ['diagnostics', { path: 'src/shapes.ts' }] },
      { msg: { ...response('RESPONSE'), content: 'Problems. $LAST' } },
      { status: 'COMPLETED' },
    ],
  },
];

function response(type: string): Record<string, string> {
  return {
    message_type: `MESSAGE_TYPE_${type}`,
    source_type: 'SOURCE_TYPE_AGENT',
    source: 'Runner',
    render_type: 'RENDER_TYPE_TEXT',
    mime_type: 'MIME_TYPE_TEXT',
  };
}

if (hasConformance('v3'))
  test('an independent v3 server calls through its tool hub, whose origin is asked about', async ({
    openEditor,
    temporaryFolder,
  }) => {
    const key = 'conformance-key-0123456789';
    const script = join(temporaryFolder, 'script.json');
    writeFileSync(script, JSON.stringify(SCRIPT));
    const server = await startConformance('v3', key, join(temporaryFolder, 'record'), script);
    try {
      const editor = await openEditor({
        workspace: TOOLS_WORKSPACE,
        settings: { 'secGemini.endpoint': server.url, 'secGemini.toolHub': server.hub, 'secGemini.protocol': 'v3' },
        env: { SEC_GEMINI_API_KEY: key },
      });
      // What a language service reports of a file, it reports when the file is in a tab.
      await editor.openFile('src/shapes.ts');
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
      const chat = await newSession(editor);
      const answer = chat.articles('Sec-Gemini').last();
      await editor.runCommand('Sec-Gemini: Use Local Tools');
      await editor.pressDialogButton('Use Local Tools');
      await expect(editor.dialog()).toContainText(`Use ${new URL(server.hub).host} as Sec-Gemini endpoint?`);
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.treeItem(/^Tool hub, connected/)).toBeVisible();

      // An answer that needed definition, references and problems.
      await chat.ask('#investigate');
      for (const [tool, words] of [
        ['find_definition', /Definition\..*src\/shapes\.ts:3: export function area/s],
        ['find_references', /References\..*src\/main\.ts:3: console\.log\(area/s],
        ['diagnostics', /Problems\..*src\/shapes\.ts:6: error \(ts 2322\)/s],
      ] as const) {
        await expect(card(chat, tool).last()).toBeVisible();
        await review(editor, chat, tool);
        await editor.pick('Allow once');
        // Now: rows that are scrolled out are not there.
        await expect(chat.conversation).toContainText(words);
      }
      await chat.idle();

      await chat.ask('#byot-prefixed read_file {"path": "notes.txt"}');
      await review(editor, chat, 'read_file');
      await editor.pick('Allow once');
      await expect(answer).toContainText('the words of the note');
      await chat.idle();
      await chat.ask('#byot-prefixed read_file {"path": "notes.txt"}');
      await allowEdited(editor, chat, 'read_file', { path: 'src/main.ts', endLine: 1 }, 'src/main.ts');
      await expect(answer).toContainText('the user changed the arguments to');
      await expect(answer).toContainText('import { area }');
      await chat.idle();
      await chat.ask('#byot read_file {"path": "notes.txt"}');
      await denyWithReason(editor, chat, 'read_file', 'the note is private');
      await expect(answer).toContainText('The user denied this call: the note is private');
      await chat.idle();
      await chat.ask('#byot read_file {"path": "notes.txt"}');
      await withhold(editor, chat, 'read_file', 'the words of the note');
      await expect(answer).toContainText('The user looked at the output and withheld it.');
      await chat.idle();
      await expect(answer).not.toContainText('the words of the note');
      await chat.ask('#byot read_file {"path": ".env"}');
      await expect(answer).toContainText('This file is not available');
      await expect(editor.treeItem(/^Call of read_file .*\.env.*: denied . nothing left/)).toBeVisible();
    } finally {
      await server.stop();
    }
  });
