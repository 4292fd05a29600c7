/**
 * Questions about logs that stay with the client: the agent asks `describe_logs` what there is and `query_logs` for counts and for the rows that
 * matter, as a real agent would. It has fixed queries for each form of log, chosen by the words of the question; it is no model.
 */
import { block, cell, code, plural, shorten, table } from './markdown.ts';
import type { EngineContext, EngineStep, ToolAnswer } from './types.ts';

type Steps = AsyncGenerator<EngineStep, void, void>;

const NEEDED = ['describe_logs', 'query_logs'] as const;

/** The client offers logs, and the prompt is about them: it speaks of logs, or there is nothing else to speak of. */
export const asksLocalLogs = (prompt: string, context: EngineContext): boolean =>
  context.callTool !== undefined &&
  NEEDED.every((name) => context.clientTools.includes(name)) &&
  (context.files.length === 0 || /\blogs?\b|\blog-?(?:in|on)s?\b|\.log\b/i.test(prompt.slice(0, 4000)));

interface Log {
  readonly name: string;
  readonly format: string;
  readonly rows: string;
  readonly columns: readonly string[];
}

/** What `describe_logs` says, as far as it is understood here. */
export const readDescription = (text: string): Log[] =>
  text.split('\n\n').flatMap((part) => {
    const head = /^(.{1,300}?): ([a-z-]{2,20}), (\d{1,12}) rows of /.exec(part);
    if (head === null) return [];
    const columns = [...part.matchAll(/^- ([a-z_][a-z0-9_]{0,80}) (?:TEXT|INTEGER|NUMERIC)/gm)].map(
      (match) => match[1] ?? '',
    );
    return [{ name: head[1] ?? '', format: head[2] ?? '', rows: head[3] ?? '', columns }];
  });

interface Query {
  readonly title: string;
  readonly sql: string;
}

/** Rows with these words are worth a look in any log. */
const TROUBLE = 'fail* OR error* OR denied OR refused OR invalid OR critical OR panic';
const WITH_TROUBLE = `FROM log_text JOIN log ON log.id = log_text.rowid WHERE log_text MATCH '${TROUBLE}' ORDER BY log.line LIMIT 10`;

const QUERIES: Readonly<Record<string, readonly Query[]>> = {
  auth: [
    {
      title: 'Failed log-ins by address',
      sql: "SELECT ip, count(*) AS failed, count(DISTINCT user) AS users, min(time) AS first, max(time) AS last FROM log WHERE event = 'failed' GROUP BY ip ORDER BY failed DESC LIMIT 10",
    },
    {
      title: 'Log-ins that worked, from addresses that failed before',
      sql: "SELECT line, time, user, ip, method FROM log WHERE event = 'accepted' AND ip IN (SELECT ip FROM log WHERE event = 'failed') ORDER BY line LIMIT 10",
    },
    {
      title: 'What sudo ran',
      sql: "SELECT line, time, user, command FROM log WHERE event = 'sudo' ORDER BY line LIMIT 10",
    },
  ],
  'web-access': [
    {
      title: 'Addresses with most refused requests',
      sql: 'SELECT ip, count(*) AS requests, sum(status >= 400) AS refused, min(time) AS first, max(time) AS last FROM log GROUP BY ip ORDER BY refused DESC, requests DESC LIMIT 10',
    },
    {
      title: 'Requests that look for weaknesses',
      sql: "SELECT line, time, ip, status, request FROM log WHERE request LIKE '%../%' OR request LIKE '%/etc/passwd%' OR request LIKE '%union%select%' OR request LIKE '%<script%' OR request LIKE '%/.env%' OR request LIKE '%jndi:%' OR request LIKE '%wp-login%' ORDER BY line LIMIT 10",
    },
  ],
  'windows-events': [
    {
      title: 'Events by their number',
      sql: 'SELECT event_id, provider, count(*) AS events FROM log GROUP BY event_id, provider ORDER BY events DESC LIMIT 10',
    },
    {
      title: 'Failed log-ons (4625)',
      sql: 'SELECT line, time, target_user, ip, logon_type FROM log WHERE event_id = 4625 ORDER BY line LIMIT 10',
    },
  ],
};

/** Columns that sort rows into kinds, the likeliest first. */
const KINDS = ['level', 'severity', 'status', 'event', 'type', 'action', 'process', 'method'];

