// Playwright in the real editor (the rig): one editor at a time, no retries.
import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from '../../scripts/rig/browser.ts';

const executablePath = findChromium();

// oxlint-disable-next-line import/no-default-export -- Playwright reads its configuration from the default export
export default defineConfig({
  testDir: 'app',
  outputDir: '../../out/e2e-app',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: '../../out/e2e-app.json' }]],
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
    launchOptions: { args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
