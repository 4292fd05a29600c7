/** Publish Session…: what would become public is searched and shown first; the link is copied, can be copied again, and is taken back. */

import * as vscode from 'vscode';
import { SecGeminiError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { type FoundSecret, absolutePaths, publicTexts, publishDetail } from '../../core/publish-review.ts';
import type { SessionState } from '../../core/session-state.ts';
import { labelText } from '../../core/visible-text.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import { recordedSend } from '../record.ts';
import { requireClient, requireGroup, requireTrusted } from '../requirements.ts';
import type { FeatureOf, Services } from '../services.ts';

const WHAT = 'Publishing';
/** Links by session id: the service tells each only once, when it publishes. */
const LINKS = 'secGemini.publicLinks';

export function createPublishFeature(
  services: Services,
): FeatureOf<'publishSession' | 'copyPublicLink' | 'unpublishSession'> {
  const { sessions, context, shownSession } = services;
  const links = (): Readonly<Record<string, string>> => context.globalState.get<Record<string, string>>(LINKS) ?? {};
  const keepLink = async (sessionId: string, link: string | undefined): Promise<void> => {
    const { [sessionId]: _before, ...others } = links();
    await context.globalState.update(LINKS, link === undefined ? others : { ...others, [sessionId]: link });
  };

  const chosen = async (argument: unknown, title: string): Promise<SessionState | undefined> => {
    requireGroup(sessions, 'publishing', WHAT);
    const id = sessionArgument(sessions, argument) ?? shownSession.id ?? (await pickSession(sessions, title));
    return id === undefined ? undefined : sessions.state(id);
  };

  /** Publishing what is public already gives its link again. */
  const publish = async ({ info }: SessionState, text: string): Promise<string> => {
    const publishing = requireGroup(sessions, 'publishing', WHAT);
    const what = {
      kind: 'published',
      name: 'Made public',
      sessionId: info.id,
      sessionName: info.name,
      destination: requireClient(sessions).origin,
      rule: 'confirmed',
    } as const;
    const link = await recordedSend(services, what, text, () => publishing.publish(info.id));
    await keepLink(info.id, link);
    await sessions.refreshSession(info.id);
    return link;
  };

  return {
    commands: {
      publishSession: async (argument) => {
        requireTrusted('Publishing a session');
        const first = await chosen(argument, 'Publish which session?');
        if (first === undefined) return;
        if (first.info.published === true) return await copyLink(first);
        await sessions.open(first.info.id);
        const state = sessions.state(first.info.id) ?? first;
        if (state.history !== 'loaded')
          throw new SecGeminiError('unavailable', 'The whole transcript is not here, so it cannot be searched.', {
            action: 'Open the session, wait until it is loaded, and try again.',
          });
        const texts = publicTexts(state);
        const detail = await vscode.window.withProgress(
          { location: vscode.ProgressLocation.Notification, title: 'Searching what would become public…' },
          async () =>
            publishDetail(
              state,
              await secretsIn(texts),
              absolutePaths(texts),
              state.attachments.map(({ name }) => name),
            ),
        );
        const name = labelText(state.info.name, 80);
        const choice = await vscode.window.showWarningMessage(
          `Make session ${name} public?`,
          { modal: true, detail },
          'Publish',
        );
        if (choice !== 'Publish') return;
        const link = await publish(state, texts.map(({ text }) => text).join('\n'));
        // The word may stand there when the link is long taken back: it says what happened, not how it is.
        await tellLink(state.info.id, link, `${name} was made public. The link was copied.`);
      },
      copyPublicLink: async (argument) => {
        const state = await chosen(argument, 'Copy the link of which session?');
        if (state !== undefined) await copyLink(state);
      },
      unpublishSession: async (argument) => {
        const publishing = requireGroup(sessions, 'publishing', WHAT);
        const state = await chosen(argument, 'Take back which public link?');
        if (state === undefined) return;
        // Taking back needs no question: it is never the wrong direction, and can be done again.
        await publishing.unpublish(state.info.id);
        await keepLink(state.info.id, undefined);
        await sessions.refreshSession(state.info.id);
        void vscode.window.showInformationMessage(
          `${labelText(state.info.name, 80)} is no longer public. Copies that others made are not taken back.`,
        );
      },
    },
  };

  async function copyLink({ info }: SessionState): Promise<void> {
    if (info.published !== true)
      throw new SecGeminiError('notFound', 'This session is not public.', {
        action: 'Run "Sec-Gemini: Publish Session…".',
      });
    const link = own(links(), info.id);
    if (link === undefined)
      throw new SecGeminiError('notFound', 'Its link was made elsewhere; the service does not tell it again.', {
        action: 'Unpublish the session and publish it again for a link of its own.',
      });
    await tellLink(info.id, link, `The public link of ${labelText(info.name, 80)} was copied.`);
  }

  async function tellLink(sessionId: string, link: string, words: string): Promise<void> {
    await vscode.env.clipboard.writeText(link);
    if ((await vscode.window.showInformationMessage(words, 'Open Link')) === undefined) return;
    if (links()[sessionId] !== link)
      throw new SecGeminiError('notFound', 'This link was taken back.', {
        action: 'Publish the session again for a new one.',
      });
    if (/^https?:/i.test(link)) await vscode.env.openExternal(vscode.Uri.parse(link, true));
  }
}

async function secretsIn(texts: ReturnType<typeof publicTexts>): Promise<FoundSecret[]> {
  // Some hundred kilobytes of rules: loaded when they are needed.
  const { scanSecrets } = await import('../../scan/secrets.ts');
  const found: FoundSecret[] = [];
  const seen = new Set<string>();
  for (const { where, text } of texts)
    for (const { title, masked, start, end } of await scanSecrets(text, { fileName: 'transcript' })) {
      const secret = text.slice(start, end);
      if (!seen.has(secret)) found.push({ title, masked, where });
      seen.add(secret);
    }
  return found;
}
