/** The native questions of what the Sessions view shows and in which order. */

import * as vscode from 'vscode';
import {
  SESSION_MARKS,
  type SessionFilter,
  type SessionMark,
  type SessionOrder,
  type SessionSort,
} from '../../core/session-view.ts';

/**
 * One widget: words are typed, states are ticked, and the tree follows at once. `show` is called with each change; closing without Enter
 * puts back what was there before.
 */
export async function askFilter(before: SessionFilter, show: (filter: SessionFilter) => void): Promise<void> {
  type Row = vscode.QuickPickItem & { readonly mark: SessionMark };
  const pick = vscode.window.createQuickPick<Row>();
  pick.title = 'Filter Sessions (Enter keeps the filter)';
  pick.placeholder = 'Words of names, descriptions, ids or files';
  pick.canSelectMany = true;
  // Words look for sessions, not for these rows.
  pick.items = SESSION_MARKS.map(({ mark, label, help }) => ({ label, description: help, mark, alwaysShow: true }));
  pick.selectedItems = pick.items.filter(({ mark }) => before.marks.includes(mark));
  pick.value = before.text;
  const current = (): SessionFilter => ({
    text: pick.value.trim(),
    marks: pick.selectedItems.map(({ mark }) => mark),
  });
  await new Promise<void>((resolve) => {
    let accepted = false;
    pick.onDidChangeValue(() => show(current()));
    pick.onDidChangeSelection(() => show(current()));
    pick.onDidAccept(() => {
      accepted = true;
      show(current());
      pick.hide();
    });
    pick.onDidHide(() => {
      if (!accepted) show(before);
      pick.dispose();
      resolve();
    });
    pick.show();
  });
}

/** Undefined when the user closed it. */
export async function askOrder(before: SessionOrder): Promise<SessionOrder | undefined> {
  type Row = vscode.QuickPickItem & { readonly order: SessionOrder };
  const row = (label: string, sort: SessionSort, byDay: boolean): Row => ({
    label,
    ...(before.sort === sort && before.byDay === byDay ? { description: 'now' } : {}),
    order: { sort, byDay },
  });
  const rows = [
    row('Last used, under days', 'used', true),
    row('Last used', 'used', false),
    row('Created, under days', 'created', true),
    row('Created', 'created', false),
    row('Name', 'name', false),
  ];
  const chosen = await vscode.window.showQuickPick(rows, { title: 'Sort Sessions', placeHolder: 'Sort sessions by' });
  return chosen?.order;
}
