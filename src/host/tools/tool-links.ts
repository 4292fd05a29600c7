/** Switching tools on and off for a session: the question, the editor's tools, and the way by which the service's calls arrive. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { ToolHubLink, ToolServer } from '../../core/client-agent.ts';
import type { SecGeminiClient } from '../../core/client.ts';
import { DEFAULT_ENDPOINT } from '../../core/connection.ts';
import { type Disposable, DisposableStore } from '../../core/disposable.ts';
import { Emitter, type Event } from '../../core/emitter.ts';
import { parseEndpoint } from '../../core/endpoint.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { ForeignResource } from '../../core/tools/foreign.ts';
import { toMcpTool } from '../../core/tools/tool.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';
import { readSetting } from '../settings.ts';
import { LeftOffers } from './left-offers.ts';

/** The name of the built-in tool server that reaches a connected editor (protocol/v3.md). */
const BYOT = 'Bring Your Own Tools';

/** What of others is offered beside the editor's own tools. */
export interface OtherTools {
  readonly resources: () => readonly ForeignResource[];
  /** With the first switching on. */
  readonly load: () => Promise<void>;
}

export class ToolLinks implements Disposable {
  readonly #services: Services;
  readonly #others: OtherTools;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<void>());
  /** One readable name a window, kept as long as it lives. */
  readonly #name = windowName();
  readonly #server: ToolServer;
  /** Sessions to whose tool servers ours was added, with the client that they belong to. */
  readonly #added = new Map<string, { readonly client: SecGeminiClient; readonly url: string }>();
  #hub: { readonly client: SecGeminiClient; readonly link: ToolHubLink } | undefined;
  readonly #left: LeftOffers;
  /** On their way to be on: the service knows their tools already. */
  readonly #turningOn = new Set<string>();
  #loaded = false;
  #offered = '';
  #offering: Promise<void> = Promise.resolve();

  constructor(services: Services, others: OtherTools) {
    this.#services = services;
    this.#others = others;
    const { tools, sessions, connection, context, log } = services;
    this.#left = new LeftOffers(context.workspaceState, sessions, log);
    this.#server = {
      tools: () =>
        tools.registry
          .all()
          .map(({ tool }) => tool)
          .filter(({ name }) => !tools.consent.isDenied(name)),
      resources: () => others.resources(),
      call: (call) => tools.runner.call(call),
    };
    this.#owned.add(tools.consent.onDidChange(() => void this.#follow()));
    this.#owned.add(tools.registry.onDidChange(() => void this.#follow()));
    this.#owned.add(connection.onDidChange(() => this.#drop()));
    this.#owned.add(sessions.onDidChangeList(() => void this.#follow()));
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Undefined: no hub is needed. */
  get hub(): ToolHubLink | undefined {
    return this.#hub?.link;
  }

