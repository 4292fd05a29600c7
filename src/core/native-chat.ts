/** The words of VS Code's own chat: what its commands ask, what its tool takes and shows before it asks. Pure. */

import * as z from 'zod/mini';
import { SecGeminiError } from './errors.ts';
import { plainMarkdown } from './plain-markdown.ts';
import { labelText, visibleText } from './visible-text.ts';
import { inWords } from './zod-words.ts';

export type ChatCommand = 'review' | 'explain' | 'triage';

const ASKS: Readonly<Record<Exclude<ChatCommand, 'review'>, string>> = {
  explain: 'Explain what is attached: what it does, what is risky in it, and why.',
  triage:
    'Triage what is attached. Begin with one line "Verdict: " and a few words, then how severe it is, what supports that, and what to do next.',
};

/** The prompt of a request. Rejects with `invalidArgument` when there is nothing to ask. */
export function chatPrompt(command: string | undefined, words: string): string {
  const asked = words.trim();
  if (command === 'explain' || command === 'triage')
    return asked === '' ? ASKS[command] : `${ASKS[command]}\n\n${asked}`;
  if (asked !== '') return asked;
  throw new SecGeminiError('invalidArgument', 'There is no question here.', {
    action: 'Type one, or use /review, /explain or /triage with files as references.',
  });
}

const MAX_QUESTION = 20_000;
const MAX_FILES = 10;

const input = z.strictObject({
  question: z.string().check(z.trim(), z.minLength(1), z.maxLength(MAX_QUESTION)),
  files: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(1000))).check(z.maxLength(MAX_FILES))),
});

export interface ToolQuestion {
  readonly question: string;
  /** Relative to the workspace; chosen by a model, so every rule for collected files holds. */
  readonly files: readonly string[];
}

/** Rejects with `invalidArgument`, naming what is wrong. */
export function toolQuestion(value: unknown): ToolQuestion {
  const { data, error } = input.safeParse(value, inWords);
  if (data !== undefined) return { question: data.question, files: data.files ?? [] };
  const [issue] = error.issues;
  throw new SecGeminiError(
    'invalidArgument',
    `ask_sec_gemini: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    {
      action: `Give "question" (at most ${MAX_QUESTION} characters) and, if needed, "files" (at most ${MAX_FILES} paths in the workspace).`,
    },
  );
}

/** What the confirmation shows, the question whole (S18), as Markdown in which no word of the model means anything. */
export function toolConfirmation({ question, files }: ToolQuestion, destination: string): string {
  const lines = visibleText(question).split('\n').map(plainMarkdown);
  const listed = files.map((file) => `- ${plainMarkdown(labelText(file, 200))}`).join('\n');
  return [
    `Goes to ${plainMarkdown(destination)}`,
    lines.join('  \n'),
    ...(files.length === 0 ? [] : [`With these files, each of which is asked about before it leaves:\n\n${listed}`]),
  ].join('\n\n');
}
