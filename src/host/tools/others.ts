/** What others offer beside the editor's own tools, with its ports in the editor: loaded when local tools are switched on for the first time. */

import { createHash } from 'node:crypto';
import { ForeignTools } from '../../core/tools/foreign-tools.ts';
import type { ForeignResource } from '../../core/tools/foreign.ts';
import { READ_RESOURCE } from '../../core/tools/resource-tool.ts';
import type { Services } from '../services.ts';
import { McpServers } from './mcp/servers.ts';
import { ToolGroups } from './tool-groups.ts';
import { VsCodeTools } from './vscode-tools.ts';

/** What the user ticked, in the application's own state (trust.md S16). */
const TICKS = 'secGemini.tickedTools';

export interface Others {
  readonly groups: ToolGroups;
  readonly servers: McpServers;
  resources(): readonly ForeignResource[];
}

/** `changed`: the view has something else to show. */
export function createOthers(services: Services, changed: () => void): Others {
  const { context, tools, log, store } = services;
  const foreign = store.add(
    new ForeignTools({
      ticks: {
        get: () => context.globalState.get<Readonly<Record<string, string>>>(TICKS) ?? {},
        set: (ticks) => void context.globalState.update(TICKS, ticks),
      },
      hash: (text) => createHash('sha256').update(text).digest('hex'),
      revoke: (tool) => tools.consent.revoke(tool),
      log,
    }),
  );
  store.add(tools.registry.add(foreign.provider()));
  store.add(foreign.onDidChange(() => tools.registry.refresh()));
  store.add(foreign.onDidChange(changed));
  foreign.add(new VsCodeTools());
  const servers = store.add(new McpServers(services, foreign));
  store.add(tools.consent.onDidChange(() => servers.setActive(tools.consent.sessions().length > 0)));
  servers.load();
  return {
    groups: new ToolGroups({ foreign, servers, consent: tools.consent }),
    servers,
    resources: () => (tools.consent.isDenied(READ_RESOURCE) ? [] : foreign.resources()),
  };
}
