/** The other side of a kill: the extension host dies in mid-turn, and what comes after it finds the turn again. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createV3Client } from '../../src/client/create-client.ts';
import type { V3Client } from '../../src/client/v3/client.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import { outcome } from '../fakes/v1-drive.ts';
import { startSandbox } from './sandbox-process.ts';

const reader = join(import.meta.dirname, '..', 'fakes', 'v3-reader.ts');

/** Runs a client of its own until it has shown `count` messages, then SIGKILL. Gives the ids that it showed. */
async function readAndDie(count: number, ...args: string[]): Promise<string[]> {
  const child = spawn(process.execPath, [reader, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const shown: string[] = [];
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    shown.push(line);
    if (shown.length >= count) break;
  }
  child.kill('SIGKILL');
  await exited;
  return shown;
}

describe('v3: the reader is killed in the middle of a turn', () => {
  it('comes back to it ten times: nothing lost, shown twice or sent again (F24)', async function () {
    this.timeout(120_000);
    const sandbox = await startSandbox();
    const clients: V3Client[] = [];
    const target = [sandbox.endpoint, sandbox.apiKey] as const;
    try {
      await Promise.all(
        Array.from({ length: 10 }, async (_, round) => {
          const client = await createV3Client({ endpoint: target[0], apiKey: target[1], protocol: 'v3' });
          clients.push(client);
          const { id } = await client.createSession({});
          const shown = await readAndDie(1 + (round % 4), ...target, id, '/demo slow 2');
          // As the host does after its start: what is kept is shown, the service's history fills the gap, then it listens.
          const history = (await client.history(id)).map((message) => message.id);
          assert.deepEqual(history.slice(0, shown.length), shown, `round ${round}: all that was shown is kept`);
          const later: SessionEvent[] = [];
          for await (const event of client.listen(id, { knownIds: new Set(history) })) later.push(event);
          assert.equal(outcome(later), 'completed', `round ${round}`);
          const arrived = later.flatMap((event) => (event.type === 'message' ? [event.message.id] : []));
          const whole = await client.history(id);
          assert.deepEqual(
            [...history, ...arrived],
            whole.map((message) => message.id),
            `round ${round}: once each, in order`,
          );
          assert.equal(whole.filter((message) => message.kind === 'prompt').length, 1, `round ${round}: sent once`);
        }),
      );
    } finally {
      for (const client of clients) await client.close();
      await sandbox.kill();
    }
  });
});
