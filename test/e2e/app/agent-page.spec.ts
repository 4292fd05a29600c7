// What an agent shows and asks, in the real editor: on the sandbox, and on an independent v3 service where it is present.
import { hasConformance, startConformance } from '../support/conformance.ts';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { type Chat, newSession, openSecGemini, startSandbox } from '../support/gestures.ts';

const KEY = 'conformance-key-0123456789';
const SCREENS = process.env['SCREENS'];

const card = (chat: Chat) => chat.frame.getByRole('group', { name: /^Approve .*\?$/ }).last();
const said = (chat: Chat) => chat.articles('Sec-Gemini').last();

/** Waits for a request and opens the native review. */
async function review(editor: EditorPage, chat: Chat): Promise<void> {
  await expect(card(chat).getByRole('button', { name: 'Review…' })).toBeVisible();
  await card(chat).getByRole('button', { name: 'Review…' }).click();
  await expect(editor.quickInput()).toContainText('Allow ');
}

/** Every render type by its accessible names; the window is tall enough to hold them all. */
async function readRenderTypes(editor: EditorPage, chat: Chat): Promise<void> {
  const { frame } = chat;
  await expect(frame.getByRole('tree', { name: 'JSON' }).getByRole('treeitem').first()).toBeVisible();
  await expect(frame.getByRole('table', { name: /^Table, 2 rows/ })).toBeVisible();
  await expect(frame.getByRole('img', { name: /^Graph, \d nodes and \d edges?/ })).toBeVisible();
  await expect(frame.getByRole('list', { name: 'Timeline, 2 events' }).getByRole('listitem')).toHaveCount(2);
  await expect(frame.getByText('HTML, reduced to its words.', { exact: false }).first()).toBeVisible();
  await expect(frame.locator('.log :is(script, img, iframe, form)')).toHaveCount(0);
  expect(editor.page.url()).toContain('127.0.0.1');
}

/** Pictures of what stands there, to be looked at: SCREENS names their folder. */
async function pictures(editor: EditorPage, name: string): Promise<void> {
  if (SCREENS === undefined) return;
  for (const [theme, label] of [
    ['dark', 'Dark Modern'],
    ['light', 'Light Modern'],
    ['hc', 'Dark High Contrast'],
    ['hc-light', 'Light High Contrast'],
  ] as const) {
    await editor.runCommand('Preferences: Color Theme');
    await editor.quickInputBox().fill(label);
    await editor.page.keyboard.press('Enter');
    await expect(editor.quickInput()).toBeHidden();
    await editor.page.screenshot({ path: `${SCREENS}/editor-${name}-${theme}.png` });
  }
}

async function steerAndStop(chat: Chat, prompt: string): Promise<void> {
  await chat.ask(prompt);
  await chat.button('Pause').click();
  await expect(chat.status.filter({ hasText: 'paused' }).first()).toBeVisible();
  await chat.button('Continue').click();
  await expect(chat.status.filter({ hasText: 'Working' }).first()).toBeVisible();
  await chat.button('Pause').click();
  await expect(chat.button('Continue')).toBeVisible();
  await chat.button('Stop').click();
  await chat.idle();
  await expect(chat.conversation).toContainText('Stopped');
}

