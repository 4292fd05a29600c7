/**
 * Bring your own tools: the clients of each account, by the name they registered with. A name that registers again is served by its newest
 * connection; when that closes, by the one before, if it is still there.
 */
import { RequestType } from '../../client/v3/gen/byot_pb.js';
import type { ToolAnswer } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import { ToolClient } from './client.ts';
import type { HubMessage } from './client.ts';
import { resourceText, resultOf } from './mcp.ts';
import type { HubResource, HubTool } from './mcp.ts';

/** A client that said nothing for so long is forgotten. */
const FORGET_MS = 90_000;
/** After half of that it is asked whether it is still there. */
const ASK_MS = 45_000;
const LIST_MS = 20_000;
/** A client's user may think about a call for five minutes; the client's own "no" comes before this. */
const CALL_MS = 330_000;
/** A client that lost its connection in a call that may be repeated has so long to come back. */
const RETURN_MS = 30_000;
const MOST_CLIENTS = 32;

export interface ClientView {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly lastSeen: number;
  readonly isActive: boolean;
  readonly tools: readonly HubTool[];
}

interface Found {
  readonly client: ToolClient;
  readonly tool: HubTool;
}

interface Entry {
  /** Oldest first; the last one serves. */
  readonly connected: ToolClient[];
  lastSeen: number;
  tools: readonly HubTool[];
  forget: () => void;
}

