/** What the sandbox's command line asks for. */
import { parseArgs } from 'node:util';
import { inWords } from '../../core/zod-words.ts';
import { accountOptionsSchema } from '../accounts.ts';
import type { AccountOptions } from '../accounts.ts';

export interface PlainCommand {
  readonly mode: 'plain';
  readonly port: number;
  readonly users: readonly { readonly key: string; readonly options: AccountOptions }[];
  readonly stateFile: string | undefined;
}

export type Command =
  | PlainCommand
  | { readonly mode: 'profile'; readonly folder: string }
  | { readonly mode: 'wrong'; readonly why: string };

const USAGE = 'Usage: sandbox --port N --api-key KEY [--user JSON] [--api-key KEY2 [--user JSON]] [--state FILE]';

/** `--user JSON` describes the key before it (see accounts.ts). What is wrong comes back as a sentence that names no key. */
export function parseCommandLine(args: readonly string[]): Command {
  const wrong = (why: string): Command => ({ mode: 'wrong', why: `${why}\n${USAGE}` });
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      tokens: true,
      options: {
        port: { type: 'string', default: '0' },
        'api-key': { type: 'string', multiple: true },
        user: { type: 'string', multiple: true },
        state: { type: 'string' },
        profile: { type: 'string' },
      },
    });
  } catch (error) {
    return wrong(error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error));
  }
  const { values, tokens } = parsed;
  if (values.profile !== undefined) {
    if (values['api-key'] !== undefined || values.state !== undefined)
      return wrong('--profile goes without other options.');
    return { mode: 'profile', folder: values.profile };
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) return wrong('--port must be a number from 0 to 65535.');
  const users: { key: string; options: AccountOptions }[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'api-key') {
      if (token.value === undefined || token.value === '') return wrong('--api-key must not be empty.');
      users.push({ key: token.value, options: {} });
    } else if (token.name === 'user') {
      const last = users.at(-1);
      const options = readOptions(token.value ?? '');
      if (last === undefined) return wrong('--user describes the --api-key before it.');
      if (typeof options === 'string') return wrong(`--user: ${options}`);
      last.options = options;
    }
  }
  if (users.length === 0) return wrong('--api-key is missing: any word will do.');
  if (new Set(users.map(({ key }) => key)).size < users.length) return wrong('Every --api-key must be another one.');
  return { mode: 'plain', port, users, stateFile: values.state };
}

function readOptions(text: string): AccountOptions | string {
  try {
    const result = accountOptionsSchema.safeParse(JSON.parse(text), inWords);
    return result.success
      ? result.data
      : result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