test('what an agent shows and asks, on the sandbox', async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: { 'notes.txt': 'x\n' },
    settings: { 'secGemini.protocol': 'v3' },
  });
  await editor.page.setViewportSize({ width: 1500, height: 2600 });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('every render type is drawn and read by its names', async () => {
    await chat.ask('/demo render');
    await chat.idle();
    await readRenderTypes(editor, chat);
    await pictures(editor, 'render');
  });

  await test.step('tasks, memory and skills beside it, the session takes its name, log when asked for', async () => {
    await chat.ask('/demo tasks');
    await chat.idle();
    const side = chat.frame.getByRole('region', { name: 'Tasks, memory and skills' });
    await side.getByRole('button', { name: /^Tasks 3 of 3 · Memory 1 · Skills 1/ }).click();
    await expect(side.getByRole('list', { name: 'Tasks' }).getByRole('listitem')).toHaveCount(4);
    await expect(editor.tab('Demo: tasks')).toBeVisible();
    await expect(chat.articles('Sec-Gemini, reviewer')).toContainText('A second agent');
    await expect(chat.articles('Notice: Log')).toHaveCount(0);
    await chat.button('Show log and debug messages').click();
    await expect(chat.articles('Notice: Log')).toContainText('demo: 3 tasks');
    await chat.button('Show log and debug messages').click();
    await expect(chat.articles('Notice: Log')).toHaveCount(0);
  });

  await test.step('a session that the user renamed keeps its name', async () => {
    await editor.runCommand('Sec-Gemini: Rename Session');
    await editor.pick('Demo: tasks');
    await editor.answer('My own name');
    await expect(editor.tab('My own name')).toBeVisible();
    await chat.ask('/demo tasks');
    await chat.idle();
    await expect(editor.tab('My own name')).toBeVisible();
  });

  await test.step('allowed once, denied with a reason, allowed for the session', async () => {
    await chat.ask('/demo confirm');
    await expect(card(chat).getByLabel('Argument host')).toHaveText('scanner.example.invalid');
    await expect(card(chat).getByLabel('Argument ports')).toContainText('443');
    await expect(card(chat)).toContainText('It may touch the network');
    await expect(card(chat)).toContainText(/Denied by itself in [45]:\d\d\./);
    await pictures(editor, 'confirm');
    await review(editor, chat);
    await editor.pick('Allow once');
    await expect(said(chat)).toContainText('approved');
    await chat.idle();

    await chat.ask('/demo confirm');
    await review(editor, chat);
    await editor.pick('Deny with a reason');
    await editor.answer('not in office hours');
    await expect(chat.articles('You').last()).toContainText('I denied port_scan: not in office hours');
    await chat.idle();

    await chat.ask('/demo confirm');
    await review(editor, chat);
    await editor.pick('Allow this tool for this session');
    await expect(said(chat)).toContainText('approved');
    await chat.idle();
    const asked = await chat.frame.getByRole('group', { name: /^Approve .*\?$/ }).count();
    await chat.ask('/demo confirm');
    await chat.idle();
    await expect(said(chat)).toContainText('approved');
    expect(asked).toBeGreaterThan(0);
    await expect(card(chat).getByRole('button')).toHaveCount(0);
  });

  await test.step('a question is answered by the next message', async () => {
    await chat.ask('/demo clarify');
    const question = chat.frame.getByRole('region', { name: 'Sec-Gemini asks' });
    await expect(question).toContainText('Which of the attached files matters most to you?');
    await chat.ask('the second one');
    await expect(question).toBeHidden();
    await expect(said(chat)).toContainText('the second one');
    await chat.idle();
  });

  await test.step('paused, continued and stopped; stopped while it waits for an approval and for an answer', async () => {
    await steerAndStop(chat, '/demo slow 60');
    await chat.ask('/demo clarify');
    await expect(chat.frame.getByRole('region', { name: 'Sec-Gemini asks' })).toBeVisible();
    await chat.button('Stop').click();
    await chat.idle();
    await expect(chat.frame.getByRole('region', { name: 'Sec-Gemini asks' })).toBeHidden();
  });

  await test.step('“ask before every tool call” takes back what was allowed; a request that is stopped is void', async () => {
    await editor.runCommand('Sec-Gemini: Ask Before Every Tool Call');
    await expect(chat.button('Ask before every tool call')).toHaveAttribute('aria-pressed', 'true');
    await chat.ask('/demo confirm');
    await expect(card(chat).getByRole('button', { name: 'Review…' })).toBeVisible();
    await chat.button('Stop').click();
    await chat.idle();
    await expect(card(chat).getByRole('button')).toHaveCount(0);
  });
});

if (hasConformance('v3')) {
  test('the same with another v3 service', async ({ openEditor, temporaryFolder }) => {
    const server = await startConformance('v3', KEY, `${temporaryFolder}/record.jsonl`);
    try {
      const editor = await openEditor({
        workspace: { 'notes.txt': 'x\n' },
        settings: { 'secGemini.endpoint': server.url },
        env: { SEC_GEMINI_API_KEY: KEY },
      });
      await editor.page.setViewportSize({ width: 1500, height: 2000 });
      await openSecGemini(editor);
      await editor.sideBar().getByRole('button', { name: 'Connect' }).click();
      await editor.pressDialogButton('Use This Endpoint');
      await expect(editor.sideBar().getByRole('button', { name: 'New Session' }).first()).toBeVisible();
      const chat = await newSession(editor);

      await test.step('every render type, side section and name', async () => {
        await chat.ask('Look it up');
        await chat.idle();
        await readRenderTypes(editor, chat);
        await expect(chat.frame.getByRole('region', { name: 'Tasks, memory and skills' })).toContainText(
          'Tasks 1 of 2',
        );
        await expect(editor.tab('Look it up')).toBeVisible();
      });

      await test.step('asks before every tool call once it is told to', async () => {
        await chat.button('Ask before every tool call').click();
        await expect(chat.button('Ask before every tool call')).toHaveAttribute('aria-pressed', 'true');
        await chat.ask('And again');
        await expect(card(chat).getByLabel('Argument domain')).toHaveText('example.com');
        await review(editor, chat);
        await editor.pick('Allow once');
        await chat.idle();
      });

      await test.step('denied from the page, allowed by the command', async () => {
        await chat.ask('#confirm');
        await expect(card(chat).getByLabel('Argument deep')).toContainText('"two"');
        await card(chat).getByRole('button', { name: 'Deny' }).click();
        await expect(said(chat)).toContainText('The confirmation said: no');
        await chat.idle();
        await chat.ask('#confirm other_tool');
        await expect(card(chat)).toContainText('Approve other_tool?');
        await editor.runCommand('Sec-Gemini: Review Pending Approval');
        await editor.pick('Allow once');
        await expect(said(chat)).toContainText('The confirmation said: yes');
        await chat.idle();
      });

      await test.step('a question, pause and stop, and giving up', async () => {
        await chat.ask('#clarify');
        await expect(chat.frame.getByRole('region', { name: 'Sec-Gemini asks' })).toContainText(
          'Which host do you mean?',
        );
        await chat.ask('the first');
        await expect(said(chat)).toContainText('You clarified: the first');
        await chat.idle();
        await steerAndStop(chat, '#slow 60 0.5');
        await chat.ask('#max');
        await expect(chat.frame.getByRole('region', { name: 'What to do' })).toContainText('The agent gave up');
      });
    } finally {
      await server.stop();
    }
  });
} else {
  process.stderr.write(
    'agent-page.spec.ts: ../shared/conformance or its venv is missing, the independent v3 server was not run.\n',
  );
}
