/** Answers to questions at lines of code: is it exploitable, explain the problem of another tool, fix it. By rule, deterministic. */
import { fixedLine } from './fixes.ts';
import type { Finding } from './finding.ts';
import type { FileReport } from './inspect.ts';
import { block, code, plural, shorten } from './markdown.ts';

export type CodeQuestion = 'exploitable' | 'verify' | 'explainProblem' | 'fix';

/** A longer file is answered by a diff. */
const MAX_BLOCK_LINES = 80;
const CONTEXT = 2;
const MAX_FINDINGS = 10;

/** What the question of an inline thread asks for; undefined for every other prompt. */
export const codeQuestionIn = (prompt: string): CodeQuestion | undefined => {
  const last =
    prompt
      .trim()
      .split(/\n{2,}/)
      .at(-1) ?? '';
  if (/^(?:please )?verify this finding\b/i.test(last)) return 'verify';
  if (/\bexploitable\b/i.test(last)) return 'exploitable';
  if (/^(?:please )?explain this (?:problem|warning|error)\b/i.test(last)) return 'explainProblem';
  if (
    /^(?:please |can you |could you )?(?:fix|repair|patch|correct|rewrite)\b|\b(?:suggest|propose|give me) a (?:fix|patch)\b|\bhow (?:do|can|should) (?:i|we) fix\b/i.test(
      last,
    )
  )
    return 'fix';
  return undefined;
};

/** `app.py:10-14` holds the lines of a file from 10 on. */
const offsetOf = (name: string): number => Number(/:(\d{1,7})-\d{1,7}$/.exec(name)?.[1] ?? 1) - 1;

const ofCode = (report: FileReport): readonly Finding[] =>
  report.findings.filter(
    ({ line, ruleId }) => line !== undefined && !ruleId.startsWith('log/') && !ruleId.startsWith('mail/'),
  );

export const codeAnswer = (kind: CodeQuestion, shown: readonly FileReport[], prompt: string): string => {
  if (shown.length === 0) return 'No code is attached to this question, so there is nothing to look at.';
  switch (kind) {
    case 'exploitable':
      return verdictAnswer(shown);
    case 'verify':
      return verifyAnswer(shown, prompt);
    case 'explainProblem':
      return problemAnswer(shown, prompt);
    case 'fix':
      return fixAnswer(shown);
  }
};

const verdictAnswer = (shown: readonly FileReport[]): string => {
  const found = shown.flatMap((report) => ofCode(report).map((finding) => ({ report, finding })));
  const worst = found.filter(({ finding }) => finding.severity === 'critical' || finding.severity === 'high');
  if (worst.length === 0)
    return `Verdict: cannot tell\n\nNone of my rules for severe faults fires in these lines${found.length === 0 ? '' : `, though ${plural(found.length, 'smaller finding')} did`}. I do not follow data through a program, so this proves nothing.`;
  return [
    'Verdict: exploitable',
    `${plural(worst.length, 'rule')} for severe faults ${worst.length === 1 ? 'fires' : 'fire'}, if what flows in comes from outside, which I cannot see:`,
    ...worst.slice(0, MAX_FINDINGS).map(({ report, finding }) => reasons(report, finding)),
  ].join('\n\n');
};

