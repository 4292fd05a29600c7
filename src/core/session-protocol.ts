/**
 * A session belongs to the protocol that made it: the sandbox keeps both kinds apart, and what this machine kept outlives a switch of
 * `secGemini.protocol`. Over the other protocol such a session can be read here, nothing more. What the service lists is never foreign.
 */

import type { SecGeminiClient } from './client.ts';
import { SecGeminiError } from './errors.ts';
import type { Protocol, SessionInfo } from './model.ts';

/** `spoken`: the protocol of the connection; undefined while there is none. */
export function isForeign(info: SessionInfo, spoken: Protocol | undefined): boolean {
  return spoken !== undefined && info.protocol !== spoken;
}

/** Why nothing can be done with a session of the other protocol, and what would help. */
function foreignSession(info: SessionInfo, spoken: Protocol): SecGeminiError {
  return new SecGeminiError(
    'invalidArgument',
    `This session was made with protocol ${info.protocol}, and this window speaks ${spoken}.`,
    {
      action: `Set secGemini.protocol to ${info.protocol} to go on with it, or start a new session. What is kept here can be read.`,
    },
  );
}

/** The client, for a session when it is given. Throws where there is none, and for a session of the other protocol. */
export function clientFor(client: SecGeminiClient | undefined, info: SessionInfo | undefined): SecGeminiClient {
  if (client === undefined)
    throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', {
      action: 'Start the local sandbox or set an API key; your text is kept.',
    });
  if (info !== undefined && isForeign(info, client.protocol)) throw foreignSession(info, client.protocol);
  return client;
}
