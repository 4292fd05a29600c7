// The corners of what an agent asks and shows, in the real editor: jobs between their states, a full house, requests that run out, v1's render
// types. On the sandbox, and on an independent v3 service where it is present.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  askAndRead,
  card,
  denyWithReason,
  onConformance,
  pictures,
  readRenderTypes,
  review,
  said,
  shot,
  steerAndStop,
} from '../support/agent.ts';
import { hasConformance } from '../support/conformance.ts';
import { type EditorPage, expect, test } from '../support/editor.ts';
import { Chat, newSession, setFocused, startSandbox, switchProtocol } from '../support/gestures.ts';

/** A request with a character that turns what follows around, and with money, a file and an address in it. */
const HIDDEN = {
  match: '^#hidden$',
  steps: [
    {
      confirm: {
        tool_name: 'buy_report',
        tool_args: { path: '/srv/case/\u202etxt.exe', from: 'https://shop.example.test/', amount: '$20' },
        message: 'May I buy it?',
      },
    },
    {
      msg: {
        messageType: 'MESSAGE_TYPE_RESPONSE',
        sourceType: 'SOURCE_TYPE_AGENT',
        renderType: 'RENDER_TYPE_TEXT',
        mimeType: 'MIME_TYPE_TEXT',
        content: 'The confirmation said: $LAST',
      },
    },
    { status: 'COMPLETED' },
  ],
};

const session = (editor: EditorPage, state: string) => editor.treeItem(new RegExp(`^Session .*${state}`));

/** Allows the tool of the waiting request for the session; the next one of it is allowed unasked, one of another tool, or session, is not. */
async function allowForSession(editor: EditorPage, chat: Chat, prompt: string, approved: string): Promise<void> {
  await chat.ask(prompt);
  await review(editor, chat);
  await editor.pick('Allow this tool for this session');
  await expect(said(chat)).toContainText(approved);
  await chat.idle();
  const place = Number(await card(chat).locator('xpath=ancestor::article').getAttribute('aria-posinset'));
  await askAndRead(chat, prompt);
  await expect(said(chat)).toContainText(approved);
  // A request stands there, a later one, and it was allowed.
  expect(Number(await card(chat).locator('xpath=ancestor::article').getAttribute('aria-posinset'))).toBeGreaterThan(
    place,
  );
  await expect(card(chat)).toContainText('Allowed. By itself: you had allowed this tool for the session');
  await expect(card(chat).getByRole('button')).toHaveCount(0);
}

/** Nobody answers: the request is denied, the conversation says why, and nothing is left to review. */
async function runOut(editor: EditorPage, chat: Chat, prompt: string, denied: RegExp): Promise<void> {
  await chat.ask(prompt);
  await expect(card(chat)).toContainText(/Denied by itself in 0:\d\d\./);
  await expect(chat.conversation).toContainText(/Nobody answered within 10 seconds: \w+ was denied\./);
  await expect(said(chat)).toContainText(denied);
  await expect(card(chat)).toContainText('Denied. By itself: nobody answered in time');
  await expect(card(chat).getByRole('button')).toHaveCount(0);
  await chat.idle();
  await editor.runCommand('Sec-Gemini: Review Pending Approval');
  await expect(editor.notification('No request is waiting for an approval')).toBeVisible();
}

