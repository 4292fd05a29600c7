// Finds the Chromium that Playwright drives; none is downloaded, Debian's is installed when there is none.
import { existsSync } from 'node:fs';
import { installPackages } from '../lib/debian.ts';

const places: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** The Chromium on this machine (`$PLAYWRIGHT_CHROMIUM` first), or undefined. */
export function findChromium(): string | undefined {
  return [process.env.PLAYWRIGHT_CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path));
}

/** Like {@link findChromium}, but installs Debian's where there is none; throws with the command that mends it. */
export async function installChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  await installPackages('driving the editor (or set PLAYWRIGHT_CHROMIUM to a Chromium)', ['chromium']);
  const installed = findChromium();
  if (installed === undefined) throw new Error('No Chromium after installing it: set PLAYWRIGHT_CHROMIUM to its path.');
  return installed;
}

/** Debian's Chromium cannot use its own process sandbox as root in a container; pages come from loopback only. */
export const chromiumArguments: readonly string[] = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
