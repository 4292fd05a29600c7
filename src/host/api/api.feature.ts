/** The exported API's door: a native question for each caller, and Revoke API Access. Behind it everything is loaded on first use. */

import * as vscode from 'vscode';
import type { SecGeminiApi } from '../../api/sec-gemini.d.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Feature, Services } from '../services.ts';
import type { ApiFeed } from './api-feed.ts';

export interface ApiFeature extends Feature {
  /** For `exports.connect`. Rejects with `permissionDenied` when the user says no. */
  connect(claimedName: unknown): Promise<SecGeminiApi>;
}

const ALLOW = 'Allow in This Window';
/** Whoever was refused so often in one window is not heard again: names cost a caller nothing. */
const MAX_REFUSALS = 3;

export function createApiFeature(services: Services): ApiFeature {
  const { store, log } = services;
  const allowed = new Set<{ readonly name: string; readonly end: AbortController }>();
  let refusals = 0;
  let asking: Promise<unknown> = Promise.resolve();
  let feed: Promise<ApiFeed> | undefined;

  const ask = async (name: string): Promise<void> => {
    const answer =
      refusals >= MAX_REFUSALS
        ? undefined
        : await vscode.window.showWarningMessage(
            `Let "${name}" use Sec-Gemini in this window?`,
            {
              modal: true,
              detail: [
                'This is the name that another extension gives itself; VS Code does not tell who asks.',
                'It could read the sessions that are shown here, and send prompts to the service with your key. It never gets the key itself. Files that it sends, tool calls and deleting a session are still asked about.',
                'It holds until this window closes, or until you run "Sec-Gemini: Revoke API Access".',
              ].join('\n\n'),
            },
            ALLOW,
          );
    if (answer === ALLOW) return;
    refusals += 1;
    throw new SecGeminiError('permissionDenied', 'The user did not allow the use of Sec-Gemini.', {
      action:
        'Ask again only when the user wants it; after three refusals nothing is asked until the window is reloaded.',
    });
  };

  return {
    connect: async (claimedName) => {
      const name = typeof claimedName === 'string' ? labelText(claimedName, 80) : '';
      if (name === '')
        throw new SecGeminiError('invalidArgument', 'A caller has to say who it is.', {
          action: 'Give a name of at most 80 characters to connect().',
        });
      // One question at a time: a caller must not cover another one's.
      const question = asking.then(() => ask(name));
      asking = question.catch(() => undefined);
      await question;
      const grant = { name, end: new AbortController() };
      allowed.add(grant);
      log.info(`The API was allowed for a caller that calls itself "${name}"`);
      feed ??= import('./api-feed.ts').then(({ ApiFeed }) => store.add(new ApiFeed(services)));
      const { createSessionApi } = await import('./session-api.ts');
      return createSessionApi({
        services,
        feed: await feed,
        caller: name,
        revoked: grant.end.signal,
        check: () => {
          if (!allowed.has(grant))
            throw new SecGeminiError('permissionDenied', 'The user took the access to Sec-Gemini back.', {
              action: 'Call connect() again when the user wants it.',
            });
        },
      });
    },
    commands: {
      revokeApiAccess: async () => {
        const names = [...allowed].map(({ name }) => name);
        for (const { end } of allowed) end.abort();
        allowed.clear();
        const open = await feed;
        feed = undefined;
        if (open !== undefined) store.release(open);
        void vscode.window.showInformationMessage(
          names.length === 0
            ? 'No other extension has access to Sec-Gemini in this window.'
            : `Access taken back from: ${names.join(', ')}.`,
        );
      },
    },
  };
}
