// Trust S01, S03: 10,000 generated hostile documents in real Chromium under the panel's policy: nothing runs, loads or navigates.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { chromiumArguments, installChromium } from '../../scripts/rig/browser.ts';
import { hostileDocument } from '../e2e/panel/support/hostile.ts';
import { openProbe } from '../e2e/panel/support/probe-page.ts';
import { judge } from '../e2e/panel/support/probe-runs.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const DOCUMENTS = 10_000;

describe(`hostile documents, seed ${SEED.toString()}`, function () {
  this.timeout(8 * 60_000);
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({ executablePath: await installChromium(), args: [...chromiumArguments] });
  });
  after(() => browser.close());

  it(`stay dead, ${DOCUMENTS.toString()} generated`, async () => {
    const page = await browser.newPage();
    const requests = await openProbe(page);
    const navigations: string[] = [];
    page.on('framenavigated', (frame) => navigations.push(frame.url()));
    for (let done = 0; done < DOCUMENTS; done += 500)
      assert.deepEqual(await judge(page, fc.sample(hostileDocument, { seed: SEED + done, numRuns: 500 })), {
        scripts: 0,
        faults: [],
      });
    assert.deepEqual({ requests, navigations }, { requests: [], navigations: [] });
  });
});
