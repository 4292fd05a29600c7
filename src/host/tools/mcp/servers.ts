/**
 * The user's MCP servers of this window, from `secGemini.mcpServers` (application scope: no workspace writes it). Which of them are used is kept
 * beside it, bound to everything that decides what is started: another command line is asked about anew.
 */

import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../../core/disposable.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import type { ForeignTools } from '../../../core/tools/foreign-tools.ts';
import {
  type McpServerConfig,
  describeServer,
  placeOfServer,
  readMcpConfig,
  serverIdentity,
} from '../../../core/tools/mcp-config.ts';
import { labelText, visibleText } from '../../../core/visible-text.ts';
import { requireTrusted } from '../../requirements.ts';
import type { Services } from '../../services.ts';
import { readSetting } from '../../settings.ts';
import { McpSource } from './source.ts';

/** Which servers are used: name -> hash of what the user agreed to start. */
const USED = 'secGemini.usedMcpServers';

export class McpServers implements Disposable {
  readonly #services: Pick<Services, 'context' | 'log'>;
  readonly #foreign: ForeignTools;
  readonly #owned = new DisposableStore();
  readonly #sources = new Map<string, { readonly source: McpSource; readonly owned: Disposable }>();
  #problems: readonly string[] = [];
  #loaded = false;
  #active = false;

  constructor(services: Pick<Services, 'context' | 'log'>, foreign: ForeignTools) {
    this.#services = services;
    this.#foreign = foreign;
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (this.#loaded && event.affectsConfiguration('secGemini.mcpServers')) this.#read();
      }),
    );
  }

  /** What in the setting is wrong, a sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  get(sourceId: string): McpSource | undefined {
    return [...this.#sources.values()].find(({ source }) => source.id === sourceId)?.source;
  }

  /** Reads the setting, now and whenever it changes. */
  load(): void {
    if (this.#loaded || !vscode.workspace.isTrusted) return;
    this.#loaded = true;
    this.#read();
  }

  /** Servers run while a session may use them: those that were used before and are still the same start, and all end with the last session. */
  setActive(active: boolean): void {
    if (this.#active === active) return;
    this.#active = active;
    for (const { source } of this.#sources.values())
      if (!active) source.stop();
      else if (this.#isAgreed(source.config)) void source.start();
  }

  isUsed(sourceId: string): boolean {
    const source = this.get(sourceId);
    return source !== undefined && this.#isAgreed(source.config);
  }

  /** Asks once with the whole command line or address, then starts. False: the user said no. */
  async use(sourceId: string): Promise<boolean> {
    requireTrusted('Using an MCP server');
    const source = this.#must(sourceId);
    if (!this.#isAgreed(source.config) && !(await confirmed(source.config))) return false;
    // The setting may have changed while the question was open: what was agreed to is what was shown.
    if (this.get(sourceId) !== source) return false;
    await this.#keep({ ...this.#used(), [source.config.name]: hashOf(source.config) });
    if (this.#active) await source.start();
    return true;
  }

  /** Ends it; the next start is asked about again. */
  async leave(sourceId: string): Promise<void> {
    const source = this.#must(sourceId);
    source.stop();
    const { [source.config.name]: _gone, ...others } = this.#used();
    await this.#keep(others);
  }

  dispose(): void {
    for (const { owned } of this.#sources.values()) owned.dispose();
    this.#sources.clear();
    this.#owned.dispose();
  }

  #must(sourceId: string): McpSource {
    const source = this.get(sourceId);
    if (source !== undefined) return source;
    throw new SecGeminiError('notFound', 'This MCP server is no longer in the settings.', {
      action: 'Look at secGemini.mcpServers.',
    });
  }

  #read(): void {
    const { servers, problems } = readMcpConfig(readSetting('secGemini.mcpServers'));
    this.#problems = problems;
    for (const problem of problems) this.#services.log.warn(`secGemini.mcpServers: ${problem}`);
    const wanted = new Map(servers.map((config) => [config.name, config]));
    for (const [name, { source, owned }] of this.#sources) {
      const config = wanted.get(name);
      if (config !== undefined && serverIdentity(config) === serverIdentity(source.config)) continue;
      owned.dispose();
      this.#sources.delete(name);
    }
    for (const config of servers) if (!this.#sources.has(config.name)) this.#add(config);
    this.#foreign.refresh();
  }

  #add(config: McpServerConfig): void {
    const { log, context } = this.#services;
    const { version = '' } = context.extension.packageJSON as { readonly version?: string };
    const source = new McpSource(config, {
      // The SDK is some hundred kilobytes: loaded with the first server.
      open: async (server, events) => (await import('./link.ts')).openMcp(server, version, events),
      log,
      now: Date.now,
      after: (milliseconds, run) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    const owned = new DisposableStore();
    owned.add(source.onDidChange(() => this.#foreign.refresh()));
    owned.add(this.#foreign.add(source));
    owned.add(source);
    this.#sources.set(config.name, { source, owned });
    if (this.#active && this.#isAgreed(config)) void source.start();
  }

  #isAgreed(config: McpServerConfig): boolean {
    return this.#used()[config.name] === hashOf(config);
  }

  #used(): Readonly<Record<string, string>> {
    return this.#services.context.globalState.get<Readonly<Record<string, string>>>(USED) ?? {};
  }

  async #keep(used: Readonly<Record<string, string>>): Promise<void> {
    await this.#services.context.globalState.update(USED, used);
  }
}

function hashOf(config: McpServerConfig): string {
  return createHash('sha256').update(serverIdentity(config)).digest('hex');
}

async function confirmed(config: McpServerConfig): Promise<boolean> {
  const name = labelText(config.name, 40);
  const whole = visibleText(describeServer(config));
  const [question, button, detail] =
    config.kind === 'stdio'
      ? ([
          `Start the MCP server "${name}" on this machine?`,
          'Start Server',
          `${whole}\n\nIt runs with your rights, outside of this extension's gates, while local tools are on. Its tools are offered only when you tick them, and each call is asked about. You are not asked again for this very command line.`,
        ] as const)
      : ([
          `Connect to the MCP server "${name}" at ${new URL(placeOfServer(config)).host}?`,
          'Connect',
          `${whole}\n\nIt gets the arguments of the calls that you allow, and none of Sec-Gemini's keys. Its tools are offered only when you tick them. You are not asked again for this very address.`,
        ] as const);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