test('jobs, places and requests, on the sandbox', async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: { 'notes.txt': 'x\n' },
    settings: { 'secGemini.protocol': 'v3' },
  });
  await editor.page.setViewportSize({ width: 1500, height: 1400 });
  await startSandbox(editor);

  await test.step('news has a button until it was read, and is then not shown again', async () => {
    const news = editor.sideBar().getByRole('button', { name: "What's New" });
    await editor.sideBar().hover();
    await expect(news).toBeVisible();
    await shot(editor, 'news');
    await news.click();
    await expect(editor.tab("What's new")).toBeVisible();
    await expect(news).toBeHidden();
    await editor.runCommand('Sec-Gemini: Connect');
    await expect(editor.sideBar().getByText('No sessions yet', { exact: false })).toBeVisible();
    await editor.sideBar().hover();
    await expect(news).toBeHidden();
  });

  const chat = await newSession(editor);
  await test.step('what each turn used stands below its answer, again and again', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await askAndRead(chat, '/demo tasks');
      await expect(said(chat)).toContainText(/[\d,]+ tokens/);
    }
    await shot(editor, 'usage');
  });

  await test.step('allowed for the session, and for no other', async () => {
    await allowForSession(editor, chat, '/demo confirm', 'You approved');
    const other = await newSession(editor);
    await other.ask('/demo confirm');
    await expect(card(other).getByRole('button', { name: 'Review…' })).toBeVisible();
    await other.button('Stop').click();
    await other.idle();
    await editor.tab('Demo: tasks').click();
  });

  await test.step('while nobody looks a request and the end of a turn are told by a notification, and otherwise not', async () => {
    const here = new Chat(editor.visiblePanelFrame());
    const asks = editor.notification(/Sec-Gemini asks to use port_scan in "/);
    const answered = editor.notification(/Sec-Gemini has answered in "/);
    await here.button('Ask before every tool call').click();
    await expect(here.button('Ask before every tool call')).toHaveAttribute('aria-pressed', 'true');
    await setFocused(editor, false);
    await here.ask('/demo confirm');
    await expect(asks).toBeVisible();
    // One word for one request.
    await expect(editor.notification()).toHaveCount(1);
    await shot(editor, 'notified');
    await asks.getByRole('button', { name: 'Review…' }).click();
    await expect(editor.quickInput()).toContainText('Allow port_scan?');
    await editor.pick('Allow once');
    await expect(card(here)).toContainText('Allowed. By you in this window');
    await expect(answered).toBeVisible();

    await setFocused(editor, true);
    await editor.runCommand('Notifications: Clear All Notifications');
    await here.ask('/demo confirm');
    await card(here).getByRole('button', { name: 'Deny' }).click();
    await expect(card(here)).toContainText('Denied. By you in this window');
    await here.idle();
    await editor.runCommand('Sec-Gemini: Review Pending Approval');
    // What the turn had to tell would stand there before this.
    await expect(editor.notification('No request is waiting for an approval')).toBeVisible();
    await expect(asks).toHaveCount(0);
    await expect(answered).toHaveCount(0);
    await shot(editor, 'not-notified');
    await here.button('Ask before every tool call').click();
    await expect(here.button('Ask before every tool call')).toHaveAttribute('aria-pressed', 'false');
    await editor.runCommand('Notifications: Clear All Notifications');
  });

  await test.step('stopped while it works, while it is being paused, and while it is paused', async () => {
    const here = new Chat(editor.visiblePanelFrame());
    await here.ask('/demo slow 60');
    await expect(session(editor, 'working')).toBeVisible();
    await here.button('Stop').click();
    await expect(session(editor, 'stopped')).toBeVisible();
    await here.idle();
    await here.ask('/demo stubborn 8');
    await here.button('Pause').click();
    await expect(here.button('Pausing…')).toBeVisible();
    await expect(session(editor, 'pausing')).toBeVisible();
    await shot(editor, 'pausing');
    await here.button('Stop').click();
    await expect(here.button('Stopping…')).toBeVisible();
    await expect(session(editor, 'stopping')).toBeVisible();
    await expect(session(editor, 'stopped')).toBeVisible();
    await here.idle();
    await steerAndStop(here, '/demo slow 60');
  });

  await test.step('a prompt that is refused for want of a place stays in the queue, with the numbers', async () => {
    const here = new Chat(editor.visiblePanelFrame());
    const greedy = await newSession(editor);
    await greedy.ask('/demo busy 120');
    await expect(editor.statusBarItem(/10\/10 jobs/)).toBeVisible();
    await expect(editor.treeItem('Session /demo busy 120, working')).toBeVisible();
    await editor.tab('Demo: tasks').click();
    await here.ask('Which files do you have?');
    const queue = here.frame.getByRole('list', { name: 'Waiting to be sent' });
    await expect(queue).toContainText('Not sent');
    await expect(queue).toContainText('10 of your 10 jobs run: the service takes no further prompt until one ends.');
    await expect(here.articles('You').last()).not.toContainText('Which files do you have?');
    await pictures(editor, 'refused');
    await editor.tab('/demo busy 120').click();
    await greedy.button('Stop').click();
    await greedy.idle();
    await expect(editor.statusBarItem(/10\/10 jobs/)).toHaveCount(0);
    await editor.tab('Demo: tasks').click();
    await queue.getByRole('button', { name: /^Send( now)?: / }).click();
    await expect(queue).toBeHidden();
    await expect(here.articles('You').last()).toContainText('Which files do you have?');
    await here.idle();
  });

  await test.step('everything about a session as a text', async () => {
    await editor.runCommand('Sec-Gemini: Session Details');
    const details = editor.page.locator('.editor-instance .view-lines').last();
    await expect(details).toContainText(/Tokens\s\(estimate\):\s[\d,]+/);
    await expect(details).toContainText(/local-sandbox\s\(no\smodel\)\s\(estimate\):\s[\d,]+\stokens\sin\s\d+\scalls/);
    await expect(details).toContainText(/Deleted\sby\sthe\sservice:\sin\s\d+\sd/);
    await shot(editor, 'details');
  });
});

