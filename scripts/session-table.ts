// The README's table of what can be done with sessions, made of what the suites of test/host/api proved in the real extension host on both
// protocols (out/contract/*-through-the-exported-API.json): `node scripts/session-table.ts --write` writes it, without an argument it says
// whether README and results agree. A part without a passing test says "no".
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Counts, oneFailed, onePassed } from './lib/counts.ts';
import { root } from './lib/paths.ts';
import { SESSION_ROWS, cellOf } from './lib/session-rows.ts';

const BEGIN = '<!-- sessions: written by scripts/session-table.ts -->';
const END = '<!-- /sessions -->';
const readme = join(root, 'README.md');

const result = z.object({ protocol: z.enum(['v1', 'v3']), proven: z.array(z.string()) });

/** What was proven in the last run; undefined when there was none. */
function provenOn(protocol: 'v1' | 'v3'): ReadonlySet<string> | undefined {
  const file = join(root, 'out', 'contract', `${protocol}-through-the-exported-API.json`);
  return existsSync(file) ? new Set(result.parse(JSON.parse(readFileSync(file, 'utf8'))).proven) : undefined;
}

/** The block between the marks; undefined when a protocol was not run. */
function sessionTable(): string | undefined {
  const v3 = provenOn('v3');
  const v1 = provenOn('v1');
  if (v1 === undefined || v3 === undefined) return undefined;
  const rows = Object.entries(SESSION_ROWS).map(
    ([name, row]) => `| ${row.title} | ${cellOf(row, name, 'v3', v3)} | ${cellOf(row, name, 'v1', v1)} |`,
  );
  return [BEGIN, '', '| | v3 | v1 |', '|---|---|---|', ...rows, '', END].join('\n');
}

const NOT_RUN = 'There is no result of test/host/api for both protocols in out/contract: run `npm test -- host` first.';

/** A stage of `npm test`, after the one that runs the suites in the extension host. */
export function checkSessionTable(): Counts {
  const table = sessionTable();
  if (table !== undefined && readFileSync(readme, 'utf8').includes(table)) return onePassed;
  console.log(
    table === undefined
      ? NOT_RUN
      : `The table of sessions in README.md is not what was proven: run \`node scripts/session-table.ts --write\`.\n\n${table}`,
  );
  return oneFailed;
}

function write(): void {
  const table = sessionTable();
  if (table === undefined) throw new Error(NOT_RUN);
  const text = readFileSync(readme, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from === -1 || to < from) throw new Error('README.md has lost the marks of the table.');
  writeFileSync(readme, `${text.slice(0, from)}${table}${text.slice(to + END.length)}`);
}

if (import.meta.main) {
  if (process.argv.includes('--write')) write();
  process.exitCode = checkSessionTable().failed;
}
