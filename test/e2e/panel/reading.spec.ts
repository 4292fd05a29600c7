/** What a reader does with an answer: sort and copy its tables, copy a part of it, jump to what it names, keep it folded as it was. */
import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { openPanel } from './support/panel-page.ts';

const TABLE = [
  '| Finding | Severity | Count |',
  '|:--|---|--:|',
  '| `a|b` key | medium | 10 |'.replace('a|b', String.raw`a\|b`),
  '| **Eval** | critical | 9 |',
  '| =cmd() | low | 1,200 |',
].join('\n');

async function open(
  page: Page,
  content: string,
): Promise<{ model: FakeModel; host: FakeHost; problems: readonly string[] }> {
  const model = new FakeModel();
  const host = new FakeHost();
  model.apply({ type: 'message', message: message({ content }) });
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  return { model, host, problems: panel.problems };
}

const column = (page: Page, at: number): Promise<string[]> =>
  page.locator(`tbody tr td:nth-child(${at.toString()})`).allTextContents();

test('a table is sorted by its heads, as numbers and as severities, and back', async ({ page }) => {
  const { problems } = await open(page, TABLE);
  const severity = page.getByRole('button', { name: 'Severity' });
  await severity.click();
  expect(await column(page, 2)).toEqual(['low', 'medium', 'critical']);
  await expect(page.getByRole('columnheader', { name: 'Severity' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.locator('[aria-live="polite"].spoken')).toHaveText('Sorted by Severity, ascending.');
  await severity.press('Enter');
  expect(await column(page, 2)).toEqual(['critical', 'medium', 'low']);
  await page.getByRole('button', { name: 'Count' }).click();
  expect(await column(page, 3)).toEqual(['9', '10', '1,200']);
  await expect(page.getByRole('columnheader', { name: 'Severity' })).toHaveAttribute('aria-sort', 'none');
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByRole('button', { name: 'Count' }).click();
  expect(await column(page, 3)).toEqual(['10', '9', '1,200']);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(problems).toEqual([]);
});

test('a table is copied as it is sorted: as Markdown, and as CSV that runs nowhere', async ({ page }) => {
  const { host } = await open(page, TABLE);
  await page.getByRole('button', { name: 'Severity' }).click();
  await page.getByRole('table').hover();
  await page.getByRole('button', { name: 'Copy table as CSV' }).click();
  await page.getByRole('button', { name: 'Copy table as Markdown' }).click();
  await expect
    .poll(() => host.of('copy'))
    .toEqual([
      ['Finding,Severity,Count\r\n"\t=cmd()",low,"1,200"\r\na|b key,medium,10\r\nEval,critical,9\r\n'],
      [
        [
          '| Finding | Severity | Count |',
          '| :--- | --- | ---: |',
          '| =cmd() | low | 1,200 |',
          String.raw`| ${'`'}a\|b${'`'} key | medium | 10 |`,
          '| **Eval** | critical | 9 |',
          '',
        ].join('\n'),
      ],
    ]);
});

test('what is selected is copied as Markdown; code alone as it stands', async ({ page }) => {
  await open(
    page,
    '# Result\n\nThe **key** in `a.py` at [home](https://a.example/):\n\n- one\n- two\n  1. deep\n\n```py\nx = "*"\n```\n',
  );
  const copied = (selector: string): Promise<string> =>
    page.evaluate((name) => {
      const [first, last] = [...document.querySelectorAll(name), ...document.querySelectorAll(name)].filter(
        (_, at, all) => at === 0 || at === all.length - 1,
      );
      const range = document.createRange();
      range.selectNodeContents(first ?? document.body);
      if (last !== undefined) range.setEndAfter(last);
      document.getSelection()?.removeAllRanges();
      document.getSelection()?.addRange(range);
      const data = new DataTransfer();
      first?.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
      return data.getData('text/plain');
    }, selector);
  expect(await copied('.markdown > *')).toBe(
    '# Result\n\nThe **key** in `a.py` at [home](https://a.example/):\n\n- one\n- two\n  1. deep\n\n```py\nx = "*"\n```',
  );
  expect(await copied('strong')).toBe('**key**');
  expect(
    await page.evaluate(() => {
      const code = document.querySelector('pre code');
      document.getSelection()?.selectAllChildren(code ?? document.body);
      const data = new DataTransfer();
      code?.dispatchEvent(new ClipboardEvent('copy', { clipboardData: data, bubbles: true, cancelable: true }));
      return data.getData('text/plain');
    }),
  ).toBe('x = "*"\n');
});

test('message, turn and code are copied as they were written', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const answer = '# **Result**\n\n```py\nx = "*"\n```\n\n| a |\n|---|\n| 1 |';
  model.apply(
    { type: 'message', message: prompt('What is *it*?') },
    { type: 'message', message: message({ kind: 'toolCall', title: 'scan', content: '{"a":1}', render: 'json' }) },
    { type: 'message', message: message({ content: answer }) },
    { type: 'message', message: prompt('And this?') },
  );
  await openPanel(page, { model, host, environment: serviceEnvironment });
  const row = page.getByRole('article', { name: 'Sec-Gemini' });
  await row.getByRole('heading', { name: 'Result' }).hover();
  await row.getByRole('button', { name: 'Copy message as Markdown' }).click();
  await row.getByRole('button', { name: 'Copy turn as Markdown' }).click();
  await row.getByRole('button', { name: 'Copy code' }).click();
  await expect.poll(() => host.of('copy').length).toBe(3);
  const [whole, turn, code] = host.of('copy').map(([text]) => String(text));
  expect(whole).toBe(answer);
  expect(code).toBe('x = "*"\n');
  expect(turn).toContain('What is *it*?');
  expect(turn).toContain(answer);
  // What the agent did by the way is not what was said.
  expect(turn).not.toContain('{"a":1}');
  expect(turn).not.toContain('And this?');
  await expect(page.locator('[aria-live="polite"].spoken')).toHaveText('Copied.');
});

test('the toolbar comes to the pointer, whichever message has the keyboard, and back to the keyboard with a key', async ({
  page,
}) => {
  const { model } = await open(page, 'first');
  model.apply({ type: 'message', message: message({ content: 'second' }) });
  const first = page.getByRole('article').filter({ hasText: 'first' });
  const second = page.getByRole('article').filter({ hasText: 'second' });
  await first.focus();
  await expect(first.getByRole('toolbar')).toBeVisible();
  await second.hover();
  await expect(second.getByRole('toolbar')).toBeVisible();
  await expect(first).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(first.getByRole('button', { name: 'Copy message as Markdown' })).toBeFocused();
  // In use it stays.
  await page.getByRole('heading', { level: 1 }).hover();
  await second.hover();
  await expect(first.getByRole('button', { name: 'Copy message as Markdown' })).toBeFocused();
});

test('code gets its colours when its fence is closed, not before', async ({ page }) => {
  const model = new FakeModel();
  await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const answer = message({ status: 'streaming' });
  const piece = (text: string): void => model.apply({ type: 'piece', message: answer, text });
  piece('```python\ndef one():\n    return "1"\n');
  const code = page.locator('pre code');
  await expect(code).toHaveText('def one():\n    return "1"\n');
  // Another block that is finished is coloured meanwhile: the library is there, the open one stays plain.
  model.apply({ type: 'message', message: message({ content: '```python\nimport os\n```' }) });
  await expect(code.last().locator('.hljs-keyword')).toHaveText('import');
  await expect(code.first().locator('span')).toHaveCount(0);
  piece('```\n');
  await expect(code.first().locator('.hljs-keyword')).toHaveText(['def', 'return']);
  await expect(code.first()).toHaveText('def one():\n    return "1"\n');
});

test('each message says when it came; an answer what it cost', async ({ page }) => {
  const model = new FakeModel();
  const usage = {
    promptTokens: 1_000,
    generatedTokens: 234,
    thinkingTokens: 0,
    cachedTokens: 0,
    toolTokens: 0,
    totalTokens: 1_234,
  };
  const createdAt = new Date(2026, 0, 5, 6, 12).getTime();
  model.apply(
    { type: 'message', message: prompt('When?', { createdAt }) },
    { type: 'message', message: message({ content: 'Then.', createdAt, usage }) },
  );
  await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const row = page.getByRole('article', { name: 'Sec-Gemini' });
  await expect(row.locator('.time')).toHaveText(/5.*12/);
  await expect(row.locator('.time')).toHaveCSS('opacity', '0');
  await row.hover();
  await expect(row.locator('.time')).toHaveCSS('opacity', '1');
  // By keyboard, too.
  await page.getByRole('article', { name: 'You' }).focus();
  await expect(page.getByRole('article', { name: 'You' }).locator('.time')).toHaveCSS('opacity', '1');
  await expect(row).toContainText('1,234 tokens (1,000 in, 234 out), estimate');
});

test('files with lines and calls lead into the editor; bare words do not', async ({ page }) => {
  const { host } = await open(
    page,
    'See `server.py:23`, line 7 of `app.py`, `db.sql`, line 4. Then `load()`, `Session.open()` and `os.path` or `load`.',
  );
  for (const name of ['server.py:23', 'app.py', 'db.sql', 'load()', 'Session.open()'])
    await page.getByRole('link', { name, exact: true }).click();
  await expect.poll(() => host.of('openSymbol')).toEqual([['load'], ['Session.open']]);
  expect(host.of('openFile')).toEqual([['server.py:23'], ['app.py:7'], ['db.sql:4']]);
  await expect(page.getByRole('link')).toHaveCount(5);
});

test('what is folded stays so over a reload; all can be opened and closed', async ({ page }) => {
  const model = new FakeModel();
  for (const title of ['first', 'second'])
    model.apply({
      type: 'message',
      message: message({ id: title, kind: 'toolCall', title, content: `{"of":"${title}"}` }),
    });
  await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const fold = (name: string) => page.getByRole('article', { name: `Tool call ${name}` }).getByRole('button', { name });
  await fold('second').first().click();
  await expect(fold('second').first()).toHaveAttribute('aria-expanded', 'true');
  await page.reload();
  await expect(fold('second').first()).toHaveAttribute('aria-expanded', 'true');
  await expect(fold('first').first()).toHaveAttribute('aria-expanded', 'false');
  await page.getByRole('button', { name: 'Expand all' }).click();
  await expect(fold('first').first()).toHaveAttribute('aria-expanded', 'true');
  await page.reload();
  await expect(fold('first').first()).toHaveAttribute('aria-expanded', 'true');
  await page.getByRole('button', { name: 'Collapse all' }).click();
  await expect(fold('first').first()).toHaveAttribute('aria-expanded', 'false');
  await expect(page.getByRole('button', { name: 'Expand all' })).toBeVisible();
});

test('a queued message is edited, sent now, or removed', async ({ page }) => {
  const model = new FakeModel();
  await openPanel(page, { model, host: new FakeHost(), environment: serviceEnvironment });
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  model.apply(
    { type: 'turnStart', prompt: prompt('first') },
    {
      type: 'queue',
      queue: [
        { id: 'q1', text: 'second\nline' },
        { id: 'q2', text: 'third' },
      ],
    },
  );
  await box.fill('typed');
  await page.getByRole('button', { name: 'Edit: second line' }).click();
  await expect(box).toHaveValue('second\nline\n\ntyped');
  await expect(box).toBeFocused();
  await expect(page.getByRole('listitem').filter({ hasText: 'second' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Stop and send now: third' }).click();
  await expect
    .poll(() => model.calls)
    .toEqual([
      ['removeQueued', 'session-1', 'q1'],
      ['sendQueued', 'session-1', 'q2'],
    ]);
  model.apply({ type: 'turnEnd', outcome: 'stopped' });
  await expect(page.getByRole('button', { name: 'Send now: third', exact: true })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});

test('a mention that is taken asks the host to attach', async ({ page }) => {
  const host = new FakeHost();
  host.completions = [
    { label: '#selection', detail: 'app.py:1-3', insert: '#selection', mention: { kind: 'selection', reference: '' } },
    { label: '#app.py', detail: 'src/app.py', insert: '#app.py', mention: { kind: 'file', reference: 'src/app.py' } },
  ];
  await openPanel(page, { model: new FakeModel(), host, environment: serviceEnvironment });
  const box = page.getByRole('textbox', { name: 'Message Sec-Gemini' });
  await box.pressSequentially('look at #');
  await page.getByRole('option', { name: '#app.py' }).click();
  await expect(box).toHaveValue('look at #app.py ');
  await expect.poll(() => host.of('mention')).toEqual([['session-1', { kind: 'file', reference: 'src/app.py' }]]);
});
