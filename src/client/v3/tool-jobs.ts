/** A job of the tool hub and its answer: JSON text in and out, every error a CallToolResult. Nothing here throws (protocol/v3.md). */

import * as z from 'zod';
import type { ToolServer } from '../../core/client-agent.ts';
import { spellingsOf } from '../../core/tools/registry.ts';
import type { ToolResult } from '../../core/tools/call.ts';
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

const callSchema = z.looseObject({ name: z.string().min(1).max(512), arguments: z.unknown().optional() });

/** Never rejects. */
export async function answerJob(job: JobRequest, ports: JobPorts): Promise<JobAnswer> {
  switch (job.requestType) {
    case RequestType.PING:
      return plain('pong');
    case RequestType.LIST_TOOLS:
      return plain(JSON.stringify(ports.server.tools().map(toMcpTool)));
    case RequestType.LIST_RESOURCES:
      return plain('[]');
    case RequestType.READ_RESOURCE:
      return failure('There are no resources here.');
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

function plain(content: string): JobAnswer {
  return { content, settle: () => undefined };
}

function failure(text: string): JobAnswer {
  return plain(resultOf(text, true));
}

function resultOf(text: string, isError: boolean): string {
  return JSON.stringify({ content: [{ type: 'text', text }], isError });
}
