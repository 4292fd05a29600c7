/** One of the user's MCP servers as a source of tools: started when it is wanted, back by itself after a fall, gone with the window. */

import type { Disposable } from '../../../core/disposable.ts';
import { Emitter, type Event } from '../../../core/emitter.ts';
import { SecGeminiError } from '../../../core/errors.ts';
import type { Log } from '../../../core/log.ts';
import type { ForeignInfo, ForeignResource, ForeignSource, SourceState } from '../../../core/tools/foreign.ts';
import { type McpServerConfig, placeOfServer, prefixOf } from '../../../core/tools/mcp-config.ts';
import type { ToolArgs, ToolContext, ToolOutput } from '../../../core/tools/tool.ts';
import { labelText } from '../../../core/visible-text.ts';
import type { McpEvents, McpLink } from './link.ts';

export interface McpSourcePorts {
  readonly open: (server: McpServerConfig, events: McpEvents) => Promise<McpLink>;
  readonly log: Log;
  readonly now: () => number;
  /** Calls once after the time; what it returns takes that back. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** In a row; then only the user starts it again. */
const MOST_FALLS = 5;
/** A server that ran so long is not blamed for what was before. */
const PROVEN_MS = 60_000;

export class McpSource implements ForeignSource, Disposable {
  readonly config: McpServerConfig;
  readonly id: string;
  readonly label: string;
  readonly place: string;
  readonly prefix: string;
  readonly #ports: McpSourcePorts;
  readonly #changed = new Emitter<void>();
  #state: SourceState = { kind: 'off', words: 'not started' };
  #link: McpLink | undefined;
  #tools: readonly ForeignInfo[] = [];
  #resources: readonly ForeignResource[] = [];
  #falls = 0;
  #upSince = 0;
  #cancelRetry: () => void = () => undefined;
  /** Rises with every start and stop: what an older one still says is for nobody. */
  #era = 0;

  constructor(config: McpServerConfig, ports: McpSourcePorts) {
    this.config = config;
    this.#ports = ports;
    this.id = `mcp:${config.name}`;
    // One that is elsewhere is named with its host wherever it is named.
    this.label = `MCP server ${config.name}${config.kind === 'http' ? ` at ${new URL(config.url).host}` : ''}`;
    this.place = placeOfServer(config);
    this.prefix = prefixOf(config.name);
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  get state(): SourceState {
    return this.#state;
  }

  tools(): readonly ForeignInfo[] {
    return this.#tools;
  }

  resources(): readonly ForeignResource[] {
    return this.#resources;
  }

  /** Starts it, anew when it runs. The caller has asked the user. Never rejects: the state says how it went. */
  async start(): Promise<void> {
    this.stop();
    this.#falls = 0;
    await this.#open();
  }

  /** At once, with whatever runs. */
  stop(): void {
    this.#era += 1;
    this.#cancelRetry();
    this.#link?.kill();
    this.#link = undefined;
    this.#tools = [];
    this.#resources = [];
    this.#set({ kind: 'off', words: 'stopped' });
  }

  async call(name: string, args: ToolArgs, { signal }: ToolContext): Promise<ToolOutput> {
    return this.#said(this.#mustRun().call(name, args, signal));
  }

  async read(uri: string, { signal }: ToolContext): Promise<ToolOutput> {
    return this.#said(this.#mustRun().read(uri, signal));
  }

  dispose(): void {
    this.stop();
    this.#changed.dispose();
  }

  #mustRun(): McpLink {
    if (this.#link !== undefined) return this.#link;
    throw new SecGeminiError('unavailable', `The ${this.label} is not running.`, { action: 'The user can start it.' });
  }

  /** A protocol error of the server is told to the agent in the server's own words, bounded. */
  async #said(answer: Promise<ToolOutput>): Promise<ToolOutput> {
    try {
      return await answer;
    } catch (error) {
      throw new SecGeminiError('unavailable', `The ${this.label} answered with an error: ${words(error)}`, {
        action: 'Try another call.',
      });
    }
  }

  async #open(): Promise<void> {
    const era = (this.#era += 1);
    const { open, log, now } = this.#ports;
    this.#set({ kind: 'starting', words: 'starting' });
    log.info(`${this.label}: starting ${this.place}`);
    try {
      const link = await open(this.config, {
        onClose: () => this.#fell(era, 'it ended'),
        onChanged: () => void this.#list(era).catch((error: unknown) => this.#fell(era, words(error))),
        onSaid: (line) => log.info(`${this.label}: ${line}`),
      });
      if (era !== this.#era) return link.kill();
      this.#link = link;
      await this.#list(era);
      if (era !== this.#era) return;
      this.#upSince = now();
      this.#set({ kind: 'ready', words: 'connected' });
    } catch (error) {
      this.#fell(era, words(error));
    }
  }

  async #list(era: number): Promise<void> {
    const link = this.#link;
    if (link === undefined || era !== this.#era) return;
    const { tools, resources } = await link.list();
    if (era !== this.#era) return;
    this.#tools = tools;
    this.#resources = resources;
    this.#changed.fire();
  }

  #fell(era: number, why: string): void {
    if (era !== this.#era) return;
    const { log, now, after } = this.#ports;
    this.#era += 1;
    if (this.#state.kind === 'ready' && now() - this.#upSince >= PROVEN_MS) this.#falls = 0;
    this.#link?.kill();
    this.#link = undefined;
    this.#tools = [];
    this.#resources = [];
    this.#falls += 1;
    log.warn(`${this.label}: ${why}`);
    if (this.#falls >= MOST_FALLS) {
      this.#set({ kind: 'failed', words: `failed ${this.#falls} times: ${labelText(why, 120)}` });
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#falls - 1));
    this.#cancelRetry = after(wait, () => void this.#open());
    this.#set({ kind: 'waiting', words: `${labelText(why, 120)}; next try in ${Math.round(wait / 1000)} s` });
  }

  #set(state: SourceState): void {
    this.#state = state;
    this.#changed.fire();
  }
}

function words(error: unknown): string {
  const said = error instanceof Error ? error.message : 'it failed';
  return labelText(said === '' ? 'it failed' : said, 300);
}
