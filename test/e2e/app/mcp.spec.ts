// The user's own MCP server: asked about before its start, each tool ticked, each call shown; over stdio, on both protocols of the sandbox.
import { join } from 'node:path';
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox, unfold } from '../support/gestures.ts';
import { box, fold, review, tick } from '../support/tools.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SERVER = join(ROOT, 'test', 'fakes', 'mcp-server.ts');

for (const protocol of ['v3', 'v1'] as const)
  test(`uses the tools of an MCP server over stdio, as ticked (${protocol})`, async ({ openEditor }) => {
    const editor = await openEditor({
      extensionPaths: [ROOT, join(ROOT, 'test', 'host', 'other-tools')],
      workspace: { 'notes.txt': 'plain\n' },
      settings: {
        'secGemini.protocol': protocol,
        'secGemini.mcpServers': {
          notes: { command: process.execPath, args: [SERVER] },
          odd: { url: 'http://far.invalid/mcp' },
        },
      },
    });
    await startSandbox(editor);
    const chat = await newSession(editor);
    const answer = chat.articles('Sec-Gemini').last();
    await editor.runCommand('Sec-Gemini: Use Local Tools');
    await editor.pressDialogButton('Use Local Tools');

    // Room for the whole list: rows that are scrolled out are not there.
    await editor.page.setViewportSize({ width: 1280, height: 1100 });
    await fold(editor, 'Sessions');

    // Not started by itself; the question shows the whole command line.
    const server = editor.treeItem(/^MCP server notes, /);
    await expect(server).toHaveAccessibleName(/not started/);
    await expect(editor.treeItem(/^Problem in the setting .*odd: url: https is wanted/)).toBeVisible();
    await box(server).click();
    await expect(editor.dialog()).toContainText('Start the MCP server "notes" on this machine?');
    await expect(editor.dialog()).toContainText(SERVER);
    await editor.pressDialogButton('Start Server');
    await expect(server).toHaveAccessibleName(/0 of \d+ ticked/);

    // Nothing of it is offered until it is ticked.
    await chat.ask('/demo tool mcp_notes__add_note {"text": "x"}');
    await expect(answer).toContainText('offers no tool called mcp_notes__add_note');
    await chat.idle();
    for (const tool of ['find_note', 'add_note', 'turn']) await tick(editor, tool);

    // Without readOnlyHint: asked at every call, and its output can be looked at before it leaves.
    await chat.ask('/demo tool mcp_notes__add_note {"text": "first"}');
    await review(editor, chat, 'mcp_notes__add_note');
    await expect(editor.quickPickRow('Allow this tool for this session')).toHaveCount(0);
    await editor.pick('Allow once');
    await expect(answer).toContainText('added "first"');
    await chat.idle();
    await chat.ask('/demo tool mcp_notes__add_note {"text": "second"}');
    await review(editor, chat, 'mcp_notes__add_note');
    await editor.pick('Run, then show me the output');
    await expect(editor.page.locator('.view-lines').filter({ hasText: 'added "second"' }).first()).toBeVisible();
    await expect(editor.quickPickRow('it has run already')).toBeVisible();
    // The row that was clicked shows its description above the others.
    await editor.page.mouse.move(0, 0);
    await editor.pick('Withhold the output');
    await expect(answer).toContainText('The user looked at the output and withheld it.');
    await chat.idle();

    // With it: allowed once for the session, then not asked again.
    await chat.ask('/demo tool mcp_notes__find_note {"query": "beacon"}');
    await review(editor, chat, 'mcp_notes__find_note');
    await editor.pick('Allow this tool for this session');
    await expect(answer).toContainText('the beacon began at 03:12 (asked for "beacon")');
    await chat.idle();
    await expect(editor.treeItem(/^Tool find_note, allowed in 1 session, says it only reads/)).toBeVisible();
    await chat.ask('/demo tool mcp_notes__find_note {"query": "again"}');
    await expect(answer).toContainText('(asked for "again")');
    await chat.idle();

    // The server turns: what was ticked is another tool now, and is no longer offered.
    await chat.ask('/demo tool mcp_notes__turn');
    await review(editor, chat, 'mcp_notes__turn');
    await editor.pick('Allow once');
    const changed = editor.treeItem(/^Tool find_note, changed since it was ticked \(its description\)/);
    await expect(changed).toBeVisible();
    await expect(box(changed)).not.toBeChecked();
    await chat.idle();
    await chat.ask('/demo tool mcp_notes__find_note {"query": "third"}');
    await expect(answer).toContainText('offers no tool called mcp_notes__find_note');
    await chat.idle();
    await expect(editor.treeItem(/^Call of mcp_notes__add_note .*second.*nothing left/)).toBeVisible();

    // A tool of another extension, through VS Code; its terminal tool is not even listed.
    await editor.treeItem(/^VS Code's tools, /).click();
    await tick(editor, 'advisories_find');
    await expect(editor.treeItem(/^Tool advisories_openTerminal/)).toHaveCount(0);
    for (const name of ['left-pad', 'right-pad']) {
      await chat.ask(`/demo tool vscode__advisories_find {"package": "${name}"}`);
      await review(editor, chat, 'vscode__advisories_find');
      await expect(editor.quickPickRow('Allow this tool for this session')).toHaveCount(0);
      await editor.pick('Allow once');
      await expect(answer).toContainText(`advisories of ${name}: SA-7`);
      await chat.idle();
    }

    // A resource of the server as a skill, read like a call.
    await tick(editor, 'Triage skill');
    await chat.ask('/demo tool read_resource {"uri": "notes://skills/triage"}');
    await review(editor, chat, 'read_resource');
    await editor.pick('Allow once');
    await expect(answer).toContainText('First the beacon, then the host.');
    await chat.idle();

    // On v3 the service lists it as a skill, and knows this window by its own tool server.
    if (protocol === 'v3') {
      await unfold(editor, 'Skills');
      await expect(editor.treeItem(/^Skill Triage skill, from /)).toBeVisible();
      await unfold(editor, 'MCP Servers');
      await expect(editor.treeItem(/^Tool server Bring Your Own Tools, used by the session/)).toBeVisible();
      for (const view of ['Skills', 'MCP Servers']) await fold(editor, view);
    }

    // A policy by a click on the tool: denied is not offered, in no session.
    await editor.treeItem(/^Tool add_note, asks/).click();
    await editor.pick('Deny');
    await expect(editor.treeItem(/^Tool add_note, denied/)).toBeVisible();
    await chat.ask('/demo tool mcp_notes__add_note {"text": "third"}');
    await expect(answer).toContainText('offers no tool called mcp_notes__add_note');
    await chat.idle();

    // Stopped by its tick box, with its tools.
    await box(server).click();
    await expect(server).toHaveAccessibleName(/stopped/);
    await expect(editor.treeItem(/^Tool add_note, /)).toHaveCount(0);

    // Off again, by the session's own button.
    const session = editor.treeItem(/^Local tools on in /);
    await session.hover();
    await session.getByRole('button', { name: 'Stop Using Local Tools' }).click();
    await expect(session).toHaveCount(0);
    await chat.ask('/demo tool read_file {"path": "notes.txt"}');
    await expect(answer).toContainText(/offers no tool called read_file|no client is connected/);
    await chat.idle();
  });
