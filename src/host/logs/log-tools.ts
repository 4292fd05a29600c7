/** The local logs as tools: what there is, and one read-only query over it. Running them only reads; what they say is asked about like all. */

import { stat } from 'node:fs/promises';
import * as z from 'zod/mini';
import { MAX_SQL, checkQuery } from '../../core/logs/query-guard.ts';
import { formatBytes } from '../../core/format.ts';
import { defineTool } from '../../core/tools/define-tool.ts';
import { type ToolContext, ToolInputError, type ToolOutput, type ToolProvider } from '../../core/tools/tool.ts';
import type { LocalLog, LocalLogs } from './local-logs.ts';
import type { LogValue } from './formats/log-format.ts';
import type { ColumnSummary, QueryAnswer } from './log-messages.ts';

const MOST_ROWS = 500;
const MOST_CHARACTERS = 100_000;
const MOST_CELL = 4_000;

const HOW = [
  "Ask with query_logs, in SQLite's SQL, e.g. SELECT line, time, raw FROM log WHERE … ORDER BY time LIMIT 20.",
  'Every log has one table `log` with `line` (its line in the file), `raw` (the line itself) and the columns above.',
  'Words are found fast by: SELECT log.line, log.raw FROM log_text JOIN log ON log.id = log_text.rowid WHERE log_text MATCH \'"failed password"\'.',
  'Select `line` where rows are to be cited: each row then begins with NAME:LINE, which the user can click.',
].join('\n');

export function logTools(logs: LocalLogs): ToolProvider {
  const describe = defineTool({
    name: 'describe_logs',
    title: 'Describe the local logs',
    description:
      "The log files that the user attached as local databases: form, time range, columns with their most frequent values. The logs stay on the user's machine; call this before query_logs.",
    input: z.object({}),
    run: (_args, context) => describeLogs(logsOf(logs, context)),
  });
  const query = defineTool({
    name: 'query_logs',
    title: 'Query a local log',
    description:
      'Runs one read-only SELECT (SQLite) over the table `log` of a log that the user attached as a local database; rows that select `line` begin with NAME:LINE. Call describe_logs first for the columns.',
    input: z.object({
      log: z
        .optional(z.string().check(z.minLength(1), z.maxLength(300)))
        .check(z.describe('Name of the log, from describe_logs; may be left out when there is one')),
      sql: z.string().check(z.minLength(1), z.maxLength(MAX_SQL), z.describe('One SELECT statement')),
      limit: z._default(z.int().check(z.gte(1), z.lte(MOST_ROWS)), 100).check(z.describe('Most rows of the answer')),
    }),
    run: (args, context) => runQuery(logs, args, context),
  });
  return { name: 'Local logs', tools: () => [describe, query] };
}

/** A call sees the logs of its own session. */
function logsOf(logs: LocalLogs, { sessionId }: ToolContext): readonly LocalLog[] {
  return sessionId === undefined ? [] : logs.list(sessionId);
}

async function describeLogs(logs: readonly LocalLog[]): Promise<ToolOutput> {
  if (logs.length === 0) return { text: '[the user attached no log as a local database to this session]' };
  const files = logs.map(({ identity }) => identity);
  return { text: [...(await Promise.all(logs.map(describeLog))), HOW].join('\n\n'), files };
}

async function describeLog({ name, path, source, summary }: LocalLog): Promise<string> {
  const now = await stat(path).catch(() => undefined);
  const { format, rows, lines, unread, firstTime, lastTime, columns } = summary;
  const zone = firstTime?.endsWith('Z') === true ? 'UTC' : 'as the log has them, without a zone';
  return [
    `${name}: ${format}, ${rows} rows of ${lines} lines, ${formatBytes(source.size)}`,
    firstTime === null ? 'no times' : `times from ${firstTime} to ${lastTime ?? ''} (${zone})`,
    ...(now?.size === source.size && now.mtimeMs === source.modifiedMs
      ? []
      : ['the file changed since it was read: what was added then is not in here, until the user attaches it again']),
    ...(unread === 0 ? [] : [`rows of another form, with line and raw alone: ${unread}`]),
    ...columns.map(
      (column) =>
        `- ${column.name} ${column.type}${column.about === undefined ? '' : ` (${column.about})`}: filled in ${column.filled}${valuesWords(column)}`,
    ),
  ].join('\n');
}

/** The values of a column that sorts rows into kinds; not those of one that is nearly different in each. */
function valuesWords({ name, filled, values, distinct }: ColumnSummary): string {
  if (distinct === undefined || distinct === 0 || name === 'time') return '';
  const areKinds = distinct <= 3 || distinct * 2 <= filled || (distinct <= 12 && filled < 30);
  if (!areKinds || values.some(({ value }) => String(value).length > 40)) return '';
  const most = values.map(({ value, count }) => `${shown(value)} ${count}`).join(', ');
  return `; ${distinct} different: ${most}${distinct > values.length ? ', …' : ''}`;
}

async function runQuery(
  logs: LocalLogs,
  { log: name, sql, limit }: { readonly log?: string | undefined; readonly sql: string; readonly limit: number },
  context: ToolContext,
): Promise<ToolOutput> {
  const all = logsOf(logs, context);
  const log = name === undefined && all.length === 1 ? all[0] : all.find((each) => each.name === name);
  if (log === undefined)
    throw new ToolInputError(
      all.length === 0
        ? 'The user attached no log as a local database to this session.'
        : `log: choose one of ${all.map((each) => JSON.stringify(each.name)).join(', ')}.`,
    );
  checkQuery(sql);
  const answer = await logs.query(
    log.id,
    sql,
    { rows: limit, characters: MOST_CHARACTERS, cell: MOST_CELL },
    context.signal,
  );
  return { text: answerText(log.name, answer), files: [log.identity] };
}

/** A line of column names, a line a row; cells are divided by tabs. */
function answerText(name: string, { columns, rows, whole }: QueryAnswer): string {
  if (rows.length === 0)
    return `[no rows in ${name}]${whole ? '' : ' [the first row alone is too long: select less of it]'}`;
  const at = columns.findIndex((column) => column.toLowerCase() === 'line');
  const rest = columns.filter((_, index) => index !== at);
  return [
    `${rows.length} ${rows.length === 1 ? 'row' : 'rows'} of ${name}; columns: ${[...(at < 0 ? [] : ['line']), ...rest].map(shown).join('\t')}`,
    ...rows.map((cells) => {
      const others = cells.filter((_, index) => index !== at).map(shown);
      return at < 0 || cells[at] === null ? others.join('\t') : `${name}:${String(cells[at])}: ${others.join('\t')}`;
    }),
    ...(whole ? [] : [`[more: not all rows are shown; use LIMIT and OFFSET, or count]`]),
  ].join('\n');
}

/** In one line of one cell. */
function shown(value: LogValue): string {
  if (value === null) return 'NULL';
  return String(value).replace(/[\t\n\r]/g, (found) => ESCAPES[found] ?? found);
}

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
