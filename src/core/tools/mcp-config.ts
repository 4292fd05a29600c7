/**
 * The user's own MCP servers as `secGemini.mcpServers` names them: the shape of VS Code's mcp.json, checked before anything is started. Pure.
 *
 * ```json
 * { "notes": { "command": "node", "args": ["notes.js"], "env": { "TOKEN": "${env:NOTES_TOKEN}" } },
 *   "docs": { "url": "https://docs.example.com/mcp", "headers": { "Authorization": "Bearer ${env:DOCS_TOKEN}" } } }
 * ```
 */

import * as z from 'zod/mini';
import { isLoopback } from '../endpoint.ts';
import { own } from '../own.ts';
import { hasHiddenCharacters, labelText } from '../visible-text.ts';
import { inWords } from '../zod-words.ts';

interface Named {
  readonly name: string;
}

export interface StdioServer extends Named {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string | undefined;
}

export interface HttpServer extends Named {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type McpServerConfig = StdioServer | HttpServer;

export interface McpConfig {
  readonly servers: readonly McpServerConfig[];
  /** What was left out and why, a sentence each. */
  readonly problems: readonly string[];
}

const MOST_SERVERS = 20;
/** Part of the names of its tools: one `_` at a time keeps `NAME__TOOL` clear. */
const NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/i;
/** Those of this extension never go to a server. */
const OURS = /^SEC_GEMINI_/i;

const text = z.string().check(z.maxLength(4000));
const texts = z.record(z.string().check(z.minLength(1), z.maxLength(200)), text);
const stdio = z.strictObject({
  type: z.optional(z.literal('stdio')),
  command: text.check(z.minLength(1)),
  args: z._default(z.array(text).check(z.maxLength(100)), []),
  env: z._default(texts, {}),
  cwd: z.optional(text),
});
const http = z.strictObject({
  type: z.optional(z.enum(['http', 'streamableHttp'])),
  url: text.check(z.minLength(1)),
  headers: z._default(texts, {}),
});

/** Never throws: what does not fit is left out and named. */
export function readMcpConfig(value: unknown): McpConfig {
  const servers: McpServerConfig[] = [];
  const problems: string[] = [];
  if (value === undefined || value === null) return { servers, problems };
  if (typeof value !== 'object' || Array.isArray(value))
    return {
      servers,
      problems: ['secGemini.mcpServers is to be an object: a name, and what to start or where to connect.'],
    };
  const prefixes = new Set<string>();
  for (const [name, entry] of Object.entries(value).slice(0, MOST_SERVERS)) {
    const read = serverOf(name, entry);
    const prefix = prefixOf(name);
    if (typeof read === 'string') problems.push(`${labelText(name, 40)}: ${read}`);
    else if (prefixes.has(prefix)) problems.push(`${labelText(name, 40)}: another server has this name already.`);
    else {
      prefixes.add(prefix);
      servers.push(read);
    }
  }
  if (Object.keys(value).length > MOST_SERVERS) problems.push(`Only the first ${MOST_SERVERS} servers are used.`);
  return { servers, problems };
}

function serverOf(name: string, entry: unknown): McpServerConfig | string {
  if (name.length > 24 || !NAME.test(name))
    return 'a name has at most 24 letters and digits, with single "-" or "_" between them.';
  const isHttp = typeof entry === 'object' && entry !== null && 'url' in entry;
  const parsed = (isHttp ? http : stdio).safeParse(entry, inWords);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'does not fit' };
    return `${path.length === 0 ? '' : `${path.join('.')}: `}${message}; "command" or "url" is wanted.`;
  }
  if ('url' in parsed.data) return httpServer(name, parsed.data);
  const { command, args, env, cwd } = parsed.data;
  if (
    [command, ...args, cwd ?? '', ...Object.keys(env)].some((part) => part.includes('\0') || hasHiddenCharacters(part))
  )
    return 'its command line holds hidden characters.';
  const ours = Object.keys(env).find((key) => OURS.test(key));
  if (ours !== undefined) return `env.${labelText(ours, 60)}: what belongs to this extension is not handed on.`;
  if (cwd !== undefined && !/^(\/|[a-z]:[\\/])/i.test(cwd)) return 'cwd: an absolute path is wanted.';
  return { kind: 'stdio', name, command, args, env, cwd };
}

function httpServer(name: string, { url: address, headers }: z.output<typeof http>): HttpServer | string {
  if (!URL.canParse(address)) return 'url: this is no address.';
  const url = new URL(address);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname)))
    return 'url: https is wanted (http only to this machine).';
  if (url.username !== '' || url.password !== '') return 'url: leave out user and password; use a header.';
  for (const [key, value] of Object.entries(headers))
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/i.test(key) || /[\r\n\0]/.test(value))
      return `headers: ${labelText(key, 60)} is none.`;
  url.hash = '';
  return { kind: 'http', name, url: url.href, headers };
}

/** What the names of a server's tools begin with. */
export function prefixOf(name: string): string {
  return `mcp_${name.replaceAll('-', '_').toLowerCase()}`;
}

/** With `${env:NAME}` filled in. Throws nothing: a name that is not set is an empty text, and ours are never read. */
export function withEnvironment(
  texts: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [
      key,
      value.replace(/\$\{env:([a-z_][a-z0-9_]*)\}/gi, (_, name: string) =>
        OURS.test(name) ? '' : (own(environment, name) ?? ''),
      ),
    ]),
  );
}

/** Where it runs or is, for people: the whole command line, or the address. Every argument is told apart from its neighbours. */
export function placeOfServer(server: McpServerConfig): string {
  return server.kind === 'http'
    ? server.url
    : [server.command, ...server.args]
        .map((part) => (/^[\w@%+=:,./\\-]+$/.test(part) ? part : JSON.stringify(part)))
        .join(' ');
}

/** Everything that decides what is started, for the question: variables with their values, as they may be code; of headers the names. */
export function describeServer(server: McpServerConfig): string {
  const lines = [placeOfServer(server)];
  if (server.kind === 'stdio') {
    if (server.cwd !== undefined) lines.push(`In the folder ${server.cwd}`);
    const names = Object.entries(server.env).map(([key, value]) => `${key}=${value}`);
    lines.push(names.length === 0 ? 'Without variables of its own' : `With ${names.join(', ')}`);
  } else {
    const names = Object.keys(server.headers);
    lines.push(names.length === 0 ? 'Without headers of its own' : `With the headers ${names.join(', ')}`);
  }
  return lines.join('\n');
}

/** All of it in one text, to be hashed: another one is asked about anew. */
export function serverIdentity(server: McpServerConfig): string {
  const sorted = (texts: Readonly<Record<string, string>>): unknown =>
    Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(
    server.kind === 'http'
      ? ['http', server.name, server.url, sorted(server.headers)]
      : ['stdio', server.name, server.command, server.args, sorted(server.env), server.cwd ?? ''],
  );
}
