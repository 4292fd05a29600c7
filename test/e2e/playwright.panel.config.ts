// Playwright on the page alone, without an editor: fast, two browsers at a time.
import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from '../../scripts/rig/browser.ts';

const executablePath = findChromium();

// oxlint-disable-next-line import/no-default-export -- Playwright reads its configuration from the default export
export default defineConfig({
  testDir: 'panel',
  outputDir: '../../out/e2e-panel',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '../../out/e2e-panel.json' }]],
  use: {
    browserName: 'chromium',
    actionTimeout: 10_000,
    launchOptions: { args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
