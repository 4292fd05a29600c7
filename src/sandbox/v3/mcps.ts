/** Tool servers: the sandbox's own, and the addresses that an account adds. None of them is ever contacted. */
import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import * as z from 'zod/mini';
import { McpStatus } from '../../client/v3/gen/api_hub_pb.js';
import type { McpInfoSchema, McpServerSchema } from '../../client/v3/gen/api_hub_pb.js';
import { Refusal } from '../state/model.ts';
import type { Store } from '../state/store.ts';

type McpInfo = MessageInitShape<typeof McpInfoSchema>;
type McpServer = MessageInitShape<typeof McpServerSchema>;

/** Reaches the connected editor. */
export const BYOT_URI = 'https://byot.sandbox.invalid/mcp';
export const SKILLS_URI = 'https://skills.sandbox.invalid/mcp';
const INSPECTION_URI = 'https://inspection.sandbox.invalid/mcp';

interface Server {
  readonly id: string;
  readonly name: string;
  readonly uri: string;
}

const BUILT_IN: readonly Server[] = [
  { id: 'mcp-byot', name: 'Bring Your Own Tools', uri: BYOT_URI },
  { id: 'mcp-inspection', name: 'Local inspection', uri: INSPECTION_URI },
  { id: 'mcp-skills', name: 'Skills', uri: SKILLS_URI },
];

/** What a new session has. */
export const DEFAULT_MCPS: readonly string[] = BUILT_IN.map(({ uri }) => uri);

const INSPECTION_TOOLS = [
  { name: 'list_files', description: 'Names and sizes of the attached files.' },
  { name: 'inspect_file', description: 'Hashes, type, secrets, indicators and risky patterns of one attached file.' },
];

const MOST_SERVERS = 100;
const MOST_URI = 2048;
const KEY = 'mcp:';
const keptSchema = z.object({ id: z.string(), name: z.string(), uri: z.string(), reqId: z._default(z.string(), '') });

const isAddress = (uri: string): boolean => uri.length <= MOST_URI && /^https?:\/\//.test(uri) && URL.canParse(uri);

function added(store: Store, user: string): z.output<typeof keptSchema>[] {
  return [...store.kept(user)].flatMap(([key, value]) => (key.startsWith(KEY) ? [keptSchema.parse(value)] : []));
}

export function userMcps(store: Store, user: string): McpServer[] {
  return [...BUILT_IN, ...added(store, user)].map(({ id, name, uri }) => ({ id, name, uri }));
}

/** The same request gives the same server again. Throws Refusal 400 or 429. */
export function addMcp(store: Store, user: string, name: string, uri: string, reqId: string): McpServer {
  const known = added(store, user);
  const same = reqId === '' ? undefined : known.find((server) => server.reqId === reqId);
  if (same !== undefined) return { id: same.id, name: same.name, uri: same.uri };
  if (name.trim() === '' || name.length > 200 || !isAddress(uri)) throw new Refusal(400, 'A name and a URL are needed');
  if (known.length >= MOST_SERVERS) throw new Refusal(429, `At most ${MOST_SERVERS} tool servers`);
  const id = randomUUID();
  store.keep(user, `${KEY}${id}`, { id, name, uri, reqId });
  return { id, name, uri };
}

/** False when there is none of this id, or it is the sandbox's own. */
export function removeMcp(store: Store, user: string, id: string): boolean {
  if (!store.kept(user).has(`${KEY}${id}`)) return false;
  store.keep(user, `${KEY}${id}`, undefined);
  return true;
}

/** The list as it is kept. Throws Refusal 400 for what is no URL. */
export function checkMcps(uris: readonly string[]): string[] {
  if (uris.length > MOST_SERVERS || !uris.every(isAddress)) throw new Refusal(400, 'The list has to hold URLs');
  return [...new Set(uris)];
}

/** A session's servers; `clientTools` are what the connected clients offer. */
export function sessionMcps(
  store: Store,
  user: string,
  uris: readonly string[],
  clientTools: readonly { readonly name: string; readonly description: string }[],
): McpInfo[] {
  const known = [...BUILT_IN, ...added(store, user)];
  const tools = new Map([
    [BYOT_URI, clientTools],
    [INSPECTION_URI, INSPECTION_TOOLS],
  ]);
  return uris.map((uri) => {
    const { id, name } = known.find((server) => server.uri === uri) ?? { id: '', name: uri };
    const isOwn = DEFAULT_MCPS.includes(uri);
    const status = isOwn ? McpStatus.MCP_RUNNING : McpStatus.MCP_UNREACHABLE;
    const list = (tools.get(uri) ?? []).map((tool) => ({ name: tool.name, description: tool.description }));
    return { id, name, uri, status, tools: list, skills: [] };
  });
}
