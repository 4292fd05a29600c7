/** What threads and findings keep alike in the workspace's own state: their place in the code, and how entries are read back. No code is in it. */

import * as z from 'zod/mini';

const hashes = z.array(z.number()).check(z.maxLength(300));
const line = z.int().check(z.gte(1));
/** Words of a record that is kept. */
export const text = z.string().check(z.maxLength(20_000));
const anchor = z.object({
  uri: text,
  first: line,
  last: line,
  whole: z.number(),
  head: hashes,
  tail: hashes,
  before: hashes,
  after: hashes,
  words: hashes,
});

/** The code as it was asked about, as it is now, and where that is. */
export const anchored = {
  asked: anchor,
  anchor,
  place: z.object({ first: line, last: line, confidence: z.enum(['exact', 'moved', 'likely', 'lost']) }),
};

/** The entries of a kept list that can be read; the others are left out. */
export function readable<T>(kept: unknown, schema: z.ZodMiniType<T>): readonly T[] {
  return (Array.isArray(kept) ? kept : []).flatMap((entry) => {
    const { success, data } = schema.safeParse(entry);
    return success ? [data] : [];
  });
}
