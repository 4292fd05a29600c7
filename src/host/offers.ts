/** Context keys for what the connected service offers, so that menus and views show only what works. */

import * as vscode from 'vscode';
import { CONTEXT_KEYS } from '../manifest.ts';
import type { Services } from './services.ts';

export function keepOffers({ sessions, store }: Pick<Services, 'sessions' | 'store'>): void {
  const shown = new Map<string, boolean>();
  const show = (key: string, on: boolean): void => {
    if (shown.get(key) === on) return;
    shown.set(key, on);
    void vscode.commands.executeCommand('setContext', key, on);
  };
  const update = (): void => {
    const { client } = sessions;
    show(CONTEXT_KEYS.canArchive, client?.archive !== undefined);
    show(CONTEXT_KEYS.canPublish, client?.publishing !== undefined);
    show(CONTEXT_KEYS.hasMcpServers, client?.mcp !== undefined);
    show(CONTEXT_KEYS.hasSkills, client?.skills !== undefined);
    show(CONTEXT_KEYS.hasNews, client?.news !== undefined);
    show(CONTEXT_KEYS.hasPromptOptions, client?.capabilities.promptOptions === true);
  };
  store.add(sessions.onDidChangeList(update));
  update();
}
