/** Local tools on v1: a session names them to the service, and calls come on its own stream (protocol/v1.md, "Local tools"). */

import type { SessionTools, ToolServer } from '../../core/client-agent.ts';
import type { CallOptions } from '../../core/client.ts';
import type { ToolDefinition } from '../../core/tools/tool.ts';
import type { Api } from './api.ts';
import type { Context } from './http.ts';
import type { Link } from './link.ts';
import { toolResultMessage } from './query.ts';
import { wireSchema } from './tool-schema.ts';
import type { ToolCall } from './turn.ts';

const NOT_OFFERED = 'This client does not offer that tool.';

export class V1SessionTools implements SessionTools {
  readonly #context: Context;
  readonly #api: Api;
  /** What each connection has asked already: a frame that comes twice is answered once. */
  readonly #asked = new WeakMap<Link, Set<string>>();
  #server: ToolServer | undefined;

  constructor(context: Context, api: Api) {
    this.#context = context;
    this.#api = api;
  }

  async offer(sessionId: string, tools: readonly ToolDefinition[], options: CallOptions = {}): Promise<void> {
    const wire = tools.map(({ name, description, inputSchema }) => ({
      name,
      // An empty one is refused, with all the others.
      description: description.trim() === '' ? name : description,
      parameters: wireSchema(inputSchema),
    }));
    await this.#api.offerTools(sessionId, wire, options.signal);
  }

  serve(server: ToolServer | undefined): void {
    this.#server = server;
  }

  /** Answers a call on the connection that it came by. When that is gone, the service asks again on the next, with the same id. */
  take(sessionId: string, call: ToolCall, link: Link): void {
    const asked = this.#asked.get(link) ?? new Set();
    this.#asked.set(link, asked);
    if (asked.has(call.id)) return;
    asked.add(call.id);
    void this.#answer(sessionId, call, link);
  }

  async #answer(sessionId: string, call: ToolCall, link: Link): Promise<void> {
    const { clock, endpoint } = this.#context;
    const result = await this.#server?.call({
      id: call.id,
      names: [call.name],
      args: call.args,
      sessionId,
      destination: endpoint.origin,
      signal: link.closed,
    });
    const { text, isError } = result ?? { text: NOT_OFFERED, isError: true };
    const isSent = link.send(JSON.stringify(toolResultMessage(clock, call, text, isError)));
    result?.settle(isSent ? 'sent' : 'failed');
  }
}
