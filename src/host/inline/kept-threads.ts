/** Threads in the workspace's own state: they survive a reload, and another workspace does not see them. No code and no answer is in it. */

import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { CodeThread } from '../../core/threads.ts';
import { anchored, readable, text } from '../kept-anchors.ts';

const KEY = 'secGemini.threads';

const thread = z.object({
  id: text,
  title: text,
  ...anchored,
  sessionId: text,
  prompts: z.array(z.object({ id: text, sessionId: text, text, reference: text })).check(z.maxLength(200)),
  unsent: z.optional(z.string().check(z.maxLength(1_000_000))),
  isResolved: z.boolean(),
  createdAt: z.number(),
  problem: z.optional(z.object({ source: text, rule: text })),
  verdict: z.optional(text),
});

/** Whether there is something to load. */
export function hasKeptThreads(state: vscode.Memento): boolean {
  return state.get(KEY) !== undefined;
}

/** What cannot be read is left out. */
export function loadThreads(state: vscode.Memento): readonly CodeThread[] {
  return readable(state.get<unknown>(KEY), thread);
}

export async function saveThreads(state: vscode.Memento, threads: readonly CodeThread[]): Promise<void> {
  await state.update(KEY, threads.length === 0 ? undefined : threads);
}
