/** Hostile contents in real Chromium under the panel's own policy: nothing runs, loads, navigates or clobbers (trust.md S01, S03, S04, S08, S09, S10, S12). */
import { type Page, expect, test } from '@playwright/test';
import * as fc from 'fast-check';
import { RENDERS } from '../../fakes/message-kinds.ts';
import { FakeHost, serviceEnvironment } from './support/fake-host.ts';
import { FakeModel, message, prompt } from './support/fake-model.ts';
import { HTML, MEDIA, TARGETS, hostileDocument, hostileDocuments, linkDocuments } from './support/hostile.ts';
import { ORIGIN, openPanel } from './support/panel-page.ts';
import { openProbe } from './support/probe-page.ts';
import { judge } from './support/probe-runs.ts';
import type { Probe } from './support/probe.ts';

declare const probe: Probe;

const SEED = Number(process.env['SEED'] ?? 20_261_121);
const GENERATED = Number(process.env['GENERATED'] ?? 1_000);

/** Counts what leaves and where the page goes. */
function watch(page: Page): string[] {
  const navigations: string[] = [];
  page.on('framenavigated', (frame) => {
    if (frame.url() !== `${ORIGIN}/` && frame.url() !== 'about:blank') navigations.push(frame.url());
  });
  return navigations;
}

test('control: the same corpus without our defences does load, or the counting is void', async ({ page }) => {
  const requests: string[] = [];
  await page.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.href === `${ORIGIN}/`)
      await route.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><body></body>' });
    else {
      requests.push(url.href);
      await route.abort();
    }
  });
  await page.goto(`${ORIGIN}/`);
  await page.evaluate(
    (payloads) => {
      for (const payload of payloads) {
        const holder = document.createElement('div');
        holder.innerHTML = payload;
        document.body.append(holder);
      }
    },
    HTML.filter((payload) => !payload.includes('http-equiv')),
  );
  await expect.poll(() => new Set(requests).size).toBeGreaterThanOrEqual(9);
});

test('at least 2,000 fixed documents and generated ones', async ({ page }) => {
  test.setTimeout(600_000);
  const requests = await openProbe(page);
  const navigations = watch(page);
  const fixed = hostileDocuments();
  expect(fixed.length).toBeGreaterThanOrEqual(2_000);
  console.log(`${fixed.length.toString()} fixed, ${GENERATED.toString()} generated, seed ${SEED.toString()}`);
  const documents = [...fixed, ...fc.sample(hostileDocument, { seed: SEED, numRuns: GENERATED })];
  for (let at = 0; at < documents.length; at += 500)
    expect(await judge(page, documents.slice(at, at + 500))).toEqual({ scripts: 0, faults: [] });
  expect(requests).toEqual([]);
  expect(navigations).toEqual([]);
});

