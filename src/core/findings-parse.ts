/**
 * Findings as an answer gives them: a fenced block of JSON in a published format (media/findings.v1.schema.json is made of this file). Everything in
 * it is untrusted; the model's line numbers are hints, the quoted code is what counts. Pure.
 */

import { toJSONSchema } from 'zod/v4/core';
import * as z from 'zod/mini';
import { parseCode } from './code-blocks.ts';
import { FINDINGS_FORMAT, FINDINGS_VERSION, FINDING_SEVERITIES, type ReportedFinding } from './findings-format.ts';

/** A longer list is no review. */
const MAX_FINDINGS = 500;

const reported = z.object({
  file: z.string().check(z.minLength(1), z.maxLength(1000), z.describe('The file as the question names it.')),
  snippet: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(20_000),
      z.describe(
        'The lines that the finding is about, verbatim and whole, as few as possible. They decide where it is shown.',
      ),
    ),
  line: z
    .optional(z.int().check(z.gte(1), z.lte(10_000_000)))
    .check(z.describe('First line of the snippet, from 1. Only a hint.')),
  severity: z.enum(FINDING_SEVERITIES),
  rule: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(200),
      z.describe('A stable name of the kind of fault, e.g. "python/sql-injection" or "CWE-89".'),
    ),
  title: z.string().check(z.minLength(1), z.maxLength(300), z.describe('The fault in a few plain words.')),
  explanation: z.string().check(z.maxLength(10_000), z.describe('Why it matters here and what to do, in plain text.')),
  fix: z
    .optional(z.string().check(z.maxLength(20_000)))
    .check(
      z.describe(
        'The lines of the snippet as they should be, all of them. Absent when the fault cannot be mended in these lines alone.',
      ),
    ),
});

const report = z
  .object({
    format: z.literal(FINDINGS_FORMAT),
    version: z.literal(FINDINGS_VERSION),
    findings: z.array(reported).check(z.maxLength(MAX_FINDINGS)),
  })
  .check(z.describe('Findings of a review of files, as Sec-Gemini for VS Code asks for them.'));

export interface ParsedFindings {
  readonly findings: readonly ReportedFinding[];
  /** Entries of the list that are no findings. */
  readonly unread: number;
}

/** The JSON schema of the block. */
export function findingsSchema(): object {
  return { title: 'Sec-Gemini findings, version 1', ...toJSONSchema(report, { io: 'input', target: 'draft-7' }) };
}

/** Undefined when the answer holds no block of the format: it stays plain text. Entries are read one by one, so that one bad one takes nothing along. */
export function parseFindings(answer: string): ParsedFindings | undefined {
  const findings: ReportedFinding[] = [];
  let unread = 0;
  let isThere = false;
  for (const { code } of parseCode(answer)) {
    const list = listIn(code);
    if (list === undefined) continue;
    isThere = true;
    for (const entry of list.slice(0, MAX_FINDINGS)) {
      const { success, data } = reported.safeParse(inOrder(entry));
      if (success) findings.push(data);
      else unread += 1;
    }
    unread += Math.max(0, list.length - MAX_FINDINGS);
  }
  return isThere ? { findings, unread } : undefined;
}

const envelope = z.object({ ...report.shape, findings: z.array(z.unknown()) });

function listIn(code: string): readonly unknown[] | undefined {
  if (!code.includes(FINDINGS_FORMAT)) return undefined;
  try {
    return envelope.safeParse(JSON.parse(code)).data?.findings;
  } catch {
    return undefined;
  }
}

/** Models write "High" and `null`; both say plainly what is meant. */
function inOrder(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const known = Object.entries(entry).filter(([, value]) => value !== null);
  return Object.fromEntries(
    known.map(([key, value]) => [key, key === 'severity' && typeof value === 'string' ? value.toLowerCase() : value]),
  );
}
