/** What this machine knows of attachments beyond what a service tells. Pure. */

import type { Attachment } from './model.ts';

/** v3 tells names only: size and hash of what was sent from here are remembered, until another file of that name takes its place. */
export function withKnownFacts(
  told: readonly Attachment[] | undefined,
  known: readonly Attachment[],
): readonly Attachment[] | undefined {
  return told?.map((attachment) => {
    const before = known.find((other) => other.id === attachment.id);
    if (before === undefined) return attachment;
    return { ...attachment, size: attachment.size ?? before.size, sha256: attachment.sha256 ?? before.sha256 };
  });
}
