/**
 * One connection to one of the user's MCP servers, by the SDK; loaded with the first server. What the server says is untrusted: bounded here,
 * never executed, and it gets nothing of ours: no sampling, no roots, no questions to the user, no key.
 */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CallToolResultSchema,
  ListResourcesResultSchema,
  ListToolsResultSchema,
  ReadResourceResultSchema,
  ResourceListChangedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { formatBytes } from '../../../core/format.ts';
import { type ForeignInfo, type ForeignResource, MOST_OF_A_SOURCE } from '../../../core/tools/foreign.ts';
import { type HttpServer, type McpServerConfig, withEnvironment } from '../../../core/tools/mcp-config.ts';
import type { ToolArgs, ToolOutput } from '../../../core/tools/tool.ts';
import { StdioTransport } from './stdio.ts';

export interface McpEvents {
  readonly onClose: () => void;
  /** The server says that its lists are others now. */
  readonly onChanged: () => void;
  /** A line that it wrote for people. */
  readonly onSaid: (line: string) => void;
}

export interface McpLink {
  list(): Promise<{ readonly tools: readonly ForeignInfo[]; readonly resources: readonly ForeignResource[] }>;
  call(name: string, args: ToolArgs, signal: AbortSignal): Promise<ToolOutput>;
  read(uri: string, signal: AbortSignal): Promise<ToolOutput>;
  close(): Promise<void>;
  /** At once; what runs is cut. */
  kill(): void;
}

/** Milliseconds for the start and for each list. A first `npx` downloads. */
const START_MS = 60_000;
const LIST_MS = 20_000;
/** The runner's own limit comes first. */
const CALL_MS = 120_000;
const MOST_PAGES = 10;
/** Bytes of one answer by HTTP. */
const MOST_ANSWER = 16 * 1024 * 1024;

/** Rejects when the server cannot be started or does not speak MCP; nothing of it runs then. */
export async function openMcp(server: McpServerConfig, version: string, events: McpEvents): Promise<McpLink> {
  const client = new Client(
    { name: 'sec-gemini-vscode', version },
    {
      capabilities: {},
      // Results go to the agent as text; schemas of strangers are not compiled into code here.
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
      },
    },
  );
  const stdio = server.kind === 'stdio' ? new StdioTransport(server, events.onSaid) : undefined;
  const transport = stdio ?? httpTransport(server as HttpServer);
  const stop = new AbortController();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
  client.onclose = events.onClose;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => events.onChanged());
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => events.onChanged());
  const kill = (): void => {
    stop.abort();
    stdio?.kill();
    if (stdio === undefined) void client.close().catch(() => undefined);
  };
  try {
    await client.connect(transport, { timeout: START_MS });
  } catch (error) {
    kill();
    throw error;
  }
  const bound = (signal: AbortSignal): { signal: AbortSignal; timeout: number } => ({
    signal: AbortSignal.any([signal, stop.signal]),
    timeout: CALL_MS,
  });
  return {
    list: async () => {
      const has = client.getServerCapabilities() ?? {};
      return {
        tools: has.tools === undefined ? [] : await listTools(client),
        resources: has.resources === undefined ? [] : await listResources(client),
      };
    },
    call: async (name, args, signal) => {
      const result = await client.request(
        { method: 'tools/call', params: { name, arguments: { ...args } } },
        CallToolResultSchema,
        bound(signal),
      );
      const parts = result.content.map(partText);
      if (parts.length === 0 && result.structuredContent !== undefined)
        parts.push(JSON.stringify(result.structuredContent));
      return { text: parts.join('\n'), isError: result.isError === true };
    },
    read: async (uri, signal) => {
      const { contents } = await client.request(
        { method: 'resources/read', params: { uri } },
        ReadResourceResultSchema,
        bound(signal),
      );
      return { text: contents.map(contentText).join('\n') };
    },
    close: async () => {
      stop.abort();
      await client.close();
    },
    kill,
  };
}

async function listTools(client: Client): Promise<readonly ForeignInfo[]> {
  const found: ForeignInfo[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < MOST_OF_A_SOURCE; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'tools/list', params }, ListToolsResultSchema, { timeout: LIST_MS });
    for (const { name, title, description, inputSchema, annotations } of answer.tools)
      found.push({
        name,
        title: title ?? annotations?.title,
        description,
        inputSchema,
        annotations: known(annotations),
      });
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return found;
}

function known(
  annotations: Partial<
    Record<'readOnlyHint' | 'destructiveHint' | 'idempotentHint' | 'openWorldHint', boolean | undefined>
  > = {},
): NonNullable<ForeignInfo['annotations']> {
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  return {
    readOnlyHint: readOnlyHint === true,
    destructiveHint: destructiveHint !== false,
    idempotentHint: idempotentHint === true,
    openWorldHint: openWorldHint !== false,
  };
}

async function listResources(client: Client): Promise<readonly ForeignResource[]> {
  const found: ForeignResource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < MOST_OF_A_SOURCE; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'resources/list', params }, ListResourcesResultSchema, {
      timeout: LIST_MS,
    });
    for (const { uri, name, title, description, mimeType } of answer.resources)
      found.push({ uri, name: title ?? name, description, mimeType });
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return found;
}

type Part = Readonly<Record<string, unknown>> & { readonly type: string };

/** Text as it is; what is none is named with its size, and stays here. */
function partText(part: Part): string {
  const { type, text, data, mimeType, resource, uri } = part;
  if (type === 'text' && typeof text === 'string') return text;
  if (typeof data === 'string')
    return `[${type}, ${String(mimeType)}, ${formatBytes((data.length * 3) / 4)}: not handed on]`;
  if (type === 'resource' && typeof resource === 'object' && resource !== null)
    return contentText(resource as Parameters<typeof contentText>[0]);
  if (typeof uri === 'string') return `[link to the resource ${uri}]`;
  return `[${type}: not handed on]`;
}

function contentText(content: {
  readonly uri: string;
  readonly text?: unknown;
  readonly blob?: unknown;
  readonly mimeType?: string | undefined;
}): string {
  if (typeof content.text === 'string') return content.text;
  const size = typeof content.blob === 'string' ? formatBytes((content.blob.length * 3) / 4) : 'no content';
  return `[${content.uri}, ${content.mimeType ?? 'unknown type'}, ${size}: not handed on]`;
}

/** To the one origin of the setting: the SDK follows no redirect to another; this asks again at the last step, and bounds what comes back. */
function httpTransport(server: HttpServer): StreamableHTTPClientTransport {
  const url = new URL(server.url);
  const headers = withEnvironment(server.headers, process.env);
  return new StreamableHTTPClientTransport(url, {
    requestInit: { headers },
    fetch: async (target, init) => {
      if (new URL(String(target)).origin !== url.origin) throw new Error('The server led to another origin.');
      const response = await fetch(target, { ...init, redirect: 'manual' });
      return bounded(response);
    },
  });
}

function bounded(response: Response): Response {
  if (response.body === null || [204, 205, 304].includes(response.status)) return response;
  let total = 0;
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        total += chunk.byteLength;
        if (total > MOST_ANSWER) controller.error(new Error('The server says too much at once.'));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}
