/** The local tools as a user meets them: switching on and off, a policy for each tool, and the view "Local Tools". */

import * as vscode from 'vscode';
import { late } from '../../core/late.ts';
import { lateCommands } from '../lazy-feature.ts';
import type { HostParts } from '../main.ts';
import type { Feature, Services } from '../services.ts';
import type { Others } from './others.ts';
import { toolCommands } from './tool-commands.ts';
import { ToolLinks } from './tool-links.ts';
import { type ToolsTree, createToolsTree } from './tools-tree.ts';

export interface ToolsFeature extends Feature {
  readonly tree: Pick<ToolsTree, 'children' | 'item' | 'tick'>;
}

export function createToolsFeature(services: Services, refresh: HostParts['refreshTools']): ToolsFeature {
  const { tools, store, run } = services;
  let others: Others | undefined;
  const links = store.add(
    new ToolLinks(services, {
      resources: () => others?.resources() ?? [],
      load: async () => {
        const { createOthers } = await import('./others.ts');
        others ??= createOthers(services, changed);
      },
    }),
  );
  let isShown = false;
  const isIdle = (): boolean =>
    !isShown &&
    tools.consent.sessions().length === 0 &&
    tools.runner.records.length === 0 &&
    services.logs.list().length + services.logs.reading.length === 0;
  // A turn of many calls redraws the view a few times a second at most.
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!isShown) {
        if (!isIdle()) refresh(undefined);
        return;
      }
      tree.changes.mark();
      const rows = tree.changes.take();
      if (rows === 'all') refresh(undefined);
      else if (rows.length > 0) refresh(rows.map(tree.node));
    }, 100);
  };
  store.add({ dispose: () => clearTimeout(timer) });
  for (const event of [
    tools.consent.onDidChange,
    tools.runner.onDidChange,
    tools.registry.onDidChange,
    services.logs.onDidChange,
    links.onDidChange,
  ])
    store.add(event(changed));
  store.add(vscode.workspace.onDidGrantWorkspaceTrust(changed));

  // They come back by a person's word alone, and a person has to know that it is wanted.
  const tellLost = async (count: number): Promise<void> => {
    const again = 'Use Local Tools…';
    const where = count === 1 ? '1 session' : `${count} sessions`;
    const choice = await vscode.window.showInformationMessage(
      `The connection to Sec-Gemini changed: local tools are off in ${where} now. Nothing that waited for your answer left this machine.`,
      again,
    );
    if (choice === again) await run('useLocalTools');
  };
  store.add(tools.consent.onDidLose((count) => void tellLost(count)));

  const tree = late(() => {
    isShown = true;
    return createToolsTree(services, links, () => others?.groups);
  });
  return {
    tree: {
      // A view with nothing to show, as it is until tools are switched on, needs none of it.
      children: (element) => (element === undefined && isIdle() ? [] : tree.children(element)),
      item: (element) => tree.item(element),
      // What is so is shown then, not what was clicked: also where nothing came of it, e.g. a question that was closed.
      tick: (row, on) => tree.tick(row, on).finally(() => refresh(undefined)),
    },
    commands: lateCommands(() => toolCommands(services, links, () => others), {
      useLocalTools: true,
      stopLocalTools: true,
      configureMcpServers: true,
      restartMcpServer: true,
      retryToolHub: true,
      setToolPolicy: true,
    }),
  };
}
