// The rows of the README's table of sessions: what can be done, and how on each protocol. The tests in test/host/api prove them, a part each.

/** `native`: the service does it. `ours`: done on this machine, and said so. `none`: not on this protocol; the test shows the refusal. */
export type Way = 'native' | 'ours' | 'none';

export interface SessionRow {
  readonly title: string;
  /** By the words of the table: v1's way, v3's way. */
  readonly parts: Readonly<Record<string, readonly [v1: Way, v3: Way]>>;
}

const native = ['native', 'native'] as const;
const ours = ['ours', 'ours'] as const;
const onlyV1 = ['native', 'none'] as const;
const onlyV3 = ['none', 'native'] as const;

/** In the order of the table. */
export const SESSION_ROWS = {
  create: {
    title: 'create, update, resume, delete',
    parts: {
      'create, update, resume, delete': native,
      description: ['native', 'ours'],
      'time to live': onlyV1,
      'without logging': native,
    },
  },
  feedback: {
    title: 'feedback, bug report',
    parts: { feedback: ['native', 'ours'], 'bug report': ['native', 'ours'] },
  },
  query: {
    title: 'query with status, usage and text',
    parts: { query: native, 'answer as a read-only document': ours },
  },
  history: {
    title: 'history, message tree, session details, messages',
    parts: { history: native, 'typed messages': native, 'message tree': ours, 'session details': ours },
  },
  session: {
    title: 'files at creation, close, temporary session',
    parts: { 'files at creation': ours, 'close and open again': ours, 'temporary session': ours },
  },
  send: {
    title: 'send and stream, with options',
    parts: {
      'send and stream': native,
      'detailed analysis': ['ours', 'native'],
      'files that must be used': ours,
      'reasoning shown or hidden': ours,
    },
  },
  list: {
    title: 'list, iterate, delete and archive many',
    parts: { 'list and iterate': native, 'filter and sort': ours, 'delete many': ours, 'archive many': onlyV3 },
  },
  files: {
    title: 'which files a session uses (all, selected)',
    parts: { 'all or selected': ours, 'at most 100': ours },
  },
  search: {
    title: 'find attachments in all sessions',
    parts: { 'by name, type and hash': ours, 'by text': ours, preview: ours },
  },
  domain: {
    title: 'knowledge domain',
    parts: { 'text and questions': ours, 'agent, mode and skills': onlyV3, 'own domains': ours },
  },
  instructions: {
    title: 'custom system prompt (default, append, replace, variables)',
    parts: { 'first block of the prompt': ours, limits: ours, 'forced skill': onlyV3 },
  },
  export: {
    title: 'export, import',
    parts: {
      'JSON, Markdown, HTML': ours,
      import: ours,
      'secrets masked': ours,
      'chosen messages': ours,
      '5,000 messages': ours,
    },
  },
  fork: { title: 'fork (message index, title)', parts: { fork: ours } },
  rewind: { title: 'rewind (last message to keep, clean up media)', parts: { rewind: ours } },
  cancel: {
    title: 'cancel, retries, errors',
    parts: { cancel: ['ours', 'native'], 'retry policy': ours, 'errors with words and action': native },
  },
  connect: {
    title: 'connect, disconnect, terminate',
    parts: { 'connect, disconnect, is connected': ours, terminate: ours, 'offline reading': ours },
  },
  many: {
    title: 'send text, path, bytes, file; many files',
    parts: { 'text, path, bytes, file': native, 'a question for each file': ours, 'pause and cancel': ours },
  },
  listen: { title: 'listen with a bounded queue', parts: { 'by type': ours, 'overflow told once': ours } },
  events: {
    title: 'event types',
    parts: {
      'messages, streaming, tools, thinking': native,
      'message pieces': onlyV1,
      'search result': onlyV1,
      'approval request': native,
      'participant status, error': native,
      'session created, connected, pong': native,
    },
  },
  approvals: {
    title: 'approvals: respond (approved, arguments, reason)',
    parts: { 'of the service': native, "of this editor's tools": ours },
  },
  reauth: { title: 'a new key in mid-session', parts: { 'draft and queue kept': ours } },
  logs: { title: 'logs: upload, attach', parts: { 'attach logs': onlyV1 } },
} as const satisfies Readonly<Record<string, SessionRow>>;

export type RowName = keyof typeof SESSION_ROWS;
export type PartName<R extends RowName> = keyof (typeof SESSION_ROWS)[R]['parts'] & string;

/** How a proven part is written down, and looked up again. */
export function proofOf<R extends RowName>(row: R, part: PartName<R>): string {
  return `${row}: ${part}`;
}

/** One cell: what is proven and how; what is not, or not on this protocol, is a "no" with its name. */
export function cellOf(row: SessionRow, name: string, protocol: 'v1' | 'v3', proven: ReadonlySet<string>): string {
  const at = protocol === 'v1' ? 0 : 1;
  const parts = Object.entries(row.parts).map(([part, ways]) => {
    const way = ways[at];
    return { part, way: proven.has(`${name}: ${part}`) ? way : ('none' as const) };
  });
  const of = (way: Way): string[] => parts.filter((part) => part.way === way).map(({ part }) => part);
  const [byService, here, missing] = [of('native'), of('ours'), of('none')];
  if (missing.length === parts.length) return 'no';
  const base = byService.length > 0 ? 'native' : 'on our side';
  const rest = byService.length > 0 && here.length > 0 ? [`on our side: ${here.join(', ')}`] : [];
  const no = missing.length > 0 ? [`no: ${missing.join(', ')}`] : [];
  return [base, ...rest, ...no].join('; ');
}
