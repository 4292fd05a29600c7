// The real bundle of the page in Chromium, with a host that lives in the test's own script of the page: what is measured is the page alone.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Browser, type CDPSession, type Page, chromium } from 'playwright-core';
import { chromiumArguments, findChromium } from '../../scripts/rig/browser.ts';
import { chatHtml } from '../../src/panel/html.ts';
import type { PanelStatus, Row, Snapshot } from '../../src/panel/protocol.ts';
import { themes } from '../e2e/panel/themes.ts';

const ORIGIN = 'http://panel.test';
const dist = join(import.meta.dirname, '../../dist/webview');

export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  return chromium.launch({ args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) });
}

export const idleStatus: PanelStatus = {
  sessionId: 's',
  name: 'Benchmark',
  sessionStatus: 'idle',
  word: 'Connected',
  connection: 'connected',
  phase: 'idle',
  history: 'loaded',
  files: [],
  pending: [],
  queue: [],
  delivery: {},
  showsReasoning: true,
  environment: { endpoint: 'api.example', cancels: true, ready: true, enterSends: true },
};

/** What the stub of VS Code's API offers to the scripts of the benchmarks. */
export interface BenchWindow {
  /** Rows the host has; set before the page says ready. */
  bench: {
    rows: Row[];
    status: PanelStatus;
    seq: number;
    post(name: string, params: unknown): void;
    snapshot(): Snapshot;
  };
}

/** A page that waits at its own address with the API stubbed; `goto` starts it. `html` undefined = the panel's own document. */
export async function newPage(
  browser: Browser,
  html?: string,
): Promise<{ page: Page; session: CDPSession; goto: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'timeTicks' });
  await page.route('**/*', async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = join(dist, pathname.slice(1));
    if (pathname === '/')
      await route.fulfill({
        contentType: 'text/html',
        body:
          html ??
          chatHtml({
            nonce: randomBytes(16).toString('base64url'),
            scriptUri: `${ORIGIN}/main.js`,
            styleUri: `${ORIGIN}/style.css`,
            cspSource: ORIGIN,
            title: 'Benchmark',
          }),
      });
    else if (existsSync(file))
      await route.fulfill({
        contentType: extname(file) === '.css' ? 'text/css' : 'text/javascript',
        body: readFileSync(file),
      });
    else await route.abort();
  });
  await page.addInitScript(stub, { status: idleStatus, variables: themes.dark.variables });
  return { page, session, goto: async () => void (await page.goto(`${ORIGIN}/`)) };
}

/** Runs in the page before its script: the API of VS Code, answering as the controller does. */
function stub({ status, variables }: { status: PanelStatus; variables: Readonly<Record<string, string>> }): void {
  const bench: BenchWindow['bench'] = {
    rows: [],
    status,
    seq: 0,
    post: (name, params) => {
      bench.seq += 1;
      window.postMessage({ t: 'note', seq: bench.seq, name, params }, window.origin);
    },
    snapshot: () => {
      const from = Math.max(0, bench.rows.length - 60);
      return {
        version: 1,
        total: bench.rows.length,
        from,
        rows: bench.rows.slice(from),
        status: bench.status,
        draft: '',
      };
    },
  };
  const answer = (name: string, params: { from?: number; count?: number }): unknown => {
    if (name === 'ready') bench.post('snapshot', bench.snapshot());
    const from = params.from ?? 0;
    return name === 'rows'
      ? { from, rows: bench.rows.slice(from, from + (params.count ?? 0)), total: bench.rows.length }
      : {};
  };
  Object.assign(window, {
    bench,
    acquireVsCodeApi: () => ({
      postMessage: (message: { t: string; id: number; name: string; params: object }) => {
        if (message.t !== 'request') return;
        const result = answer(message.name, message.params);
        window.postMessage({ t: 'reply', id: message.id, ok: true, result }, window.origin);
      },
      getState: () => undefined,
      setState: () => undefined,
    }),
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = 'vscode-body vscode-dark';
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  });
}

/** Seconds of main-thread work since the page began. */
export async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
}

/** Mixed Markdown of about that many characters: prose, lists, fences, tables. */
export function mixedMarkdown(chars: number, seed = 0): string {
  let text = '';
  for (let part = seed; text.length < chars; part += 1) {
    const n = part.toString();
    text += `## Finding ${n}\n\nThe value of \`key_${n}\` in src/app.ts:${n} is **hard-coded** and goes to [the service](https://api.example/${n}) unchanged; this paragraph says why that matters, in a sentence that is long enough to wrap at the usual width.\n\n`;
    if (part % 3 === 0) text += `- first item ${n}\n- second with *emphasis*\n- third with \`code\` and more words\n\n`;
    if (part % 4 === 1)
      text += `\`\`\`python\ndef handler_${n}(event):\n    # a comment\n    return event["body"][:${n}]\n\`\`\`\n\n`;
    if (part % 5 === 2)
      text += `| indicator | kind | n |\n|---|---|--:|\n${`| 198.51.100.${n} | IPv4 | 3 |\n`.repeat(6)}\n`;
  }
  return text.slice(0, chars);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** One line of `npm run bench`. */
export function print(name: string, unit: string, values: readonly number[]): void {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  console.log(
    JSON.stringify({
      name,
      value: round(median(values)),
      unit,
      n: values.length,
      min: round(Math.min(...values)),
      max: round(Math.max(...values)),
    }),
  );
}
