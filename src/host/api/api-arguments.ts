/** Arguments of other extensions are untrusted: each is checked, and what is wrong is named. */

import type { CallOptions, PromptOptions } from '../../api/sec-gemini.d.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { PromptExtras } from '../../core/prompt-extras.ts';
import { DEFAULT_RETRY, MAX_TIMES, type RetryPolicy } from '../../core/retry.ts';
import { MAX_TICKED } from '../../core/shelf.ts';

export function bad(name: string, words: string): SecGeminiError {
  return new SecGeminiError('invalidArgument', `"${name}" ${words}.`, { fields: [{ path: name, message: words }] });
}

/** A text of at most `max` characters; not empty unless told. */
export function text(name: string, value: unknown, max: number, empty = false): string {
  if (typeof value !== 'string') throw bad(name, 'has to be a text');
  if (value.length > max) throw bad(name, `is longer than ${max} characters`);
  if (!empty && value.trim() === '') throw bad(name, 'is empty');
  return value;
}

/** A session's name and description, which nobody is asked about: unlike a prompt they may hold no secret at all. */
export async function wordsOf({
  name,
  description,
}: {
  readonly name?: unknown;
  readonly description?: unknown;
}): Promise<{ readonly name?: string; readonly description?: string }> {
  const words = {
    ...(name === undefined ? {} : { name: text('name', name, 1000) }),
    ...(description === undefined ? {} : { description: text('description', description, 10_000, true) }),
  };
  // Some hundred kilobytes of rules: loaded when they are needed.
  const { scanSecrets } = await import('../../scan/secrets.ts');
  for (const [field, value] of Object.entries(words))
    if ((await scanSecrets(value)).length > 0) throw bad(field, 'looks as if it held a secret; nothing was sent');
  return words;
}

/** A whole number of at least `min`. */
export function count(name: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min)
    throw bad(name, `has to be a whole number of at least ${min}`);
  return value;
}

/** What is asked of a prompt beyond its text; whether the attachments are there is for the session manager. */
export function extras(options: PromptOptions | undefined): PromptExtras {
  const { detailed, mustUse } = options ?? {};
  if (detailed !== undefined && typeof detailed !== 'boolean') throw bad('detailed', 'has to be true or false');
  if (mustUse !== undefined && (!Array.isArray(mustUse) || mustUse.length > MAX_TICKED))
    throw bad('mustUse', `has to be a list of at most ${MAX_TICKED} names or ids`);
  return {
    ...(detailed === true ? { detailed } : {}),
    ...(mustUse === undefined ? {} : { mustUse: mustUse.map((name) => text('mustUse', name, 1000)) }),
  };
}

/** The policy of one call; undefined: the user's settings hold. */
export function policy(options: CallOptions | undefined): RetryPolicy | undefined {
  const { retry } = options ?? {};
  if (retry === undefined) return undefined;
  const { strategy, times = DEFAULT_RETRY.times, delay = DEFAULT_RETRY.delayMs } = retry;
  if (strategy !== 'none' && strategy !== 'fixed' && strategy !== 'exponential')
    throw bad('retry.strategy', 'has to be none, fixed or exponential');
  if (count('retry.times', times, 0) > MAX_TIMES) throw bad('retry.times', `has to be at most ${MAX_TIMES}`);
  if (count('retry.delay', delay, 1) > 30_000) throw bad('retry.delay', 'has to be at most 30000');
  return { strategy, times, delayMs: delay };
}