test("v1's render types go through the same renderers; a request runs out, over v1 and v3", async ({ openEditor }) => {
  const editor = await openEditor({
    workspace: { 'notes.txt': 'x\n' },
    settings: { 'secGemini.protocol': 'v1' },
    env: { SEC_GEMINI_APPROVAL_SECONDS: '10' },
  });
  await editor.page.setViewportSize({ width: 1500, height: 2600 });
  await startSandbox(editor);
  const chat = await newSession(editor);
  await askAndRead(chat, '/demo render');
  await readRenderTypes(editor, chat);
  // Text is said, and not left to the log.
  await expect(chat.articles('Sec-Gemini').filter({ hasText: '**not bold**, <b>not a tag' })).toBeVisible();
  await pictures(editor, 'render-v1');

  await test.step('a table is sorted by its heads', async () => {
    const table = chat.frame.getByRole('table', { name: /^Table, 2 rows/ });
    await expect(table.getByRole('row').nth(1)).toContainText('192.0.2.1');
    await table.getByRole('button', { name: /count/ }).click();
    await expect(table.getByRole('row').nth(1)).toContainText('198.51.100.7');
  });
  await test.step('nobody answers', () => runOut(editor, chat, '/demo confirm', /denied/));
  await test.step('nobody answers over v3', async () => {
    await switchProtocol(editor, 'v3');
    await expect(editor.treeItem(/^Session .*made with v1/)).toBeVisible();
    await runOut(editor, await newSession(editor), '/demo confirm', /denied/);
    // Loaded anew the window does not claim what it cannot know.
    await editor.reload();
    const again = new Chat(await editor.panelFrame('/demo confirm'));
    await expect(card(again)).toContainText('Denied. Not by this window since it was loaded');
    await shot(editor, 'answered-before');
  });
});

