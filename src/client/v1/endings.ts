/** How turns end, or do not, as far as that needs no state. */

import { type ErrorInfo, SecGeminiError } from '../../core/errors.ts';
import { isEnd, isHardError } from './codec.ts';
import type { WireMessage } from './wire.ts';

/** True when the transcript's last turn has no end. */
export function runs(history: readonly WireMessage[]): boolean {
  const at = history.findLastIndex((wire) => wire.message_type === 'query');
  if (at === -1) return false;
  return !history.slice(at).some((wire) => isEnd(wire) || isHardError(wire));
}

/** True for a failure that says that nobody took the prompt. */
export function isRefusal(error: ErrorInfo | undefined): boolean {
  return error !== undefined && ['notFound', 'expired', 'unauthenticated', 'permissionDenied'].includes(error.code);
}

/** Nobody works on the turn any more. */
export function interrupted(): SecGeminiError {
  return new SecGeminiError('unavailable', 'The answer was cut off and the service does not go on with it.', {
    action: 'What arrived is kept. Ask again if you want the rest.',
  });
}
