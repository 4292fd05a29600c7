/** Looking at sessions without changing them: Find Attachments…, Show Message Tree, Session Details, and Ask Sec-Gemini… with its answer as a document. */

import { lateCommands } from '../lazy-feature.ts';
import type { Feature, Services } from '../services.ts';
import { lookCommands } from './look-commands.ts';
import { ReadOnlyTexts } from './read-only-texts.ts';

export function createLookFeature(services: Services): Feature {
  const texts = services.store.add(new ReadOnlyTexts());
  return {
    commands: lateCommands(() => lookCommands(services, texts), {
      findAttachments: true,
      showMessageTree: true,
      copyMessageTree: true,
      openMessageTree: true,
      closeMessageTree: true,
      openMessage: true,
      copyMessage: true,
      copyMessageBranch: true,
      showSessionDetails: true,
      query: true,
    }),
  };
}