const queriesFor = (log: Log, prompt: string): Query[] => {
  const words = /"([^"\n]{2,100})"|“([^”\n]{2,100})”/.exec(prompt);
  const phrase = (words?.[1] ?? words?.[2] ?? '').replace(/["']/g, ' ').trim();
  if (phrase !== '')
    return [
      {
        title: `Rows with “${phrase}”`,
        sql: `SELECT log.line, log.raw FROM log_text JOIN log ON log.id = log_text.rowid WHERE log_text MATCH '"${phrase}"' ORDER BY log.line LIMIT 20`,
      },
    ];
  const known = QUERIES[log.format];
  if (known !== undefined) return [...known];
  const kind = KINDS.find((name) => log.columns.includes(name));
  const byKind =
    kind === undefined
      ? []
      : [
          {
            title: `Rows by ${kind}`,
            sql: `SELECT ${kind}, count(*) AS n FROM log GROUP BY ${kind} ORDER BY n DESC LIMIT 10`,
          },
        ];
  return [...byKind, { title: 'Rows that speak of trouble', sql: `SELECT log.line, log.raw ${WITH_TROUBLE}` }];
};

/** A line of names, then rows; those with a place begin with `NAME:LINE: `. */
const shownRows = ({ text, isError }: ToolAnswer, log: string): string => {
  if (isError) return `not told: ${code(shorten(text, 300))}`;
  const [head = '', ...lines] = text.split('\n');
  const columns = /; columns: (.*)$/.exec(head)?.[1]?.split('\t');
  if (columns === undefined) return 'none';
  const rows = lines.filter((line) => !line.startsWith('[')).slice(0, 20);
  const cited = rows.every((row) => row.startsWith(`${log}:`));
  if (cited && columns[0] === 'line')
    return rows
      .map((row) => {
        const place = /^(.{1,300}?:\d{1,10}): ?(.*)$/.exec(row);
        return `- ${code(place?.[1] ?? '')} ${code(shorten((place?.[2] ?? '').replaceAll('\t', ' · '), 300))}`;
      })
      .join('\n');
  return table(
    columns,
    rows.map((row) => row.split('\t').map((value) => cell(shorten(value, 120)))),
  );
};

/** Asks the client's logs and answers. Ends with exactly one answer. */
export async function* askLocalLogs(prompt: string, note: string, context: EngineContext): Steps {
  const { callTool } = context;
  let count = 0;
  async function* use(name: string, args: Record<string, unknown>): AsyncGenerator<EngineStep, ToolAnswer, void> {
    count += 1;
    const callId = `logs-${count}`;
    yield { type: 'toolCall', callId, name, args };
    const answer = (await callTool?.(name, args)) ?? { text: 'not on this protocol', isError: true };
    yield { type: 'toolResult', callId, name, text: answer.text, isError: answer.isError };
    return answer;
  }
  const say = (markdown: string): EngineStep => ({ type: 'answer', markdown: `${note}\n\n${markdown}` });
  yield {
    type: 'thinking',
    title: 'Asking your local logs',
    text: 'The logs stay with you: I ask what there is, then for counts and for the rows that matter.',
  };
  const described = yield* use('describe_logs', {});
  const logs = described.isError ? [] : readDescription(described.text);
  if (logs.length === 0) return yield say(`I could not look at your logs:\n\n${block(shorten(described.text, 1000))}`);
  const named = logs.filter(({ name }) => prompt.toLowerCase().includes(name.toLowerCase()));
  const parts: string[] = [];
  for (const log of (named.length > 0 ? named : logs).slice(0, 3)) {
    parts.push(
      `**${log.name.replace(/([\\`*_[\]<>])/g, '\\$1')}** is a log of the form ${log.format} with ${plural(Number(log.rows), 'row')}.`,
    );
    for (const { title, sql } of queriesFor(log, prompt)) {
      context.signal.throwIfAborted();
      const answer = yield* use('query_logs', { log: log.name, sql });
      parts.push(`**${title}**\n\n${shownRows(answer, log.name)}`);
    }
  }
  const asked = `I asked your logs with ${plural(count, 'call')}; the files themselves stayed with you.`;
  yield say([asked, ...parts, 'Ask for a word in quotes to find the rows that hold it.'].join('\n\n'));
}
