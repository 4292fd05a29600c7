/** An id for a message that came without one: made of what it says, so that the same message, sent again, has the same. */

import { createHash } from 'node:crypto';

export function derivedId(...parts: readonly unknown[]): string {
  return `unnamed-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)}`;
}