if (hasConformance('v3')) {
  test('jobs and requests, on another v3 service', async ({ openEditor, temporaryFolder }) => {
    const script = join(temporaryFolder, 'script.json');
    const states = ['PENDING', 'RUNNING', 'PAUSING', 'PAUSED'];
    const steps = states.map((status) => ({ match: `^#state ${status}$`, steps: [{ status }, { sleep: 600 }] }));
    writeFileSync(script, JSON.stringify([...steps, HIDDEN]));
    await onConformance(openEditor, { folder: temporaryFolder, script }, async (editor, chat) => {
      await editor.page.setViewportSize({ width: 1500, height: 1400 });
      await test.step('allowed for the session, and no other tool', async () => {
        await allowForSession(editor, chat, '#confirm', 'The confirmation said: yes');
        await denyWithReason(editor, chat, '#confirm other_tool');
      });

      await test.step('what a request would touch is told, and nothing in it is hidden', async () => {
        await chat.ask('#hidden');
        await expect(card(chat)).toContainText('Approve buy_report?');
        await expect(card(chat).getByLabel('Argument path')).toHaveText('/srv/case/⟦U+202E⟧txt.exe');
        for (const touched of ['the network (https://shop.example.test/)', 'files (/srv/case)', 'money ($20)'])
          await expect(card(chat).getByText(/^It may touch /)).toContainText(touched);
        await review(editor, chat);
        await expect(editor.quickInput()).toContainText('/srv/case/⟦U+202E⟧txt.exe');
        await expect(editor.quickInput()).toContainText('https://shop.example.test/');
        await pictures(editor, 'hidden');
        await editor.page.keyboard.press('Escape');
        await card(chat).getByRole('button', { name: 'Deny' }).click();
        await expect(card(chat)).toContainText('Denied. By you in this window');
        await expect(said(chat)).toContainText('The confirmation said: false');
        await chat.idle();
      });

      await test.step('stopped in each state', async () => {
        for (const [status, words] of [
          ['PENDING', 'waits for its turn'],
          ['RUNNING', 'working'],
          ['PAUSING', 'pausing'],
          ['PAUSED', 'paused'],
        ] as const) {
          await chat.ask(`#state ${status}`);
          await expect(session(editor, words)).toBeVisible();
          await chat.button('Stop').click();
          await expect(session(editor, 'stopped')).toBeVisible();
          await chat.idle();
        }
        for (const [prompt, words] of [
          ['#confirm stop_me', 'waiting for your approval'],
          ['#clarify', 'waiting for your answer'],
        ] as const) {
          await chat.ask(prompt);
          await expect(session(editor, words)).toBeVisible();
          await chat.button('Stop').click();
          await expect(session(editor, 'stopped')).toBeVisible();
          await chat.idle();
        }
        await expect(card(chat).getByRole('button')).toHaveCount(0);
        await expect(chat.frame.getByRole('region', { name: 'Sec-Gemini asks' })).toBeHidden();
        await shot(editor, 'stopped');
      });

      await test.step('errors and warnings that end nothing, log and debug when asked for, and ends that are none', async () => {
        await askAndRead(chat, '#soft');
        await expect(chat.frame.getByText('warning text')).toBeVisible();
        await expect(chat.frame.getByText('error text')).toBeVisible();
        await expect(chat.frame.getByText('debug text')).toHaveCount(0);
        await chat.button('Show log and debug messages').click();
        await expect(chat.frame.getByText('debug text')).toBeVisible();
        await chat.ask('#fail');
        await expect(session(editor, 'failed')).toBeVisible();
        await chat.ask('#max');
        await expect(session(editor, 'gave up after too many attempts')).toBeVisible();
        await expect(chat.frame.getByRole('region', { name: 'What to do' })).toContainText('The agent gave up');
        await shot(editor, 'gave-up');
      });

      await test.step('what it costs is an estimate, in the panel and in the details', async () => {
        await chat.frame.getByText(/^[\d,]+ tokens · \$0\.\d+ \(estimate\)$/).click();
        await expect(chat.frame.getByRole('list', { name: 'Tokens and cost' })).toContainText(
          /This session: [\d,]+ tokens .*\$0\.\d+, estimate/,
        );
        await shot(editor, 'cost');
        await editor.runCommand('Sec-Gemini: Session Details');
        const details = editor.page.locator('.editor-instance .view-lines').last();
        await expect(details).toContainText(/Cost\s\(estimate\):\s\$0\.\d+/);
        await shot(editor, 'cost-details');
      });
    });
  });

  test('a request that nobody answers is denied, by another v3 service', async ({ openEditor, temporaryFolder }) => {
    const env = { SEC_GEMINI_APPROVAL_SECONDS: '10' };
    await onConformance(openEditor, { folder: temporaryFolder, env }, (editor, chat) =>
      runOut(editor, chat, '#confirm', /The confirmation said: no/),
    );
  });
} else {
  process.stderr.write(
    'agent-more.spec.ts: ../shared/conformance or its venv is missing, the independent v3 server was not run.\n',
  );
}