  /** Asks, then switches on. Resolves false when the user said no. Rejects with what stands in the way; nothing is on then. */
  async switchOn(sessionId: string): Promise<boolean> {
    const { tools, sessions, connection } = this.#services;
    if (!vscode.workspace.isTrusted)
      throw new SecGeminiError('permissionDenied', 'Local tools are off in Restricted Mode.', {
        action: 'Trust the workspace first ("Workspaces: Manage Workspace Trust").',
      });
    const { client } = sessions;
    const state = sessions.state(sessionId);
    if (client === undefined || state === undefined)
      throw new SecGeminiError('unavailable', 'The session is not connected.', { action: 'Connect first.' });
    if (client.toolHub === undefined && client.sessionTools === undefined)
      throw new SecGeminiError('invalidArgument', 'This service does not call tools of the editor.', {
        action: 'Attach what it should see.',
      });
    if (tools.consent.isOn(sessionId)) return true;
    const hub = client.toolHub === undefined ? undefined : this.#hubOrigin(client);
    if (!(await this.#agreed(state.info.name, hub ?? client.origin))) return false;
    if (hub !== undefined && !this.#isKnown(client, hub) && !(await connection.mayUse(hub, true))) return false;
    await this.load();
    if (sessions.client !== client) throw new SecGeminiError('unavailable', 'The connection changed meanwhile.');
    client.sessionTools?.serve(this.#server);
    this.#turningOn.add(sessionId);
    try {
      if (client.sessionTools !== undefined) await this.#left.add(sessionId);
      await client.sessionTools?.offer(sessionId, this.#server.tools());
      await this.#addToSession(client, sessionId);
      tools.consent.switchOn(sessionId);
    } finally {
      this.#turningOn.delete(sessionId);
    }
    if (hub !== undefined && this.#hub === undefined) {
      const link = client.toolHub?.open({ endpoint: hub, name: this.#name, server: this.#server });
      if (link !== undefined) {
        this.#hub = { client, link };
        link.onDidChange(() => this.#changed.fire());
      }
    }
    this.#changed.fire();
    return true;
  }

  /** Takes every grant back at once; what the service is told follows. */
  async switchOff(sessionId: string): Promise<void> {
    const { tools, sessions } = this.#services;
    tools.consent.switchOff(sessionId);
    const { client } = sessions;
    await client?.sessionTools?.offer(sessionId, []);
    await this.#left.remove(sessionId);
    const added = this.#added.get(sessionId);
    this.#added.delete(sessionId);
    if (added === undefined || added.client !== client || client.mcp === undefined) return;
    const urls = (await client.mcp.listSession(sessionId)).map(({ url }) => url);
    await client.mcp.setSession(
      sessionId,
      urls.filter((url) => url !== added.url),
    );
  }

  /** The editor's tools, with their language and Git parts: loaded with the first need. */
  async load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    const { editorTools } = await import('./editor-tools.ts');
    const { tools, files } = this.#services;
    this.#owned.add(tools.registry.add(editorTools(files)));
    await this.#others.load();
  }

  dispose(): void {
    this.#drop();
    this.#owned.dispose();
  }

  #hubOrigin(client: SecGeminiClient): string {
    const setting = readSetting('secGemini.toolHub')?.trim() ?? '';
    if (setting !== '') return parseEndpoint(setting).origin;
    if (this.#services.connection.isSandbox) return client.origin;
    if (client.origin === DEFAULT_ENDPOINT && client.toolHub !== undefined) return client.toolHub.defaultOrigin;
    throw new SecGeminiError('invalidArgument', 'No tool hub is known for this endpoint.', {
      action: 'Set secGemini.toolHub to its address.',
    });
  }

  /** The origin that the key was made for, or the default service's own hub: nothing new learns the key. */
  #isKnown(client: SecGeminiClient, hub: string): boolean {
    return hub === client.origin || (client.origin === DEFAULT_ENDPOINT && hub === client.toolHub?.defaultOrigin);
  }

  async #agreed(session: string, destination: string): Promise<boolean> {
    const choice = await vscode.window.showWarningMessage(
      `Use local tools in "${labelText(session, 60)}"?`,
      {
        modal: true,
        detail: `While a question of this session is being answered, Sec-Gemini may ask to read files, symbols, problems and Git history of this workspace. Each call is shown to you before its result goes to ${destination}; the editor's own tools change nothing on this machine. Until this window closes, or you switch it off.`,
      },
      'Use Local Tools',
    );
    return choice === 'Use Local Tools';
  }

  async #addToSession(client: SecGeminiClient, sessionId: string): Promise<void> {
    if (client.mcp === undefined) return;
    const [account, own] = await Promise.all([client.mcp.listAccount(), client.mcp.listSession(sessionId)]);
    const byot = account.find(({ name }) => name === BYOT);
    if (byot === undefined || own.some(({ url }) => url === byot.url)) return;
    await client.mcp.setSession(sessionId, [...own.map(({ url }) => url), byot.url]);
    this.#added.set(sessionId, { client, url: byot.url });
  }

  /** No session is on any more: nobody is to reach this window. A tool that was denied is no longer offered. */
  async #follow(): Promise<void> {
    const { tools, sessions, log } = this.#services;
    const on = tools.consent.sessions();
    void this.#left.withdraw((id) => this.#turningOn.has(id) || tools.consent.isOn(id));
    if (on.length === 0 && this.#hub !== undefined && this.#loaded) this.#drop();
    const offered = JSON.stringify(this.#server.tools().map(toMcpTool));
    const isNew = this.#offered !== '' && this.#offered !== offered;
    this.#offered = offered;
    if (!isNew) return;
    const earlier = this.#offering;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#offering = promise;
    // One after another, so that the newest list is the last that the service hears.
    await earlier;
    try {
      for (const id of on) await sessions.client?.sessionTools?.offer(id, this.#server.tools());
    } catch (error) {
      log.warn(`The service could not be told which tools there are: ${error instanceof Error ? error.message : ''}`);
    } finally {
      resolve();
    }
  }

  #drop(): void {
    const hub = this.#hub;
    this.#hub = undefined;
    hub?.link.dispose();
    if (hub !== undefined) this.#changed.fire();
  }
}

/** `vscode-my-app-3f2a`: tells the windows of an account apart, in a person's eyes and in a tool's name. */
function windowName(): string {
  const folder = (vscode.workspace.name ?? 'window')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `vscode-${folder.slice(0, 30) || 'window'}-${randomBytes(2).toString('hex')}`;
}