/** Looks again, with the same rules: what was reported fires in these lines, or it does not. */
const verifyAnswer = (shown: readonly FileReport[], prompt: string): string => {
  const rule = /\breported `([^`\n]{1,200})`/.exec(prompt)?.[1];
  const found = shown.flatMap((report) => ofCode(report).map((finding) => ({ report, finding })));
  const same = found.filter(({ finding }) => finding.ruleId === rule);
  if (same.length > 0)
    return [
      'Verdict: confirmed',
      'The rule fires in these lines. I do not follow data through a program, so whether it can be reached is yours to judge.',
      ...same.slice(0, MAX_FINDINGS).map(({ report, finding }) => reasons(report, finding)),
    ].join('\n\n');
  return `Verdict: cannot tell\n\n${rule === undefined ? 'No rule is named' : `My rule ${code(rule)} does not fire`} in these lines${found.length === 0 ? '' : `, though ${plural(found.length, 'other finding')} did`}. I run fixed checks, so this proves nothing.`;
};

const problemAnswer = (shown: readonly FileReport[], prompt: string): string => {
  const rule = /\breports `([^`\n]{1,120})`/.exec(prompt)?.[1];
  const found = shown.flatMap((report) => ofCode(report).map((finding) => reasons(report, finding)));
  const lead = rule === undefined ? 'The problem' : `The problem ${code(rule)}`;
  return found.length === 0
    ? `${lead} comes from another tool. My own rules find nothing in these lines, and being no model I cannot explain more than they know.`
    : [
        `${lead} comes from another tool. My own rules find this in the same lines:`,
        ...found.slice(0, MAX_FINDINGS),
      ].join('\n\n');
};

const reasons = ({ file }: FileReport, finding: Finding): string => {
  const line = (finding.line ?? 1) + offsetOf(file.name);
  return [
    `**${finding.title}** (${finding.severity}, line ${line}, ${code(finding.ruleId)}): ${code(shorten(finding.snippet, 160))}`,
    finding.explanation,
    `**What to do.** ${finding.remediation}`,
  ].join('\n\n');
};

const fixAnswer = (shown: readonly FileReport[]): string => {
  const parts: string[] = [];
  for (const report of shown) {
    const lines = report.lines;
    if (lines === undefined) continue;
    const all = Array.from({ length: lines.count }, (_line, index) => lines.line(index + 1) ?? '');
    const fixed = new Map<number, { readonly line: string; readonly finding: Finding }>();
    for (const finding of ofCode(report)) {
      const at = (finding.line ?? 1) - 1;
      const line = fixedLine(finding.ruleId, fixed.get(at)?.line ?? all[at] ?? '');
      if (line !== undefined) fixed.set(at, { line, finding });
    }
    if (fixed.size === 0) continue;
    const offset = offsetOf(report.file.name);
    const isWhole = all.length <= MAX_BLOCK_LINES;
    parts.push(
      `### ${code(report.file.name)}`,
      isWhole
        ? block(withFixes(all, fixed).join('\n').replace(/\n+$/, ''), report.language ?? '')
        : block(diffOf(report.file.name.replace(/:\d+-\d+$/, ''), all, fixed, offset), 'diff'),
      [...fixed]
        .toSorted(([a], [b]) => a - b)
        .map(
          ([at, { finding }]) =>
            `- line ${at + 1 + offset}: ${finding.title.toLowerCase()} (${code(finding.ruleId)}). ${finding.remediation}`,
        )
        .join('\n'),
    );
    if (report.secrets.length > 0) parts.push('Secrets are masked above: put the code in by hand where it holds one.');
  }
  return parts.length === 0
    ? 'I have no mechanical fix for these lines: my table of fixes does not know what fires here, and being no model I cannot write one.'
    : [`Mechanical fixes, line by line; check them before you apply them.`, ...parts].join('\n\n');
};

const withFixes = (all: readonly string[], fixed: ReadonlyMap<number, { readonly line: string }>): string[] =>
  all.map((line, index) => fixed.get(index)?.line ?? line);

const diffOf = (
  name: string,
  all: readonly string[],
  fixed: ReadonlyMap<number, { readonly line: string }>,
  offset: number,
): string => {
  const out = [`--- a/${name}`, `+++ b/${name}`];
  let end = -1;
  for (const at of [...fixed.keys()].toSorted((a, b) => a - b)) {
    if (at < end) continue;
    const from = Math.max(0, at - CONTEXT);
    end = Math.min(all.length, at + CONTEXT + 1);
    while ([...fixed.keys()].some((other) => other >= end && other < end + CONTEXT))
      end = Math.min(all.length, end + CONTEXT + 1);
    out.push(`@@ -${from + 1 + offset},${end - from} +${from + 1 + offset},${end - from} @@`);
    for (let index = from; index < end; index += 1) {
      const line = fixed.get(index)?.line;
      out.push(...(line === undefined ? [` ${all[index] ?? ''}`] : [`-${all[index] ?? ''}`, `+${line}`]));
    }
  }
  return out.join('\n');
};
