// T16: 2,000 kill -9, no unreadable store, no committed record lost. Each call of the file system in turn, and random moments.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRound } from '../unit/host/storage/kill-rounds.ts';
import { folder, random, removeFolders, seed } from '../unit/host/storage/support.ts';

const ROUNDS = Number(process.env.SEC_GEMINI_KILLS ?? 2000);
/** Stores at the same time: children spend half of their life waiting for the disk. */
const LANES = 4;

describe('killed writers', function () {
  this.timeout(9 * 60_000);
  const compiled = mkdtempSync(join(tmpdir(), 'sg-compiled-'));
  after(() => rmSync(compiled, { recursive: true, force: true }));
  afterEach(removeFolders);

  it(`lose nothing that was committed, killed ${ROUNDS} times`, async () => {
    const first = seed();
    await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        const root = folder();
        const next = random(first + lane);
        let number = 0;
        for (let round = 0; round < ROUNDS / LANES; round += 1) {
          const how =
            round % 4 === 3 ? { commits: 1 + next(3), delay: next(6) } : { dieAt: (round * LANES + lane) % 80 };
          number = (await killRound(root, number, how, { NODE_COMPILE_CACHE: compiled })) + 1;
        }
      }),
    );
  });
});
