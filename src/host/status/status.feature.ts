/** The one status bar item with its menu, the badge on the view, and a word when a turn ends or waits while nobody looks. */

import * as vscode from 'vscode';
import type { SessionChange } from '../../core/session-model.ts';
import { statusLine } from '../../core/status-line.ts';
import { labelText } from '../../core/visible-text.ts';
import { COMMANDS, type CommandName } from '../../manifest.ts';
import type { Feature, Services } from '../services.ts';
import { readSetting } from '../settings.ts';

/** `hasNews`: the service has news that nobody has looked at. */
export function createStatusFeature(
  { connection, sessions, retries, view, run, store }: Services,
  hasNews: () => boolean,
): Feature {
  const item = store.add(vscode.window.createStatusBarItem('secGemini.status', vscode.StatusBarAlignment.Left, 0));
  item.name = 'Sec-Gemini';
  item.command = COMMANDS.showMenu;
  const show = (): void => {
    const { text, tooltip, accessibleLabel, emphasis } = statusLine(
      connection.status,
      sessions.sessions(),
      connection.isSandbox,
      sessions.listing.jobs,
      retries.of(undefined),
    );
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: accessibleLabel, role: 'button' };
    item.backgroundColor =
      emphasis === 'none' ? undefined : new vscode.ThemeColor(`statusBarItem.${emphasis}Background`);
    item.show();
    const unread = sessions.sessions().filter((state) => state.unread > 0).length;
    view.badge =
      unread === 0
        ? undefined
        : { value: unread, tooltip: `${unread} ${unread === 1 ? 'session has' : 'sessions have'} new answers` };
  };
  store.add(connection.onDidChange(show));
  store.add(retries.onDidChange(show));
  store.add(sessions.onDidChangeList(show));
  store.add(
    sessions.onDidChange((change) => {
      if (change.action.type === 'piece') return;
      show();
      if (change.action.type === 'turnEnd') void announce(change);
    }),
  );
  show();

  /** One notification per turn, only while the editor has no focus. */
  const announce = async ({ sessionId, state }: SessionChange): Promise<void> => {
    if (vscode.window.state.focused || readSetting('secGemini.notify') === 'never' || state.turn.outcome === 'stopped')
      return;
    // A request for an approval is told with its own words, and its own way to the review.
    if (state.turn.outcome === 'waiting' && state.info.status === 'waitingForConfirmation') return;
    const name = labelText(state.info.name, 60);
    const words: Partial<Record<NonNullable<typeof state.turn.outcome>, string>> = {
      completed: `Sec-Gemini has answered in "${name}".`,
      failed: `Sec-Gemini could not answer in "${name}". ${state.turn.error?.message ?? ''}`,
      interrupted: `The answer in "${name}" was cut off. What arrived is kept.`,
      waiting: `Sec-Gemini waits for you in "${name}".`,
    };
    const text = words[state.turn.outcome ?? 'completed'];
    if (text !== undefined && (await vscode.window.showInformationMessage(text, 'Open Session')) !== undefined)
      await run('openSession', sessionId);
  };

  return { commands: { showMenu: async () => showMenu() } };

  async function showMenu(): Promise<void> {
    type Row = vscode.QuickPickItem & { readonly command?: CommandName; readonly argument?: string };
    const connected = connection.status.kind === 'connected';
    const rows: Row[] = sessions
      .sessions()
      .filter((state) => state.unread > 0 || state.turn.phase !== 'idle')
      .map((state) => ({
        label: labelText(state.info.name, 60),
        iconPath: new vscode.ThemeIcon('comment-discussion'),
        description: state.turn.phase === 'idle' ? `${state.unread} new` : state.turn.phase,
        command: 'openSession',
        argument: state.info.id,
      }));
    if (rows.length > 0) rows.push({ label: '', kind: vscode.QuickPickItemKind.Separator });
    if (connected)
      rows.push(
        { label: 'New Session', iconPath: new vscode.ThemeIcon('add'), command: 'newSession' },
        { label: 'Open Session…', iconPath: new vscode.ThemeIcon('list-unordered'), command: 'openSession' },
      );
    if (connected)
      rows.push(
        { label: 'Disconnect', iconPath: new vscode.ThemeIcon('debug-disconnect'), command: 'disconnect' },
        { label: 'Terminate Session…', iconPath: new vscode.ThemeIcon('circle-slash'), command: 'terminateSession' },
      );
    else rows.push({ label: 'Connect', iconPath: new vscode.ThemeIcon('debug-restart'), command: 'connect' });
    rows.push(
      connection.isSandbox
        ? { label: 'Stop Local Sandbox', iconPath: new vscode.ThemeIcon('debug-stop'), command: 'stopSandbox' }
        : {
            label: 'Start Local Sandbox',
            iconPath: new vscode.ThemeIcon('beaker'),
            command: 'startSandbox',
            description: 'no key, no network',
          },
      { label: 'Set API Key…', iconPath: new vscode.ThemeIcon('key'), command: 'setApiKey' },
      { label: 'Show What Left', iconPath: new vscode.ThemeIcon('list-tree'), command: 'showWhatLeft' },
      { label: 'Show Log', iconPath: new vscode.ThemeIcon('output'), command: 'showLog' },
    );
    if (sessions.client?.news !== undefined)
      rows.push({
        label: "What's New",
        iconPath: new vscode.ThemeIcon(hasNews() ? 'circle-filled' : 'megaphone'),
        description: hasNews() ? 'unread' : '',
        command: 'showNews',
      });
    const choice = await vscode.window.showQuickPick(rows, {
      title: 'Sec-Gemini',
      placeHolder: item.accessibilityInformation?.label ?? 'Sec-Gemini',
    });
    if (choice?.command !== undefined)
      await run(choice.command, ...(choice.argument === undefined ? [] : [choice.argument]));
  }
}
