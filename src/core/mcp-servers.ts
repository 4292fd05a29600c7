/** Tool servers (MCP) as the view shows them, and what may be added as one. Pure. Names, tools and addresses are untrusted text. */

import { SecGeminiError } from './errors.ts';
import type { McpServer, SessionMcpServer } from './model-agent.ts';
import type { Fact } from './session-facts.ts';
import { labelText } from './visible-text.ts';

/** A server in the view. `used`: the shown session uses it; undefined while no session is shown. */
export interface ServerEntry {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** The account holds it: it can be removed. */
  readonly inAccount: boolean;
  readonly used: boolean | undefined;
  /** As the session sees it; undefined when it does not use it. */
  readonly live: SessionMcpServer | undefined;
}

/** The account's servers, then those that only the session has. A server is told apart by its address: that is what a session names. */
export function serverEntries(
  account: readonly McpServer[],
  session: readonly SessionMcpServer[] | undefined,
): readonly ServerEntry[] {
  const known = new Set(account.map(({ url }) => url));
  const entry = (server: McpServer, inAccount: boolean): ServerEntry => {
    const live = session?.find(({ url }) => url === server.url);
    return {
      id: server.id,
      name: server.name,
      url: server.url,
      inAccount,
      used: session === undefined ? undefined : live !== undefined,
      live,
    };
  };
  return [
    ...account.map((server) => entry(server, true)),
    ...(session ?? []).filter(({ url }) => !known.has(url)).map((server) => entry(server, false)),
  ];
}

const STATES = {
  running: { icon: 'pass', words: 'running' },
  unreachable: { icon: 'warning', words: 'not reachable' },
  unknown: { icon: 'server', words: 'state unknown' },
} as const;

export interface ServerRow {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly facts: readonly Fact[];
  readonly contextValue: string;
  readonly accessibleLabel: string;
}

export function serverRow({ name, url, inAccount, used, live }: ServerEntry): ServerRow {
  const state = live === undefined ? undefined : STATES[live.state];
  const host = hostOf(url);
  const label = labelText(name === '' ? host : name, 80);
  const count = live?.tools.length ?? 0;
  const tools = count === 0 ? '' : `${count} ${count === 1 ? 'tool' : 'tools'}`;
  const where = [tools, host === label ? '' : host];
  const words = (parts: readonly string[]): string[] => parts.filter((part) => part !== '');
  // The icon says that it runs; a narrow side bar has no room for the word.
  const shown = words([live?.state === 'running' ? '' : (state?.words ?? ''), ...where]);
  return {
    label,
    description: shown.join(' · '),
    icon: state?.icon ?? 'server',
    facts: [
      ['Address', labelText(url, 500)],
      ...(state === undefined ? [] : [['State', state.words] as const]),
      ['Belongs to', inAccount ? 'your account' : 'this session only'],
    ],
    contextValue: inAccount ? 'server.account' : 'server.session',
    accessibleLabel: [
      `Tool server ${label}`,
      ...(used === true ? ['used by the session'] : []),
      ...words([state?.words ?? '', ...where]),
    ].join(', '),
  };
}

/** Host and port, in punycode; the whole text where it is no address. */
function hostOf(url: string): string {
  return labelText(URL.canParse(url) ? new URL(url).host : url, 80);
}

/** The name without spaces at its ends. Throws `invalidArgument` for one that a list would show wrongly. */
export function checkServerName(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= 80 && labelText(trimmed, 80) === trimmed) return trimmed;
  throw new SecGeminiError('invalidArgument', 'A tool server needs a name of one visible line.', {
    action: 'Use at most 80 letters, digits and signs.',
  });
}

/**
 * The address, normalised (its host in punycode). Throws `invalidArgument` for what is not https, carries a user or password, or names this
 * machine, which the service cannot reach: it is the service that will talk to it, not this editor.
 */
export function checkServerUrl(text: string): string {
  const refuse = (message: string, action: string): SecGeminiError =>
    new SecGeminiError('invalidArgument', message, { action });
  const trimmed = text.trim();
  if (!URL.canParse(trimmed))
    throw refuse('This is no address.', 'Write the whole address, e.g. https://tools.example.com/mcp.');
  const url = new URL(trimmed);
  if (url.protocol !== 'https:')
    throw refuse(`${labelText(url.protocol, 20)} addresses are not taken.`, 'Use an https address.');
  if (url.username !== '' || url.password !== '')
    throw refuse(
      'The address carries a user or a password.',
      'Leave them out: the address is shown in lists and records.',
    );
  if (isThisMachine(url.hostname))
    throw refuse(
      `${labelText(url.hostname, 60)} is this machine.`,
      'The service cannot reach it: use a public address.',
    );
  if (url.href.length > 2000) throw refuse('The address is too long.', 'Use at most 2000 characters.');
  url.hash = '';
  return url.href;
}

function isThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])\.?$/i.test(host);
}
