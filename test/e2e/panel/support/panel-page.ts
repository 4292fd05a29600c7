/** The real page in Chromium with the real controller in Node: what `postMessage` is in the editor is a bridge here. The policy is the same. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Page, Route } from '@playwright/test';
import { build } from 'esbuild';
import { pageBundle } from '../../../../scripts/lib/page-bundle.ts';
import { toDisposable } from '../../../../src/core/disposable.ts';
import type { SessionModel } from '../../../../src/core/session-model.ts';
import { ChatController } from '../../../../src/panel/chat-controller.ts';
import type { ChatHost } from '../../../../src/panel/chat-host.ts';
import { chatHtml } from '../../../../src/panel/html.ts';
import type { PanelEnvironment } from '../../../../src/panel/protocol.ts';
import type { Port } from '../../../../src/panel/rpc.ts';
import { type ThemeName, themes } from '../themes.ts';

export const ORIGIN = 'http://panel.test';
const root = join(import.meta.dirname, '../../../..');
/** A bundle of the tests' own, so that they never run against an old `dist`. */
const out = join(root, 'out/panel-test');

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

let built: Promise<void> | undefined;
/** Bundles the page once per process, minified as it is shipped. */
export function buildPage(): Promise<void> {
  built ??= build({
    entryPoints: ['src/webview/main.ts', 'src/webview/style.css', 'test/e2e/panel/support/probe.ts'],
    ...pageBundle,
    absWorkingDir: root,
    outdir: out,
    minify: true,
    logLevel: 'warning',
  }).then(() => undefined);
  return built;
}

export interface OpenOptions {
  readonly model: SessionModel;
  readonly host: ChatHost;
  readonly environment: PanelEnvironment;
  readonly theme?: ThemeName;
  readonly sessionId?: string;
}

export interface OpenPanel {
  readonly controller: ChatController;
  /** Every address that the page asked for, its own files left out. */
  readonly requests: readonly string[];
  /** Messages of the page, as they came. */
  readonly fromPage: readonly unknown[];
  /** What the page logged as errors: policy violations among them. */
  readonly problems: readonly string[];
  dispose(): void;
}

/** Serves the panel's own files from the bundle; everything else is counted and refused. */
export async function servePanel(page: Page, html: () => string, requests: string[]): Promise<void> {
  await buildPage();
  await page.route('**/*', async (route: Route) => {
    const url = new URL(route.request().url());
    if (url.origin === ORIGIN && url.pathname === '/') {
      await route.fulfill({ contentType: 'text/html', body: html() });
      return;
    }
    const file = join(out, url.pathname.slice(1));
    const type = TYPES[extname(file)];
    if (url.origin === ORIGIN && type !== undefined && !url.pathname.includes('..') && existsSync(file)) {
      await route.fulfill({ contentType: type, body: readFileSync(file) });
      return;
    }
    requests.push(url.href);
    await route.abort();
  });
}

/** Opens the panel. The theme's variables come as a style sheet of the browser, as VS Code sets them on the root element. */
export async function openPanel(page: Page, options: OpenOptions): Promise<OpenPanel> {
  const requests: string[] = [];
  const fromPage: unknown[] = [];
  const problems: string[] = [];
  page.on('console', (entry) => {
    if (entry.type() === 'error' || entry.type() === 'warning') problems.push(entry.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));

  const listeners = new Set<(message: unknown) => void>();
  const port: Port = {
    post(message) {
      page.evaluate((data) => window.postMessage(data, window.origin), message).catch(() => undefined);
    },
    onMessage(listener) {
      listeners.add(listener);
      return toDisposable(() => listeners.delete(listener));
    },
  };
  const theme = themes[options.theme ?? 'dark'];
  await page.exposeFunction('hostReceive', (message: unknown) => {
    fromPage.push(message);
    for (const listener of listeners) listener(message);
  });
  await page.addInitScript(vscodeStub, { variables: theme.variables, bodyClass: theme.bodyClass });
  await servePanel(
    page,
    () =>
      chatHtml({
        nonce: randomBytes(16).toString('base64url'),
        scriptUri: `${ORIGIN}/main.js`,
        styleUri: `${ORIGIN}/style.css`,
        cspSource: ORIGIN,
        title: 'Sec-Gemini',
      }),
    requests,
  );
  const controller = new ChatController({
    model: options.model,
    sessionId: options.sessionId ?? 'session-1',
    port,
    host: options.host,
    environment: options.environment,
    onError: (error) => problems.push(String(error)),
  });
  await page.goto(`${ORIGIN}/`);
  await page.locator('.page.ready').waitFor();
  return { controller, requests, fromPage, problems, dispose: () => controller.dispose() };
}

/** What VS Code gives a page: its API, and the theme as variables and a class. Runs in the page. */
function vscodeStub({
  variables,
  bodyClass,
}: {
  variables: Readonly<Record<string, string>>;
  bodyClass: string;
}): void {
  const page = window as unknown as Record<string, unknown> & { hostReceive(message: unknown): Promise<void> };
  page['acquireVsCodeApi'] = () => ({
    postMessage: (message: unknown) => void page.hostReceive(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
    setState: (state: unknown) => sessionStorage.setItem('state', JSON.stringify(state)),
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = bodyClass;
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(name, value);
  });
}
