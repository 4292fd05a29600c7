// The rows of the Sessions view as VS Code gets them.
import assert from 'node:assert/strict';
import type { SessionInfo } from '../../../src/core/model.ts';
import { SessionManager } from '../../../src/core/session-manager.ts';
import type { Threads } from '../../../src/core/threads.ts';
import { FakeClient } from '../../fakes/fake-client.ts';
import { fakeVscode } from './fake-vscode.ts';

const { createSessionsTree } = await import('../../../src/host/sessions/sessions-tree.ts');

class TreeItem {
  readonly label: string;
  collapsibleState: number;
  constructor(label: string, state: number) {
    this.label = label;
    this.collapsibleState = state;
  }
}

describe('the rows of the Sessions view', () => {
  it('are open for the first two hundred sessions, in groups of days too, and closed beyond', async () => {
    Object.assign(fakeVscode, {
      TreeItem,
      ThemeIcon: TreeItem,
      TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    });
    const client = new FakeClient();
    const now = Date.now();
    const infos = Array.from({ length: 210 }, (_, index): SessionInfo => ({
      id: `s${index}`,
      protocol: 'v1',
      name: `Incident ${index}`,
      description: '',
      status: 'idle',
      createdAt: index,
      // Two groups of days: the last fifty are of long ago.
      updatedAt: index < 50 ? index : now + index,
      attachments: [],
    }));
    client.listSessions = async () => ({ sessions: infos });
    const sessions = new SessionManager({ newId: () => 'id', now: Date.now });
    sessions.setClient(client);
    await sessions.refresh();
    for (const byDay of [false, true]) {
      const tree = createSessionsTree(
        sessions,
        { of: () => [] } as unknown as Threads,
        { filter: () => ({ text: '', marks: [] }), order: () => ({ sort: 'used', byDay }) },
        async () => undefined,
      );
      const roots = await tree.children(undefined);
      const rows: unknown[] = [];
      for (const root of roots) rows.push(...(byDay ? await tree.children(root) : [root]));
      const states = rows.map((row) => tree.item(row)).map((row) => [row.label, row.collapsibleState]);
      assert.deepEqual(states.slice(0, 1).concat(states.slice(199, 201)), [
        ['Incident 209', 2],
        ['Incident 10', 2],
        ['Incident 9', 1],
      ]);
    }
    sessions.dispose();
  });
});
