/** What an agent shows beside its words: cards, questions, tasks, pause, log, names, costs. In the real page, read by name. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import type { ApprovalView } from '../../../src/panel/protocol.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt, sessionInfo } from './support/fake-model.ts';
import { type OpenPanel, openPanel } from './support/panel-page.ts';
import type { ThemeName } from './themes.ts';

const environment = { ...serviceEnvironment, pauses: true, asksAlways: true };
const TASKS = JSON.stringify({
  title: 'Review the workspace',
  state: 'running',
  children: [
    { title: 'Collect the files', state: 'done', children: [] },
    { title: 'Look for secrets', state: 'running', children: [] },
    { title: 'Write the report', state: 'pending', children: [] },
  ],
});
const MEMORY = JSON.stringify([{ category: 'facts', items: [{ id: 'm', content: 'The log is from 2024.' }] }]);
const view: ApprovalView = {
  toolName: 'fetch_url',
  message: 'May I fetch it?',
  args: [
    { name: 'url', value: 'https://intel.example/ip/198.51.100.7' },
    { name: 'note', value: '\u202emoc.live' },
    { name: 'options', value: '{\n  "depth": 3\n}' },
    { name: 'body', value: `begin ${'x'.repeat(10_000)} end` },
  ],
  touches: [{ what: 'the network', why: 'https://intel.example/ip/198.51.100.7' }],
  expiresAt: Date.now() + 245_000,
};

async function open(
  page: Page,
  model: FakeModel,
  host = new FakeHost(),
  theme: ThemeName = 'dark',
): Promise<OpenPanel> {
  return openPanel(page, { model, host, environment, theme });
}

function asking(id?: string): FakeModel {
  const model = new FakeModel();
  model.apply(
    { type: 'turnStart', prompt: prompt('Look it up') },
    {
      type: 'message',
      message: message({
        kind: 'confirmationRequest',
        title: 'fetch_url',
        content: 'May I fetch it?',
        render: 'text',
        ...(id === undefined ? {} : { id }),
      }),
    },
    { type: 'turnEnd', outcome: 'waiting' },
    { type: 'status', status: 'waitingForConfirmation' },
  );
  return model;
}

function busy(): FakeModel {
  const model = new FakeModel({
    info: sessionInfo({
      protocol: 'v3',
      usage: {
        promptTokens: 900,
        generatedTokens: 334,
        thinkingTokens: 0,
        cachedTokens: 0,
        toolTokens: 0,
        totalTokens: 1234,
        costUsd: 0.0123,
      },
      modelUsage: [
        {
          model: 'base-model',
          calls: 3,
          usage: {
            promptTokens: 900,
            generatedTokens: 334,
            thinkingTokens: 0,
            cachedTokens: 0,
            toolTokens: 0,
            totalTokens: 1234,
            costUsd: 0.0123,
          },
        },
      ],
    }),
  });
  const say = (kind: Parameters<typeof message>[0], author = 'Planner'): void =>
    model.apply({ type: 'message', message: message({ render: 'text', author, ...kind }) });
  model.apply({ type: 'turnStart', prompt: prompt('Review it') });
  say({ kind: 'thinking', content: 'First the files.' });
  say({ kind: 'taskList', title: 'Tasks', content: TASKS });
  say({ kind: 'memory', title: 'Memory', content: MEMORY });
  say({ kind: 'skillLoaded', title: 'workspace-review', content: 'Loaded.' });
  say({ kind: 'warning', title: 'Warning', content: 'The file is cut.' });
  say({ kind: 'log', title: 'Log', content: 'cache miss' });
  say({ kind: 'debug', title: 'Debug', content: 'retry 1' });
  say({ kind: 'notice', title: 'Notice', content: 'You have 3 jobs left today.', sender: 'system' }, 'system');
  say({ kind: 'progress', title: 'Progress', content: '1 of 3' });
  say({ kind: 'progress', title: 'Progress', content: '2 of 3' });
  say({ kind: 'agentResponse', content: 'Half of it is done.' }, 'Runner');
  return model;
}

for (const theme of ['dark', 'light', 'hcDark', 'hcLight'] as const) {
  test(`cards and side section, ${theme}: axe finds nothing`, async ({ page }) => {
    await page.setViewportSize({ width: 720, height: 900 });
    const host = new FakeHost();
    host.setWaiting({ ...view, args: view.args.slice(0, 3) });
    const model = busy();
    model.apply(
      { type: 'turnEnd', outcome: 'completed' },
      { type: 'turnStart', prompt: prompt('Look it up') },
      {
        type: 'message',
        message: message({ kind: 'confirmationRequest', title: 'fetch_url', content: 'May I fetch it?' }),
      },
      { type: 'turnEnd', outcome: 'waiting' },
      { type: 'status', status: 'waitingForConfirmation' },
    );
    const panel = await open(page, model, host, theme);
    await page.getByRole('button', { name: /^Tasks 1 of 3/ }).click();
    await page.getByText('1,234 tokens · $0.0123 (estimate)').click();
    if (process.env['SCREENS'] !== undefined)
      await page.screenshot({ path: `${process.env['SCREENS']}/agent-${theme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    panel.dispose();
  });
}

test('the card shows every argument, hidden characters, a guess and the time; it can only deny (S18)', async ({
  page,
}) => {
  await page.clock.install({ time: Date.now() });
  const host = new FakeHost();
  const model = asking();
  const panel = await open(page, model, host);
  const card = page.getByRole('group', { name: 'Approve fetch_url?' });
  await expect(card).toContainText('May I fetch it?');
  host.setWaiting({ ...view, expiresAt: (await page.evaluate(() => Date.now())) + 245_000 });
  await page.clock.runFor(100);
  for (const { name, value } of view.args)
    await expect(card.getByLabel(`Argument ${name}`)).toHaveText(value.replace('\u202e', '⟦U+202E⟧'));
  await expect(card).toContainText('All 4 arguments');
  await expect(card).toContainText('It may touch the network (https://intel.example/ip/198.51.100.7).');
  await expect(card).toContainText('This is a guess');
  await expect(card).toContainText(/Denied by itself in 4:0[345]\./);
  await page.clock.runFor(65_000);
  await expect(card).toContainText(/Denied by itself in (?:3:00|2:5\d)\./);
  expect(await card.evaluate((element) => element.textContent.includes('\u202e'))).toBe(false);
  await expect(card.getByRole('button')).toHaveText(['Review…', 'Deny']);
  await card.getByRole('button', { name: 'Deny' }).click();
  await expect.poll(() => host.calls.map(([name]) => name)).toContain('denyApproval');
  // The service goes on: nothing waits any more, whatever the page still shows.
  host.setWaiting(undefined);
  model.apply({ type: 'status', status: 'running' });
  await page.clock.runFor(100);
  await expect(card).toContainText('it was answered or is void');
  await expect(card.getByRole('button')).toHaveCount(0);
  model.apply({
    type: 'message',
    message: message({ kind: 'confirmationResponse', content: 'denied', sender: 'user' }),
  });
  await page.clock.runFor(100);
  await expect(card).toContainText('Denied. Not by this window since it was loaded');
  panel.dispose();
});

for (const id of ['constructor', '__proto__'])
  test(`a card whose id is ${id} waits like any other`, async ({ page }) => {
    const host = new FakeHost();
    const panel = await open(page, asking(id), host);
    await page.getByRole('group', { name: 'Approve fetch_url?' }).getByRole('button', { name: 'Deny' }).click();
    await expect.poll(() => host.of('denyApproval').length).toBe(1);
    panel.dispose();
  });

test('an earlier card is over when another request waits', async ({ page }) => {
  const host = new FakeHost();
  host.setWaiting({ ...view, args: view.args.slice(0, 1) });
  const model = asking();
  model.apply({
    type: 'message',
    message: message({ kind: 'confirmationRequest', title: 'fetch_url', content: 'And now?' }),
  });
  const [first] = (model.state('session-1')?.messages ?? []).filter(({ kind }) => kind === 'confirmationRequest');
  host.ends = { [first?.id ?? '']: { how: 'allowed', at: new Date(2026, 0, 2, 14, 3).getTime() } };
  const panel = await open(page, model, host);
  const cards = page.getByRole('group', { name: 'Approve fetch_url?' });
  await expect(cards.first().getByRole('button')).toHaveCount(0);
  await expect(cards.first()).toContainText(/Allowed\. By you in this window, .*2.*:03/);
  await expect(cards.last().getByRole('button')).toHaveCount(2);
  panel.dispose();
});

test('the question stands over the composer until it is answered', async ({ page }) => {
  const model = new FakeModel();
  const panel = await open(page, model);
  const region = page.getByRole('region', { name: 'Sec-Gemini asks' });
  await expect(region).toBeHidden();
  model.apply(
    { type: 'turnStart', prompt: prompt('Look') },
    {
      type: 'message',
      message: message({ kind: 'clarificationRequest', content: 'Which host do you mean?', render: 'text' }),
    },
    { type: 'turnEnd', outcome: 'waiting' },
    { type: 'status', status: 'waitingForClarification' },
  );
  await expect(region).toContainText('Which host do you mean?');
  await expect(region).toContainText('Your next message answers it.');
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  await expect(box).toHaveAccessibleDescription('Which host do you mean?');
  await box.fill('The first');
  await page.keyboard.press('Enter');
  await expect.poll(() => model.calls.at(-1)).toEqual(['send', 'session-1', 'The first', undefined, {}]);
  model.apply({ type: 'turnStart', prompt: prompt('The first') });
  await expect(region).toBeHidden();
  panel.dispose();
});

test('Pause, Continue and Stop, with what stands in between', async ({ page }) => {
  const model = new FakeModel();
  model.apply({ type: 'turnStart', prompt: prompt('Work') });
  const panel = await open(page, model);
  const buttons = page.locator('.turn-buttons');
  await buttons.getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => model.calls.at(-1)).toEqual(['steer', 'session-1', 'pause']);
  model.apply({ type: 'asked', what: 'pause' });
  await expect(buttons.getByRole('button', { name: 'Pausing…' })).toHaveAttribute('aria-disabled', 'true');
  await buttons.getByRole('button', { name: 'Pausing…' }).click({ force: true });
  expect(model.calls.filter(([name]) => name === 'steer')).toHaveLength(1);
  model.apply({ type: 'status', status: 'paused' });
  await expect(page.getByRole('status', { name: 'Status' })).toHaveText('Waiting for youpaused');
  await expect(buttons.getByRole('button', { name: 'Continue' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => model.calls.at(-1)).toEqual(['steer', 'session-1', 'continue']);
  model.apply({ type: 'asked', what: 'continue' });
  await expect(buttons.getByRole('button', { name: 'Continuing…' })).toBeVisible();
  model.apply({ type: 'status', status: 'running' });
  await expect(buttons.getByRole('button', { name: 'Pause' })).toBeVisible();
  model.apply({ type: 'stopping' });
  await expect(buttons.getByRole('button')).toHaveCount(1);
  await expect(buttons.getByRole('button', { name: 'Stopping…' })).toBeDisabled();
  model.apply({ type: 'turnEnd', outcome: 'stopped' });
  await expect(buttons.getByRole('button')).toHaveCount(0);
  panel.dispose();
});

test('tasks, memory and skills stand beside the conversation and are replaced', async ({ page }) => {
  const model = busy();
  const panel = await open(page, model);
  const side = page.getByRole('region', { name: 'Tasks, memory and skills' });
  await side.getByRole('button', { name: 'Tasks 1 of 3: Look for secrets · Memory 1 · Skills 1' }).click();
  await expect(side.getByRole('list', { name: 'Tasks' }).getByRole('listitem')).toHaveText([
    '●Review the workspacerunning',
    '✓Collect the filesdone',
    '●Look for secretsrunning',
    '○Write the reportpending',
  ]);
  await expect(side.getByRole('list', { name: 'Memory' })).toHaveText('facts: The log is from 2024.');
  await expect(side.getByRole('list', { name: 'Loaded skills' })).toHaveText('workspace-review');
  model.apply({
    type: 'message',
    message: message({ kind: 'taskList', content: TASKS.replaceAll('running', 'done').replace('pending', 'failed') }),
  });
  await expect(side.getByRole('button')).toHaveText('Tasks 2 of 3 · Memory 1 · Skills 1');
  await expect(side.getByRole('list', { name: 'Tasks' })).toHaveCount(1);
  await page.reload();
  await expect(side.getByRole('list', { name: 'Tasks' })).toBeVisible();
  panel.dispose();
});

test('side information is quiet, log only when asked for, agents are named', async ({ page }) => {
  const host = new FakeHost();
  const panel = await open(page, busy(), host);
  await expect(page.getByRole('article', { name: 'Notice: progress' })).toHaveText(/2 of 3$/);
  await expect(page.getByRole('article', { name: 'Notice: warning' })).toContainText('The file is cut.');
  await expect(page.getByRole('article', { name: 'Notice: skill workspace-review loaded' })).toBeVisible();
  await expect(page.getByRole('article', { name: 'Sec-Gemini, Runner' })).toContainText('Half of it is done.');
  await expect(page.getByRole('article', { name: 'Thinking, Planner' })).toBeVisible();
  await expect(page.getByText('cache miss')).toHaveCount(0);
  const log = page.getByRole('button', { name: 'Show log and debug messages' });
  await expect(log).toHaveAttribute('aria-pressed', 'false');
  await log.click();
  await expect.poll(() => host.calls).toContainEqual(['setShowsLog', true]);
  panel.controller.setEnvironment({ ...environment, showsLog: true });
  await expect(log).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('article', { name: 'Notice: Log' })).toContainText('cache miss');
  await expect(page.getByRole('article', { name: 'Notice: Debug' })).toContainText('retry 1');
  panel.dispose();
});

test('what it costs is an estimate, by session and by model', async ({ page }) => {
  const panel = await open(page, busy());
  await page.getByText('1,234 tokens · $0.0123 (estimate)').click();
  await expect(page.getByRole('list', { name: 'Tokens and cost' }).getByRole('listitem')).toHaveText([
    'This session: 1,234 tokens (900 in, 334 out), $0.0123, estimate',
    'base-model: 1,234 tokens (900 in, 334 out), $0.0123, estimate, 3 calls',
  ]);
  panel.dispose();
});

test('“ask before every tool call” is a switch', async ({ page }) => {
  const host = new FakeHost();
  const model = new FakeModel();
  const panel = await open(page, model, host);
  const ask = page.getByRole('button', { name: 'Ask before every tool call' });
  await ask.click();
  await expect.poll(() => host.calls).toContainEqual(['setAsksAlways', 'session-1', true]);
  model.apply({ type: 'local', facts: { asksAlways: true } });
  await expect(ask).toHaveAttribute('aria-pressed', 'true');
  await ask.click();
  await expect.poll(() => host.calls).toContainEqual(['setAsksAlways', 'session-1', false]);
  panel.dispose();
});

test('a refused prompt waits with its reason, and giving up is explained', async ({ page }) => {
  const model = new FakeModel();
  const refused = prompt('Now');
  model.apply(
    { type: 'turnStart', prompt: refused },
    { type: 'turnEnd', outcome: 'failed' },
    { type: 'rejected', promptId: refused.id, reason: '3 of your 3 jobs run.' },
    { type: 'status', status: 'maxAttemptsExceeded' },
  );
  const panel = await open(page, model);
  await expect(page.getByRole('list', { name: 'Waiting to be sent' })).toContainText('3 of your 3 jobs run.');
  await expect(page.getByRole('region', { name: 'What to do' })).toContainText('The agent gave up');
  panel.dispose();
});
