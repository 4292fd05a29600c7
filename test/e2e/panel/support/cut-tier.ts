/** The long tier of incremental Markdown, a share per file: each file has a guard of nine minutes for itself. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { chromiumArguments, installChromium } from '../../../../scripts/rig/browser.ts';
import { markdownDocument } from './markdown-documents.ts';
import { openProbe } from './probe-page.ts';
import { everyCut } from './probe-runs.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Four shares make 10,000. */
const DOCUMENTS = 2_500;

export function cutTier(share: number): void {
  const seed = SEED + share * DOCUMENTS;
  describe(`generated Markdown, share ${share.toString()} of 4, seed ${seed.toString()}`, function () {
    this.timeout(8.5 * 60_000);
    let browser: Browser;
    before(async () => {
      browser = await chromium.launch({ executablePath: await installChromium(), args: [...chromiumArguments] });
    });
    after(() => browser.close());

    it(`${DOCUMENTS.toString()} documents equal one render, cut at every place`, async () => {
      // Two pages: the rendering is one thread's work each.
      const documents = fc.sample(markdownDocument, { seed, numRuns: DOCUMENTS });
      const run = async (lane: number): Promise<void> => {
        const page = await (await browser.newContext()).newPage();
        await openProbe(page);
        for (let at = lane * 100; at < documents.length; at += 200)
          assert.deepEqual(await everyCut(page, documents.slice(at, at + 100)), []);
      };
      await Promise.all([run(0), run(1)]);
    });
  });
}
