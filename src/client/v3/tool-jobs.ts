/** A job of the tool hub and its answer: JSON text in and out, every error a CallToolResult. Nothing here throws (protocol/v3.md). */

import * as z from 'zod/mini';
import type { ToolServer } from '../../core/client-agent.ts';
import { spellingsOf } from '../../core/tools/registry.ts';
import type { ToolResult } from '../../core/tools/call.ts';
import { READ_RESOURCE } from '../../core/tools/resource-tool.ts';
import { toMcpTool } from '../../core/tools/tool.ts';
import { FRAME_LIMITS, parseJson } from '../json.ts';
import { RequestType } from './gen/byot_pb.js';
import type { JobRequest } from './gen/byot_pb.js';

/** Characters of a job's data; a call's arguments are bounded again where they are read. */
const MOST_DATA = 256 * 1024;

export interface JobPorts {
  readonly server: ToolServer;
  /** The name that this client registered with: tool names may carry it as a prefix. */
  readonly registered: string;
  readonly destination: string;
  readonly signal: AbortSignal;
  /** Too many jobs run already. */
  readonly busy: boolean;
}

export interface JobAnswer {
  /** JSON text; `pong` for a ping. */
  readonly content: string;
  readonly settle: ToolResult['settle'];
}

/** Characters of a job that names a resource. */
const MOST_URI = 4096;

const uriSchema = z.looseObject({ uri: z.string() });
const callSchema = z.looseObject({
  name: z.string().check(z.minLength(1), z.maxLength(512)),
  arguments: z.optional(z.unknown()),
});

/** Never rejects. */
export async function answerJob(job: JobRequest, ports: JobPorts): Promise<JobAnswer> {
  switch (job.requestType) {
    case RequestType.PING:
      return plain('pong');
    case RequestType.LIST_TOOLS:
      return plain(JSON.stringify(ports.server.tools().map(toMcpTool)));
    case RequestType.LIST_RESOURCES:
      return plain(JSON.stringify(ports.server.resources?.() ?? []));
    case RequestType.READ_RESOURCE:
      return readResource(job, ports);
    case RequestType.CALL_TOOL:
      return callTool(job, ports);
    case RequestType.REQUEST_TYPE_UNKNOWN:
    default:
      return failure('This client does not know what is asked of it.');
  }
}

async function callTool(
  job: JobRequest,
  { server, registered, destination, signal, busy }: JobPorts,
): Promise<JobAnswer> {
  if (busy) return failure('Too many calls run at once; call again when some are answered.');
  let call: z.output<typeof callSchema>;
  try {
    if (job.requestData.length > MOST_DATA) return failure('The call is too long.');
    call = callSchema.parse(parseJson(job.requestData, FRAME_LIMITS));
  } catch {
    return failure('The call cannot be read: {"name": …, "arguments": {…}} is wanted.');
  }
  const { text, isError, settle } = await server.call({
    id: job.jobId,
    names: spellingsOf(call.name, registered),
    args: call.arguments,
    destination,
    signal,
  });
  return { content: resultOf(text, isError), settle };
}

/** `{"uri": …}`, or the address as it is or as JSON text. Reading is a call like any other: the user is asked. */
async function readResource(job: JobRequest, { server, destination, signal, busy }: JobPorts): Promise<JobAnswer> {
  if (busy) return failure('Too many calls run at once; call again when some are answered.');
  const uri = uriOf(job.requestData);
  const resource = server.resources?.().find((each) => each.uri === uri);
  if (uri === undefined || resource === undefined) return failure('There is no such resource here.');
  const { text, isError, settle } = await server.call({
    id: job.jobId,
    names: [READ_RESOURCE],
    args: { uri },
    destination,
    signal,
  });
  if (isError) return { content: resultOf(text, true), settle };
  return { content: JSON.stringify({ contents: [{ uri, mimeType: resource.mimeType, text }] }), settle };
}

function uriOf(data: string): string | undefined {
  if (data.length > MOST_URI) return undefined;
  const first = data.trimStart()[0];
  if (first !== '{' && first !== '"') return data.trim();
  try {
    const named = parseJson(data, FRAME_LIMITS);
    return typeof named === 'string' ? named : uriSchema.parse(named).uri;
  } catch {
    return undefined;
  }
}

function plain(content: string): JobAnswer {
  return { content, settle: () => undefined };
}

function failure(text: string): JobAnswer {
  return plain(resultOf(text, true));
}

function resultOf(text: string, isError: boolean): string {
  return JSON.stringify({ content: [{ type: 'text', text }], isError });
}
