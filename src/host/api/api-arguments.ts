/** Arguments of other extensions are untrusted: each is checked, and what is wrong is named. */

import { SecGeminiError } from '../../core/errors.ts';

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

/** A whole number of at least `min`. */
export function count(name: string, value: unknown, min: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min)
    throw bad(name, `has to be a whole number of at least ${min}`);
  return value;
}
