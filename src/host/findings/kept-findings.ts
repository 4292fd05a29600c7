/** Findings and reviews under way in the workspace's own state: they survive a reload. The code itself is not in it, only what an answer proposed instead. */

import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { FINDING_SEVERITIES } from '../../core/findings-format.ts';
import type { Finding } from '../../core/findings.ts';
import type { Review } from '../../core/reviews.ts';
import { anchored, readable, text } from '../kept-anchors.ts';

const FINDINGS_KEY = 'secGemini.findings';
const REVIEWS_KEY = 'secGemini.reviews';

const finding = z.object({
  id: text,
  sessionId: text,
  severity: z.enum(FINDING_SEVERITIES),
  rule: text,
  title: text,
  explanation: text,
  fix: z.optional(text),
  verdict: z.optional(text),
  ...anchored,
  quoted: z.enum(['whole', 'part', 'near', 'none']),
  suppressed: z.optional(z.object({ reason: text, at: z.number() })),
  threadId: z.optional(text),
  createdAt: z.number(),
});
const review = z.object({
  id: text,
  sessionId: text,
  text,
  reference: text,
  files: z.array(z.object({ uri: text, names: z.array(text).check(z.maxLength(10)) })).check(z.maxLength(2000)),
  isWhole: z.boolean(),
  at: z.number(),
});

export function hasKept(state: vscode.Memento): boolean {
  return state.get(FINDINGS_KEY) !== undefined || state.get(REVIEWS_KEY) !== undefined;
}

/** What cannot be read is left out. */
export function loadFindings(state: vscode.Memento): readonly Finding[] {
  return readable(state.get<unknown>(FINDINGS_KEY), finding);
}

export function loadReviews(state: vscode.Memento): readonly Review[] {
  return readable(state.get<unknown>(REVIEWS_KEY), review);
}

export async function saveFindings(
  state: vscode.Memento,
  findings: readonly Finding[],
  reviews: readonly Review[],
): Promise<void> {
  await state.update(FINDINGS_KEY, findings.length === 0 ? undefined : findings);
  await state.update(REVIEWS_KEY, reviews.length === 0 ? undefined : reviews);
}
