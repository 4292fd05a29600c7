/**
 * What's New: told quietly and once per version, by a button over the sessions and a mark in the status menu that are gone as soon as it was
 * looked at; shown as a plain read-only text in which nothing is fetched.
 */

import * as vscode from 'vscode';
import type { NewsEntry } from '../../core/model-agent.ts';
import { newestVersion, newsText } from '../../core/news.ts';
import { CONTEXT_KEYS } from '../../manifest.ts';
import { requireGroup } from '../requirements.ts';
import type { Feature, Services } from '../services.ts';

const SCHEME = 'sec-gemini-news';
/** The version that was looked at, by origin. */
const SEEN = 'secGemini.newsSeen';

export interface NewsFeature extends Feature {
  /** True while there is news that nobody has looked at. */
  isUnread(): boolean;
}

export function createNewsFeature({ sessions, connection, context, log, store }: Services): NewsFeature {
  const place = (): string => (connection.isSandbox ? 'sandbox' : (sessions.client?.origin ?? ''));
  const seen = (): number => context.globalState.get<Record<string, number>>(SEEN)?.[place()] ?? 0;
  let entries: readonly NewsEntry[] = [];
  let asked: unknown;
  let unread = false;
  const setUnread = (value: boolean): void => {
    unread = value;
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.unreadNews, value);
  };

  let text = '';
  const changed = store.add(new vscode.EventEmitter<vscode.Uri>());
  store.add(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => text,
    }),
  );

  // Once per connection, after the list is there: news is the least that a user waits for.
  store.add(
    sessions.onDidChangeList(() => {
      const { client } = sessions;
      if (client === asked || (client !== undefined && sessions.list.kind !== 'loaded')) return;
      asked = client;
      setUnread(false);
      client?.news
        ?.list()
        .then((found) => {
          if (sessions.client !== client) return;
          entries = found;
          setUnread(newestVersion(found) > seen());
        })
        .catch((error: unknown) => log.info(`No news: ${String(error)}`));
    }),
  );

  return {
    isUnread: () => unread,
    commands: {
      showNews: async () => {
        entries = await requireGroup(sessions, 'news', 'News').list();
        text = newsText(entries, seen(), connection.isSandbox ? 'the local sandbox' : place());
        const uri = vscode.Uri.from({ scheme: SCHEME, path: "/What's new.md" });
        changed.fire(uri);
        await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
        const all = context.globalState.get<Record<string, number>>(SEEN) ?? {};
        await context.globalState.update(SEEN, { ...all, [place()]: Math.max(seen(), newestVersion(entries)) });
        setUnread(false);
      },
    },
  };
}
