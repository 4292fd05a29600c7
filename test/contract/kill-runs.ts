/** Kills the sandbox at random moments of a turn, starts it again on the same port and state, and counts what was lost, doubled or re-sent. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '../../src/client/create-client.ts';
import type { Protocol } from '../../src/core/model.ts';
import { drive, outcome } from '../fakes/v1-drive.ts';
import { type SandboxProcess, startSandbox } from './sandbox-process.ts';

export interface KillFigures {
  readonly kills: number;
  /** Turns that were cut in their middle; the others were already over, or had not begun. */
  readonly cut: number;
  readonly completed: number;
  readonly interrupted: number;
  readonly unknown: number;
}

/** A small deterministic generator, so that a failing run can be repeated. */
function numbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Throws on the first loss, double or prompt sent again. */
export async function killRuns(protocol: Protocol, count: number, seed: number): Promise<KillFigures> {
  const random = numbers(seed);
  const folder = mkdtempSync(join(tmpdir(), 'sg-kill-'));
  const state = ['--state', join(folder, 'state.jsonl')];
  let sandbox: SandboxProcess = await startSandbox(...state);
  const { port } = new URL(sandbox.endpoint);
  const client = await createClient({
    endpoint: sandbox.endpoint,
    apiKey: sandbox.apiKey,
    protocol,
    random: () => random() * 0.3,
  });
  const figures = { kills: 0, cut: 0, completed: 0, interrupted: 0, unknown: 0 };
  try {
    let { id } = await client.createSession({ name: 'kills' });
    for (let run = 0; run < count; run += 1) {
      if (run % 25 === 24) ({ id } = await client.createSession({ name: 'kills' }));
      const text = `turn ${run}: what is in the files?`;
      const turn = drive(client, id, text);
      // From before the prompt has left to after the end: 0 to 250 ms.
      const moment = random() * 250;
      await Promise.race([turn.done, new Promise((resolve) => setTimeout(resolve, moment))]);
      const wasOver = turn.events.some((event) => event.type === 'turnEnd');
      await sandbox.kill();
      sandbox = await startSandbox('--port', port, ...state);
      const events = await turn.done;
      figures.kills += 1;
      if (!wasOver) figures.cut += 1;
      const ending = outcome(events);
      if (ending === 'completed') figures.completed += 1;
      else figures.interrupted += 1;
      const history = await client.history(id);
      const prompts = history.filter((message) => message.kind === 'prompt' && message.content === text);
      const unknown = events.some((event) => event.type === 'delivery' && event.state === 'unknown');
      if (unknown) figures.unknown += 1;
      assert.ok(prompts.length <= 1, `run ${run}: the prompt stands ${prompts.length} times in the history`);
      const told = events.flatMap((event) =>
        event.type === 'delivery'
          ? [event.state]
          : event.type === 'turnEnd'
            ? [`${event.outcome} ${event.error?.message ?? ''}`]
            : [],
      );
      assert.equal(
        prompts.length,
        unknown ? 0 : 1,
        `run ${run}: delivery and history agree (${told.join(', ')}; over before the kill: ${String(wasOver)}; history ends with ${JSON.stringify(history.slice(-8).map((message) => [message.kind, message.content.slice(0, 60)]))})`,
      );
      const ids = turn.state().messages.map((message) => message.id);
      assert.equal(new Set(ids).size, ids.length, `run ${run}: nothing twice`);
      const shown = new Set(ids);
      // v3 gives the prompt an id of its own and says so on the stream.
      const echo = events.find((event) => event.type === 'message' && event.replaces === turn.promptId);
      const promptId = echo?.type === 'message' ? echo.message.id : turn.promptId;
      const at = history.findIndex((message) => message.id === promptId);
      const expected = at === -1 ? [] : history.slice(at + 1).map((message) => message.id);
      assert.deepEqual(
        expected.filter((message) => !shown.has(message)),
        [],
        `run ${run}: nothing lost`,
      );
    }
  } finally {
    await client.close();
    await sandbox.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

/** Several runs side by side, each with a sandbox of its own: most of a run is waiting for links to stand again. `count` in all. */
export async function killLanes(protocol: Protocol, count: number, seed: number, lanes: number): Promise<KillFigures> {
  const runs = Array.from({ length: lanes }, (_, lane) => killRuns(protocol, Math.ceil(count / lanes), seed + lane));
  // All of them to their end, also when one fails: none may be left behind.
  const ended = await Promise.allSettled(runs);
  const figures = { kills: 0, cut: 0, completed: 0, interrupted: 0, unknown: 0 };
  for (const run of ended) {
    if (run.status === 'rejected') throw run.reason;
    for (const key of ['kills', 'cut', 'completed', 'interrupted', 'unknown'] as const) figures[key] += run.value[key];
  }
  return figures;
}