export class ToolHub {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #returns = new Set<() => void>();
  #registered = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws Refusal 400 for a name that is none, 429 when the account has too many clients. */
  register(user: string, name: string, send: (message: HubMessage) => void, end: () => void): ToolClient {
    if (name.trim() === '' || name.length > 200) throw new Refusal(400, 'A tool client needs a name.');
    const entries = this.#entries.get(user) ?? new Map<string, Entry>();
    if (entries.size >= MOST_CLIENTS && !entries.has(name))
      throw new Refusal(429, `Too many tool clients: at most ${MOST_CLIENTS}.`);
    const client = new ToolClient({ user, name, order: this.#registered++ }, this.#clock, send);
    const entry = entries.get(name) ?? { connected: [], lastSeen: 0, tools: [], forget: () => undefined };
    entry.forget();
    entry.connected.push(client);
    entry.lastSeen = client.lastSeen;
    this.#entries.set(user, entries.set(name, entry));
    this.#watch(client, end);
    void client.refresh(LIST_MS).then((tools) => (entry.tools = tools));
    for (const tell of this.#returns) tell();
    return client;
  }

  /** The client's connection is gone. */
  leave(client: ToolClient): void {
    client.leave();
    const entries = this.#entries.get(client.user);
    const entry = entries?.get(client.name);
    if (entries === undefined || entry === undefined || !entry.connected.includes(client)) return;
    entry.connected.splice(entry.connected.indexOf(client), 1);
    entry.lastSeen = Math.max(entry.lastSeen, client.lastSeen);
    if (entry.connected.length > 0) return;
    entry.forget = this.#clock.after(FORGET_MS, () => {
      entries.delete(client.name);
      if (entries.size === 0) this.#entries.delete(client.user);
    });
  }

  /** Those connected, the one that registered last first. */
  active(user: string): ToolClient[] {
    return [...(this.#entries.get(user)?.values() ?? [])]
      .flatMap(({ connected }) => connected.slice(-1))
      .sort((a, b) => b.order - a.order);
  }

  /** `refresh` asks every connected client for its tools first. */
  async list(user: string, refresh: boolean): Promise<ClientView[]> {
    const clients = this.active(user);
    await Promise.all(
      clients.map(async (client) => {
        if (refresh || client.tools === undefined) await client.refresh(LIST_MS);
      }),
    );
    return [...(this.#entries.get(user) ?? [])].map(([name, entry]) => {
      const client = entry.connected.at(-1);
      if (client?.tools !== undefined) entry.tools = client.tools;
      const lastSeen = Math.max(entry.lastSeen, client?.lastSeen ?? 0);
      return { name, lastSeen, isActive: client !== undefined, tools: entry.tools };
    });
  }

  /** Names by which a tool can be called: its own, and with its client's name before it. */
  toolNames(user: string): string[] {
    const pairs = this.active(user).flatMap(({ name, tools }) => (tools ?? []).map((tool) => [name, tool.name]));
    return [...new Set([...pairs.map(([, tool]) => tool ?? ''), ...pairs.map((pair) => pair.join('_'))])];
  }

  /** Asks what may have changed, and what was never told; waits `patienceMs` at most. */
  async prepare(user: string, patienceMs: number): Promise<void> {
    await Promise.all(this.active(user).map((client) => client.refresh(patienceMs)));
  }

  async resources(user: string): Promise<(HubResource & { readonly client: ToolClient })[]> {
    const lists = await Promise.all(
      this.active(user).map(async (client) =>
        (await client.resources(5_000)).map((resource) => ({ ...resource, client })),
      ),
    );
    return lists.flat();
  }

  /** The text of a client's resource; undefined when it gave none. Its user may be asked, as for a call. */
  async readResource(client: ToolClient, uri: string): Promise<string | undefined> {
    const outcome = await client.job(RequestType.READ_RESOURCE, JSON.stringify({ uri }), CALL_MS);
    return typeof outcome === 'object' ? resourceText(outcome.content) : undefined;
  }

  mayRepeat(user: string, name: string): boolean {
    return this.#find(user, name)?.tool.mayRepeat === true;
  }

  /** Calls a tool by one of its names. Never rejects: what goes wrong is an answer that is an error. */
  async call(user: string, name: string, args: Record<string, unknown>): Promise<ToolAnswer> {
    const error = (text: string): ToolAnswer => ({ text, isError: true });
    for (let attempt = 0; attempt < 2; attempt++) {
      const found = this.#find(user, name) ?? (attempt === 0 ? undefined : await this.#comesBack(user, name));
      if (found === undefined) return error(`No connected client offers a tool called ${name}.`);
      const data = JSON.stringify({ name, arguments: args });
      const outcome = await found.client.job(RequestType.CALL_TOOL, data, CALL_MS);
      if (typeof outcome === 'object') return resultOf(outcome.content);
      if (outcome === 'late') return error('The tool did not answer in time.');
      if (!found.tool.mayRepeat)
        return error('The connection to the client was lost while the tool ran; it is not called again.');
    }
    return error('The connection to the client was lost while the tool ran.');
  }

  /** Forgets everybody; for the end of the process. */
  close(): void {
    for (const entries of this.#entries.values())
      for (const { connected, forget } of entries.values()) {
        forget();
        for (const client of connected) client.leave();
      }
    this.#entries.clear();
  }

  #find(user: string, name: string): Found | undefined {
    const clients = this.active(user);
    for (const spell of [
      (_: ToolClient, tool: string) => tool,
      (client: ToolClient, tool: string) => `${client.name}_${tool}`,
    ])
      for (const client of clients) {
        const tool = client.tools?.find((other) => spell(client, other.name) === name);
        if (tool !== undefined) return { client, tool };
      }
    return undefined;
  }

  /** Waits until somebody who offers the tool is there again; undefined when nobody came in time. */
  async #comesBack(user: string, name: string): Promise<Found | undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    let late = false;
    const forget = this.#clock.after(RETURN_MS, () => {
      late = true;
      resolve();
    });
    try {
      for (let found = this.#find(user, name); ; found = this.#find(user, name)) {
        if (found !== undefined || late) return found;
        const next = Promise.withResolvers<void>();
        this.#returns.add(next.resolve);
        await Promise.race([promise, next.promise]);
        this.#returns.delete(next.resolve);
        await this.prepare(user, LIST_MS);
      }
    } finally {
      forget();
    }
  }

  /** Ends a connection over which nothing came for too long, after asking once. */
  #watch(client: ToolClient, end: () => void): void {
    const check = (): void => {
      if (client.isGone) return;
      const silent = this.#clock.now() - client.lastSeen;
      if (silent >= FORGET_MS) {
        end();
        return;
      }
      if (silent >= ASK_MS) void client.job(RequestType.PING, '', FORGET_MS - ASK_MS);
      this.#clock.after(silent >= ASK_MS ? FORGET_MS - silent : ASK_MS - silent, check);
    };
    this.#clock.after(ASK_MS, check);
  }
}
