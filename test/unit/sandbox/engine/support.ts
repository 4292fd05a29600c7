/** Files and turns for tests of the engine. */
import { createHash } from 'node:crypto';
import { answer } from '../../../../src/sandbox/engine/answer.ts';
import type { EngineContext, EngineFile, EngineStep } from '../../../../src/sandbox/engine/types.ts';

export const fileOf = (
  name: string,
  content: string | Uint8Array,
  label = 'txt',
  mimeType = 'text/plain',
): EngineFile => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), mimeType, label };
};

export const contextOf = (overrides: Partial<EngineContext> = {}): EngineContext => ({
  protocol: 'v3',
  files: [],
  earlierPrompts: [],
  clientTools: [],
  signal: new AbortController().signal,
  pause: async () => {},
  ...overrides,
});

/** All steps of a turn. */
export const stepsOf = async (prompt: string, overrides: Partial<EngineContext> = {}): Promise<EngineStep[]> => {
  const steps: EngineStep[] = [];
  for await (const step of answer(prompt, contextOf(overrides))) steps.push(step);
  return steps;
};

export const answerIn = (steps: readonly EngineStep[]): string => {
  const answers = steps.filter((step) => step.type === 'answer');
  if (answers.length !== 1) throw new Error(`${answers.length} answers in one turn`);
  return answers[0]?.markdown ?? '';
};

/** The one answer of a turn. */
export const ask = async (prompt: string, overrides: Partial<EngineContext> = {}): Promise<string> =>
  answerIn(await stepsOf(prompt, overrides));

export const stepsOfType = <T extends EngineStep['type']>(
  steps: readonly EngineStep[],
  type: T,
): Extract<EngineStep, { type: T }>[] =>
  steps.filter((step): step is Extract<EngineStep, { type: T }> => step.type === type);
