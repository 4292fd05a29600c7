// What an agent shows and asks, in the real editor: on the sandbox, and on an independent v3 service where it is present.
import {
  asksAndIsAnswered,
  askAndRead,
  card,
  denyWithReason,
  onConformance,
  pictures,
  readRenderTypes,
  review,
  said,
  steerAndStop,
} from '../support/agent.ts';
import { hasConformance } from '../support/conformance.ts';
import { expect, test } from '../support/editor.ts';
import { newSession, startSandbox } from '../support/gestures.ts';

test('what an agent shows and asks, on the sandbox', async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: { 'notes.txt': 'x\n' },
    settings: { 'secGemini.protocol': 'v3' },
  });
  await editor.page.setViewportSize({ width: 1500, height: 2600 });
  await startSandbox(editor);
  const chat = await newSession(editor);

  await test.step('every render type is drawn and read by its names', async () => {
    await askAndRead(chat, '/demo render');
    await readRenderTypes(editor, chat);
    await pictures(editor, 'render');
  });

  await test.step('tasks, memory and skills beside it, the session takes its name, log when asked for', async () => {
    await askAndRead(chat, '/demo tasks');
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
    await askAndRead(chat, '/demo tasks');
    await expect(editor.tab('My own name')).toBeVisible();
  });

  await test.step('allowed once, denied with a reason', async () => {
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

    await denyWithReason(editor, chat, '/demo confirm');
  });

  await test.step('a question is answered by the next message', async () => {
    await asksAndIsAnswered(chat);
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
    await onConformance(openEditor, { folder: temporaryFolder }, async (editor, chat) => {
      await editor.page.setViewportSize({ width: 1500, height: 2000 });
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
    });
  });
} else {
  process.stderr.write(
    'agent-page.spec.ts: ../shared/conformance or its venv is missing, the independent v3 server was not run.\n',
  );
}
