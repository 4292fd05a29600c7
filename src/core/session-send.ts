/** A prompt on its way from the user to its turn: what is asked beyond its text, the gate's review, the queue. Part of the session manager. */

import type { SecGeminiClient } from './client.ts';
import { SecGeminiError } from './errors.ts';
import { type PromptExtras, checkedExtras, rememberExtras, withRequirements } from './prompt-extras.ts';
import type { SessionState } from './session-state.ts';
import type { SessionStore } from './session-store.ts';
import type { QueuePlace, ReviewPrompt, Turns } from './turns.ts';

/** `promptId`: a uuid of the caller's, who wants to find the message again. `asked`: what the answer has to keep to. */
export type HowToSend = [promptId?: string | undefined, asked?: PromptExtras | undefined, place?: QueuePlace];

interface SendParts {
  readonly store: SessionStore;
  /** Of the connection as it is now. */
  readonly turns: () => Turns | undefined;
  readonly reviewPrompt: ReviewPrompt | undefined;
  /** Both throw where nothing may be sent; asked again after the review. */
  readonly client: () => SecGeminiClient;
  readonly state: () => SessionState;
}

/** Rejects with `invalidArgument` for an empty text or an attachment that is not there, and as the review and `client` do. */
export async function sendPrompt(
  { store, turns, reviewPrompt, client, state }: SendParts,
  sessionId: string,
  text: string,
  promptId: string,
  asked: PromptExtras,
  place?: QueuePlace,
): Promise<void> {
  if (text.trim() === '')
    throw new SecGeminiError('invalidArgument', 'The message is empty.', { action: 'Type a question first.' });
  const { origin, capabilities } = client();
  const extras = checkedExtras(state(), asked);
  const about = { sessionId, sessionName: state().info.name, destination: origin };
  const whole = withRequirements(text, extras, capabilities.promptOptions === true);
  const cleared = reviewPrompt === undefined ? whole : await reviewPrompt(about, whole);
  // The question may have been open for long.
  client();
  const { local } = state();
  if (extras !== undefined) store.apply(sessionId, { type: 'local', facts: rememberExtras(local, promptId, extras) });
  turns()?.send(sessionId, { id: promptId, text: cleared }, place);
}