test('the sanitiser alone keeps HTML dead, whatever the Markdown before it let through', async ({ page }) => {
  const requests = await openProbe(page);
  const faults = await page.evaluate(async (payloads) => {
    const counter = window as unknown as { ran?: number; xss: () => void };
    counter.xss = () => (counter.ran = (counter.ran ?? 0) + 1);
    const found: string[] = [];
    for (const payload of payloads) {
      const holder = document.createElement('div');
      holder.append(probe.sanitise(payload));
      document.body.append(holder);
      for (const element of holder.querySelectorAll('*')) {
        if (
          !/^(?:p|br|hr|h[3-6]|em|strong|s|code|pre|blockquote|[uo]l|li|a|span|table|thead|tbody|t[rhd])$/.test(
            element.localName,
          )
        )
          found.push(`<${element.localName}> from ${payload}`);
        for (const { name, value } of element.attributes)
          if (
            !['class', 'href', 'start'].includes(name) ||
            /^\s*(?:javascript|data|vbscript|command):/i.test(value) ||
            (name === 'class' && /composer|button|row|link/.test(value))
          )
            found.push(`${name}=${value} from ${payload}`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (counter.ran !== undefined) found.push('something ran');
    return found;
  }, HTML);
  expect(faults).toEqual([]);
  expect(requests).toEqual([]);
  // Nothing of what was written is lost on the way: tags are words here.
  expect(await page.evaluate(() => probe.oneShot('a <unknown> and <b onclick=x>y</b>'))).toBe(
    '<p>a &lt;unknown&gt; and &lt;b onclick=x&gt;y&lt;/b&gt;</p>',
  );
});

test('at no character of a stream does a tag come alive', async ({ page }) => {
  const requests = await openProbe(page);
  const faults = await page.evaluate((payloads) => {
    const found: string[] = [];
    for (const payload of payloads)
      for (const [at, html] of probe.states([...`text ${payload}\n\n- ${payload}\n`]).entries()) {
        const holder = document.createElement('template');
        holder.innerHTML = html;
        const alive = holder.content.querySelector(
          ':not(p, br, hr, h3, h4, h5, h6, em, strong, s, code, pre, blockquote, ul, ol, li, span, div, button, svg, path, table, thead, tbody, tr, th, td)',
        );
        if (alive !== null) found.push(`<${alive.localName}> at ${at.toString()} of ${payload}`);
      }
    return found.slice(0, 5);
  }, HTML);
  expect(faults).toEqual([]);
  expect(requests).toEqual([]);
});

test('only https, http and mailto become links, whatever the spelling', async ({ page }) => {
  await openProbe(page);
  const good = ['https://ok.test/a?b=c#d', 'http://ok.test', 'mailto:a@ok.test', 'HTTPS://ok.test'];
  const links = (documents: string[]): Promise<string[][]> =>
    page.evaluate(
      (sources) =>
        sources.map((source) => {
          const holder = document.createElement('div');
          holder.innerHTML = probe.oneShot(source);
          return [...holder.querySelectorAll<HTMLElement>('.link')].map((link) => link.dataset['href'] ?? '');
        }),
      documents,
    );
  expect((await links(TARGETS.flatMap((target) => linkDocuments(target)))).flat()).toEqual([]);
  for (const found of await links(good.map((target) => `[x](${target})`))) expect(found).toHaveLength(1);
});

test('hostile strings in every field of every kind of message change nothing', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const navigations = watch(page);
  const evil = `<img src="https://evil.test/f.png" onerror=xss()><svg onload=xss()>\u202e`;
  const kinds = [
    'response',
    'thinking',
    'toolCall',
    'toolResult',
    'error',
    'info',
    'unknown',
    'confirmationRequest',
    'clarificationRequest',
  ] as const;
  model.apply({ type: 'message', message: prompt(evil + MEDIA.join('\n')) });
  for (const kind of kinds)
    for (const render of RENDERS)
      model.apply({
        type: 'message',
        message: message({
          id: `${kind}-${render}"><img src=x onerror=xss()>`,
          kind,
          render,
          title: evil,
          author: evil,
          mimeType: evil,
          content: evil + HTML.join('\n\n') + MEDIA.join('\n\n'),
          activity: evil,
        }),
      });
  model.set({
    info: { ...model.current.info, name: evil },
    attachments: [{ id: evil, name: evil, size: 3 }],
    queue: [{ id: evil, text: evil }],
    connection: 'offline',
    connectionError: { code: 'unavailable', message: evil, action: evil },
  });
  const panel = await openPanel(page, {
    model,
    host,
    environment: { ...serviceEnvironment, badge: evil, endpoint: evil },
  });
  await page.evaluate(() => {
    (window as unknown as { xss: () => void }).xss = () => document.documentElement.setAttribute('data-ran', 'yes');
  });
  await page.getByRole('button', { name: 'Expand all' }).click();
  const log = page.getByRole('log', { name: 'Conversation' });
  await log.focus();
  await page.keyboard.press('Home');
  for (let row = 0; row < model.current.messages.length; row += 3) {
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowDown');
    const found = await page.evaluate(() => ({
      tags: document.querySelectorAll(
        'img, svg:not(.icon), math, style, iframe, object, embed, form, video, audio, link[rel=prefetch]',
      ).length,
      handlers: [...document.querySelectorAll('*')].filter((element) =>
        element
          .getAttributeNames()
          .some(
            (name) =>
              name.startsWith('on') ||
              (name === 'style' &&
                element.closest('.canvas, textarea') === null &&
                element !== document.documentElement),
          ),
      ).length,
    }));
    expect(found).toEqual({ tags: 0, handlers: 0 });
  }
  // Labels hold no hidden character: names of articles, chips, the queue, the head.
  const labels = await page.evaluate(() =>
    [
      ...[...document.querySelectorAll('[aria-label], [title]')].map(
        (element) => `${element.ariaLabel ?? ''} ${element.getAttribute('title') ?? ''}`,
      ),
      ...[...document.querySelectorAll('h1, title, .chip, .queue li, .badge, .endpoint, .notice')].map(
        (element) => element.textContent,
      ),
      ...[...document.querySelectorAll('.approval, .fold')].map((element) => element.textContent),
    ].join('\n'),
  );
  expect(labels).not.toContain('\u202e');
  expect(labels).toContain('⟦U+202E⟧');
  expect(await page.evaluate(() => document.documentElement.hasAttribute('data-ran'))).toBe(false);
  expect(panel.requests).toEqual([]);
  expect(navigations).toEqual([]);
  expect(host.calls).toEqual([]);
  panel.dispose();
});

test('a link asks the host and goes nowhere', async ({ page }) => {
  const model = new FakeModel();
  const host = new FakeHost();
  const navigations = watch(page);
  model.apply({
    type: 'message',
    message: message({ content: '[safe](https://gооgle.com/x) and `src/a.ts:3` and [doc](docs/x.md#L7)' }),
  });
  const panel = await openPanel(page, { model, host, environment: serviceEnvironment });
  const link = page.getByRole('link', { name: 'safe' });
  await expect(link).toHaveAttribute('title', 'https://xn--ggle-55da.com/x');
  await link.click();
  await link.click({ button: 'middle' });
  await link.click({ modifiers: ['Control'] });
  await link.press('Enter');
  await page.getByRole('link', { name: 'src/a.ts:3' }).click();
  await page.getByRole('link', { name: 'doc' }).click();
  await expect.poll(() => host.of('openFile')).toEqual([['src/a.ts:3'], ['docs/x.md:7']]);
  expect(host.of('openLink')).toEqual([
    ['https://xn--ggle-55da.com/x'],
    ['https://xn--ggle-55da.com/x'],
    ['https://xn--ggle-55da.com/x'],
  ]);
  expect(panel.requests).toEqual([]);
  expect(navigations).toEqual([]);
  panel.dispose();
});

test('hidden and reordering characters carry a mark, and the text stays verbatim', async ({ page }) => {
  await openProbe(page);
  const ranges: [number, number][] = [
    [0x202a, 0x202e],
    [0x2066, 0x2069],
    [0x200b, 0x200f],
    [0x2060, 0x2064],
    [0xfeff, 0xfeff],
    [0xe0000, 0xe007f],
    [0xfe00, 0xfe0f],
    [0xe0100, 0xe01ef],
    [1, 8],
    [0x0e, 0x1f],
    [0x7f, 0x9f],
  ];
  const faults = await page.evaluate((spans) => {
    const found: string[] = [];
    for (const [first, last] of spans)
      for (let code = first; code <= last; code += 1) {
        const character = String.fromCodePoint(code);
        const mark = `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`;
        for (const source of [`a${character}b`, `\`a${character}b\``, `\`\`\`\na${character}b\n\`\`\``]) {
          const holder = document.createElement('div');
          holder.innerHTML = probe.oneShot(source);
          const hidden = holder.querySelector<HTMLElement>('.hidden-char');
          if (hidden?.dataset['mark'] !== mark || !holder.textContent.includes(`a${character}b`))
            found.push(`${mark} in ${JSON.stringify(source)}: ${holder.innerHTML}`);
        }
      }
    return found.slice(0, 5);
  }, ranges);
  expect(faults).toEqual([]);
  const emoji = await page.evaluate(() =>
    ['❤️', '👩‍💻', '1️⃣', 'می‌خواهم', '👍🏽'].filter((text) => probe.oneShot(text).includes('hidden-char')),
  );
  expect(emoji).toEqual([]);
});
