/** Threads in the workspace's own state: they survive a reload, and another workspace does not see them. No code and no answer is in it. */

import type * as vscode from 'vscode';
import * as z from 'zod';
import type { CodeThread } from '../../core/threads.ts';
import { anchored, readable, text } from '../kept-anchors.ts';

const KEY = 'secGemini.threads';

const thread = z.object({
  id: text,
  title: text,
  ...anchored,
  sessionId: text,
  prompts: z.array(z.object({ id: text, sessionId: text, text, reference: text })).max(200),
  unsent: z.string().max(1_000_000).optional(),
  isResolved: z.boolean(),
  createdAt: z.number(),
  problem: z.object({ source: text, rule: text }).optional(),
  verdict: text.optional(),
});

/** What cannot be read is left out. */
export function loadThreads(state: vscode.Memento): readonly CodeThread[] {
  return readable(state.get<unknown>(KEY), thread);
}

export async function saveThreads(state: vscode.Memento, threads: readonly CodeThread[]): Promise<void> {
  await state.update(KEY, threads.length === 0 ? undefined : threads);
}
