/** An empty page under the panel's own policy with the page's Markdown as a global. */
import { randomBytes } from 'node:crypto';
import type { Page } from '@playwright/test';
import { chatHtml } from '../../../../src/panel/html.ts';
import { ORIGIN, servePanel } from './panel-page.ts';

/** Returns the list that fills with every request for anything but the page's own files. */
export async function openProbe(page: Page): Promise<string[]> {
  const requests: string[] = [];
  await servePanel(
    page,
    () =>
      chatHtml({
        nonce: randomBytes(16).toString('base64url'),
        scriptUri: `${ORIGIN}/probe.js`,
        styleUri: `${ORIGIN}/style.css`,
        cspSource: ORIGIN,
        title: 'Probe',
      }),
    requests,
  );
  await page.goto(`${ORIGIN}/`);
  await page.waitForFunction(() => 'probe' in window);
  return requests;
}
