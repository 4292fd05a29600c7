/** The words of a question at lines of code, and what is read out of the answer. Pure. */

import type { LineRange } from './anchor.ts';
import { labelText } from './visible-text.ts';

/** What another tool reports, as much of it as the editor tells. */
export interface ReportedProblem {
  /** E.g. `CodeQL`, `eslint`; empty when the tool does not say. */
  readonly source: string;
  readonly rule: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** Steps of a data flow or related places, in the tool's order. */
  readonly steps: readonly { readonly reference: string; readonly message: string }[];
}

export type ProblemQuestion = 'explain' | 'exploitable' | 'fix';

const MAX_MESSAGE = 2000;
const MAX_STEPS = 30;

/** `src/app.py:10-14`; one line without a dash. */
export function reference(path: string, { first, last }: LineRange): string {
  return first === last ? `${path}:${first}` : `${path}:${first}-${last}`;
}

/** The place first, so that it can be opened from the conversation, then the question. */
export function placedQuestion(place: string, attachedAs: string, question: string): string {
  return `In \`${place}\`${attachedAs === place ? ' (attached)' : ` (attached as \`${attachedAs}\`)`}:\n\n${question}`;
}

/** The question without what `placedQuestion` put before it. */
export function questionOf(prompt: string): string {
  return prompt.replace(/^In `[^`\n]{1,1000}` \(attached(?: as `[^`\n]{1,1000}`)?\):\n\n/, '');
}

const ASKS: Readonly<Record<ProblemQuestion, string>> = {
  explain: 'Explain this problem: what is wrong here, when does it matter, and what should I do?',
  exploitable:
    'Is this exploitable? Begin with one line "Verdict: exploitable", "Verdict: not exploitable" or "Verdict: cannot tell", then give the reasons.',
  fix: 'Fix this problem. Give the attached lines as they should be, all of them, in one fenced code block, and say what you changed.',
};

/** Words for lists and for the thread's label. */
export const PROBLEM_TITLES: Readonly<Record<ProblemQuestion, string>> = {
  explain: 'Explain this problem',
  exploitable: 'Is this exploitable?',
  fix: 'Fix this',
};

export function problemQuestion(kind: ProblemQuestion, problem: ReportedProblem): string {
  const { source, rule, severity, message, line, steps } = problem;
  const who = source === '' ? 'A tool' : labelText(source, 80);
  const what =
    rule === '' ? `a problem (${severity})` : `\`${labelText(rule, 120).replaceAll('`', "'")}\` (${severity})`;
  const parts = [`${who} reports ${what} on line ${line}: ${message.trim().slice(0, MAX_MESSAGE)}`];
  if (steps.length > 0)
    parts.push(
      [
        'Flow:',
        ...steps
          .slice(0, MAX_STEPS)
          .map((step, index) => `${index + 1}. \`${step.reference}\`: ${labelText(step.message, 300)}`),
        ...(steps.length > MAX_STEPS ? [`… and ${steps.length - MAX_STEPS} more`] : []),
      ].join('\n'),
    );
  parts.push(ASKS[kind]);
  return parts.join('\n\n');
}

/** The verdict that an answer states on a line of its own; one line of plain words. */
export function verdictOf(answer: string): string | undefined {
  const found = /^[ \t>*_#-]{0,12}verdict[*_]{0,3}[ \t]{0,3}:[*_ \t]{0,4}(\S.*)$/im.exec(answer)?.[1];
  const words = found?.replace(/[*_`]+/g, '').trim();
  return words === undefined || words === '' ? undefined : labelText(words, 60);
}
