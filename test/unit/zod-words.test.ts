/** Whoever is told that something does not fit is told what is wanted: zod/mini has no words of its own. */
import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { parseDomain } from '../../src/core/domains/domain.ts';
import { SecGeminiError } from '../../src/core/errors.ts';
import { toolQuestion } from '../../src/core/native-chat.ts';
import { parseExport } from '../../src/core/session-export.ts';
import { defineTool } from '../../src/core/tools/define-tool.ts';
import { readMcpConfig } from '../../src/core/tools/mcp-config.ts';
import { parseCommandLine } from '../../src/sandbox/life/command-line.ts';
import { HttpError, checked } from '../../src/sandbox/net/http.ts';

const tool = defineTool({
  name: 'count',
  title: 'Count',
  description: 'Counts.',
  input: z.object({ upTo: z.int().check(z.lte(5)) }),
  run: () => Promise.resolve({ text: '' }),
});

/** All that an error says. */
function said(action: () => unknown): string {
  try {
    return JSON.stringify(action());
  } catch (error) {
    if (error instanceof HttpError) return JSON.stringify(error.detail);
    assert(error instanceof Error);
    return `${error.message} ${JSON.stringify(error instanceof SecGeminiError ? error.fields : [])}`;
  }
}

const exported = {
  format: 'sec-gemini-session',
  version: 1,
  exportedAt: '',
  session: {},
  attachments: [],
  messages: 1,
};

const places: readonly (readonly [name: string, action: () => unknown, words: RegExp])[] = [
  ['a tool, of a wrong type', () => tool.parse({ upTo: 'a' }), /upTo: Invalid input: expected number, received string/],
  ['a tool, of a number too big', () => tool.parse({ upTo: 6 }), /upTo: Too big: expected number to be <=5/],
  ['a tool, of an unknown argument', () => tool.parse({ upTo: 1, downTo: 2 }), /Unrecognized key: "downTo"/],
  ["VS Code's chat", () => toolQuestion({ question: ' ' }), /question Too small: expected string to have >=1/],
  ['a domain', () => parseDomain('d', '---\ntitle: 5\n---\nText'), /title Invalid input: expected string/],
  ['an exported session', () => parseExport(JSON.stringify(exported)), /session\.id.*expected string/],
  ['the MCP servers', () => readMcpConfig({ a: { command: 'x', args: 'y' } }), /args: Invalid input: expected array/],
  ["the sandbox's users", () => parseCommandLine(['--api-key', 'k', '--user', '{"tpm":-1}']), /tpm Too small/],
  ["the sandbox's refusals", () => checked('', z.string().check(z.minLength(1)), 'body'), /Too small: expected string/],
];

describe('what does not fit is named by', () => {
  for (const [name, action, words] of places) it(name, () => assert.match(said(action), words));
});
