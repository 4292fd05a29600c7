// Playwright in the real editor (the rig): two editors at a time, each with a profile, a port and a sandbox of its own, no retries. A spec mostly
// waits for its editor, so that two files side by side take little more than one.
import { defineConfig } from '@playwright/test';
import { chromiumArguments, findChromium } from '../../scripts/rig/browser.ts';

const executablePath = findChromium();

/** One to four minutes each, of issues that are still open: they run in the long tier (`npm run test:full`) alone. */
const long = [
  'agent-account',
  'agent-more',
  'agent-page',
  'elsewhere',
  'findings',
  'inline',
  'inline-more',
  'logs',
  'life',
  'manage',
  'mcp',
  'mcp-http',
  'native-chat',
  'panel-more',
  'refused',
  'save-as',
  'sessions',
  'tools-more',
  'tree',
].map((name) => `**/${name}.spec.ts`);
const isLong = process.env['SEC_GEMINI_LONG'] !== undefined;

// oxlint-disable-next-line import/no-default-export -- Playwright reads its configuration from the default export
export default defineConfig({
  testDir: 'app',
  ...(isLong ? { testMatch: long } : { testIgnore: long }),
  outputDir: '../../out/e2e-app',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: '../../out/e2e-app.json' }]],
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
    launchOptions: { args: [...chromiumArguments], ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
