/** The words of a review: what is asked for, in which format, and the questions about a finding. Pure. */

import { FINDINGS_FORMAT, FINDINGS_VERSION, FINDING_SEVERITIES } from './findings-format.ts';
import { labelText } from './visible-text.ts';

/** A file that was sent for the review. */
export interface ReviewedName {
  /** As the reader knows it, relative to the workspace. */
  readonly path: string;
  /** As it was attached. */
  readonly attachedAs: string;
}

const FORMAT = [
  'Answer with one fenced block of JSON, and nothing in it but this:',
  '',
  '```json',
  `{"format": "${FINDINGS_FORMAT}", "version": ${FINDINGS_VERSION}, "findings": [{"file": "…", "snippet": "…", "line": 1, "severity": "…", "rule": "…", "title": "…", "explanation": "…", "fix": "…"}]}`,
  '```',
  '',
  '- file: as this question names it.',
  '- snippet: the faulty lines, verbatim and whole, as few as possible. They decide where the finding is shown, so leave nothing out and number nothing.',
  '- line: the first line of the snippet; only a hint.',
  `- severity: ${FINDING_SEVERITIES.join(', ')}.`,
  '- rule: a stable name of the kind of fault. title: a few plain words. explanation: why it matters here and what to do, plain text.',
  '- fix: the lines of the snippet as they should be, all of them. Leave it out when they alone cannot mend it.',
  '',
  'Report what you can show in the code. With nothing to report, give an empty list.',
].join('\n');

/** Asks for the findings of whole files. `words`: what the user wants looked at above all. */
export function reviewPrompt(files: readonly ReviewedName[], words = ''): string {
  const [only] = files;
  const what =
    files.length === 1 && only !== undefined
      ? `Review ${code(only.path)} for security faults. It is attached${only.path === only.attachedAs ? '' : ` as ${code(only.attachedAs)}`}.`
      : `Review these files for security faults:\n\n${files.map((file) => `- ${nameOf(file)}`).join('\n')}`;
  return [what, words.trim(), FORMAT].filter((part) => part !== '').join('\n\n');
}

/** Asks for the findings of a diff. `attachedAs`: the diff's name. */
export function changesPrompt(attachedAs: string): string {
  return `Review the changes in ${code(attachedAs)} (attached) for security faults that they bring in.\n\n${FORMAT}\n\nThe file of a finding is the path in the diff, its snippet the new lines without their "+".`;
}

function nameOf({ path, attachedAs }: ReviewedName): string {
  return path === attachedAs ? `${code(path)} (attached)` : `${code(path)} (attached as ${code(attachedAs)})`;
}

function code(name: string): string {
  return `\`${labelText(name, 1000).replaceAll('`', "'")}\``;
}

/** What a question about a finding says of it first. */
export function aboutFinding(finding: {
  readonly rule: string;
  readonly severity: string;
  readonly title: string;
  readonly explanation: string;
}): string {
  const { rule, severity, title, explanation } = finding;
  return `A review reported ${code(rule)} (${severity}): ${labelText(title, 300)}\n\n${explanation.trim().slice(0, 2000)}`;
}

export const VERIFY_QUESTION =
  'Verify this finding against the attached lines. Begin with one line "Verdict: confirmed", "Verdict: not a problem" or "Verdict: cannot tell", then give the reasons.';
