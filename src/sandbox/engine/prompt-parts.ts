/** A prompt as clients send it: instructions before the question (a user's own, or a knowledge domain's), requirements behind it. */

const INSTRUCTIONS = /^<instructions>\r?\n([^]{0,200000}?)\r?\n<\/instructions>\s*/;
const OPEN = '<requirements>';
const CLOSE = '</requirements>';

export interface PromptParts {
  readonly instructions?: string | undefined;
  readonly question: string;
  /** What the answer has to keep to. */
  readonly requirements?: string | undefined;
}

export function promptParts(whole: string): PromptParts {
  const block = INSTRUCTIONS.exec(whole);
  const instructions = block?.[1]?.trim();
  const question = block === null ? whole : whole.slice(block[0].length);
  const from = question.trimEnd().endsWith(CLOSE) ? question.lastIndexOf(OPEN) : -1;
  // On lines of their own; a question about the mark itself is a question.
  if (from < 0 || (from > 0 && question[from - 1] !== '\n')) return { instructions, question };
  const requirements = question.slice(from + OPEN.length, question.lastIndexOf(CLOSE)).trim();
  return { instructions, question: question.slice(0, from).trimEnd(), requirements };
}
