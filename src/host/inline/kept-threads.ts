/** Threads in the workspace's own state: they survive a reload, and another workspace does not see them. No code and no answer is in it. */

import type * as vscode from 'vscode';
import * as z from 'zod';
import type { CodeThread } from '../../core/threads.ts';

const KEY = 'secGemini.threads';

const hashes = z.array(z.number()).max(300);
const line = z.number().int().min(1);
const text = z.string().max(20_000);
const anchor = z.object({
  uri: text,
  first: line,
  last: line,
  whole: z.number(),
  head: hashes,
  tail: hashes,
  before: hashes,
  after: hashes,
  words: hashes,
});
const thread = z.object({
  id: text,
  title: text,
  asked: anchor,
  anchor,
  place: z.object({ first: line, last: line, confidence: z.enum(['exact', 'moved', 'likely', 'lost']) }),
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
  const kept = state.get<unknown>(KEY);
  return (Array.isArray(kept) ? kept : []).flatMap((entry) => {
    const { success, data } = thread.safeParse(entry);
    return success ? [data] : [];
  });
}

export async function saveThreads(state: vscode.Memento, threads: readonly CodeThread[]): Promise<void> {
  await state.update(KEY, threads.length === 0 ? undefined : threads);
}
