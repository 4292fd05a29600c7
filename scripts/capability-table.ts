// The README's table of what each protocol can do, made of what the contract suite proved against the sandbox (out/contract/*.json):
// `node scripts/capability-table.ts --write` writes it, without an argument it says whether README and result agree.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Counts, onePassed, oneFailed } from './lib/counts.ts';
import { root } from './lib/paths.ts';

const BEGIN = '<!-- capabilities: written by scripts/capability-table.ts -->';
const END = '<!-- /capabilities -->';
const readme = join(root, 'README.md');

/** In the order of the table. A capability without words is shown by its own name, so that none is forgotten. */
const WORDS: Readonly<Record<string, string>> = {
  cancel: 'Stop cancels at the service',
  pause: 'pause and resume a turn',
  confirmations: 'the service asks before it uses a tool',
  alwaysAsk: 'a session asks before every tool call, when told so',
  partialMessages: 'answers arrive in pieces',
  rename: 'rename a session',
  editDescription: 'change its description',
  editTtl: 'change how long it is kept',
  namesSessions: 'the service finds names for sessions that nobody named',
  promptOptions: 'agent, mode, logging and skills for each prompt of a session',
  archive: 'archive it',
  publish: 'make a public read-only link',
  mcpServers: 'tool servers (MCP) of the account and of a session',
  skills: 'upload, read and delete skills',
  logs: 'attach logs',
  loggingChoice: 'a session that the service does not log',
  feedback: 'feedback and bug reports',
};

const result = z.object({ name: z.string(), protocol: z.enum(['v1', 'v3']), proven: z.array(z.string()) });

/** What was proven of the sandbox on a protocol in the last run of the tests; undefined when they were not run. */
function provenOn(protocol: 'v1' | 'v3'): ReadonlySet<string> | undefined {
  const file = join(root, 'out', 'contract', `${protocol}-over-the-sandbox.json`);
  return existsSync(file) ? new Set(result.parse(JSON.parse(readFileSync(file, 'utf8'))).proven) : undefined;
}

/** The block between the marks; undefined when the contract suite was not run. */
export function capabilityTable(): string | undefined {
  const v3 = provenOn('v3');
  const v1 = provenOn('v1');
  if (v1 === undefined || v3 === undefined) return undefined;
  const names = [...new Set([...Object.keys(WORDS), ...v3, ...v1])];
  const cell = (proven: ReadonlySet<string>, name: string): string => (proven.has(name) ? 'yes' : 'no');
  const rows = names.map((name) => `| ${WORDS[name] ?? name} | ${cell(v3, name)} | ${cell(v1, name)} |`);
  return [BEGIN, '', '| | v3 | v1 |', '|---|---|---|', ...rows, '', END].join('\n');
}

/** A stage of `npm test`, after the one that runs the contract suite. */
export function checkCapabilityTable(): Counts {
  const table = capabilityTable();
  if (table === undefined)
    return say('There is no result of the contract suite in out/contract: run `npm test -- unit` first.');
  if (readFileSync(readme, 'utf8').includes(table)) return onePassed;
  return say(
    'The table of capabilities in README.md is not what was proven: run `node scripts/capability-table.ts --write`.',
  );
}

function say(text: string): Counts {
  console.log(text);
  return oneFailed;
}

function write(): void {
  const table = capabilityTable();
  const text = readFileSync(readme, 'utf8');
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (table === undefined) throw new Error('There is no result of the contract suite: run `npm test -- unit` first.');
  if (from === -1 || to < from) throw new Error('README.md has lost the marks of the table.');
  writeFileSync(readme, `${text.slice(0, from)}${table}${text.slice(to + END.length)}`);
}

if (import.meta.main) {
  if (process.argv.includes('--write')) write();
  process.exitCode = checkCapabilityTable().failed;
}
