/**
 * A knowledge domain: what the agent is told about the work at hand, the questions that are worth asking, and, where the service knows
 * such things (v3), which agent and skills answer. Built-in ones and the user's own, as Markdown with front matter. Pure.
 */

import { parse } from 'yaml';
import * as z from 'zod/mini';
import { SecGeminiError } from '../errors.ts';
import { inWords } from '../zod-words.ts';

/** A question that the composer offers after `/`. */
export interface DomainPrompt {
  /** A word without the slash. */
  readonly label: string;
  readonly detail: string;
  readonly text: string;
}

export interface Domain {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Markdown; may hold `$<variables>`. */
  readonly instructions: string;
  readonly prompts: readonly DomainPrompt[];
  /** v3: the agent that answers, its mode, and skills that it has to use. */
  readonly harness?: string | undefined;
  readonly mode?: string | undefined;
  readonly skills?: readonly string[] | undefined;
}

const WORD = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

const head = z.strictObject({
  title: z.string().check(z.minLength(1), z.maxLength(80)),
  description: z._default(z.string().check(z.maxLength(300)), ''),
  harness: z.optional(z.string().check(z.regex(WORD))),
  mode: z.optional(z.string().check(z.regex(WORD))),
  skills: z._default(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(20)), []),
  prompts: z._default(
    z
      .array(
        z.strictObject({
          label: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/)),
          detail: z._default(z.string().check(z.maxLength(120)), ''),
          text: z.string().check(z.minLength(1), z.maxLength(10_000)),
        }),
      )
      .check(z.maxLength(30)),
    [],
  ),
});

const FRONT = /^\ufeff?---\r?\n([^]*?)\r?\n---[ \t]*(?:\r?\n|$)/;
/** No person writes more; the instructions' own limit is checked where they are used. */
const MAX_CHARS = 1_000_000;

/**
 * A domain from a file: YAML between `---` lines (title, description, harness, mode, skills, prompts), then the instructions. `id`: from
 * where the file lies. Throws `invalidArgument` that names what is wrong.
 */
export function parseDomain(id: string, text: string): Domain {
  if (text.length > MAX_CHARS) throw wrong('The file is too long.', []);
  const front = FRONT.exec(text);
  if (front === null) throw wrong('The file has no front matter: it begins with a line "---".', []);
  let value: unknown;
  try {
    value = parse(front[1] ?? '', { maxAliasCount: 10, customTags: [], schema: 'core' });
  } catch (error) {
    throw wrong(
      `Its front matter is not YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`,
      [],
    );
  }
  const checked = head.safeParse(value, inWords);
  if (!checked.success) {
    const fields = checked.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw wrong(`Its front matter has a mistake: ${fields[0]?.path ?? ''} ${fields[0]?.message ?? ''}`, fields);
  }
  const instructions = text.slice(front[0].length).trim();
  if (instructions === '') throw wrong('It has no instructions below its front matter.', []);
  return { id, ...checked.data, instructions };
}

/** What a new file begins with. */
export const DOMAIN_TEMPLATE = `---
title: My domain
description: One line that says when to use it
# For v3, all optional: harness, mode, skills
# harness: secgemini
# skills: [my-skill]
prompts:
  - label: first-look
    detail: What is this?
    text: Look at the attached files and say what they are, what is unusual in them and what to look at next.
---

You help with … in the project $<workspace>.

- What matters here:
- What is out of scope:
- How findings are written: title, severity, evidence (file and line), impact, fix.
`;

function wrong(message: string, fields: { path: string; message: string }[]): SecGeminiError {
  return new SecGeminiError('invalidArgument', `This is no knowledge domain. ${message}`, {
    action: 'Correct the file; "New Knowledge Domain" makes one that is right.',
    fields,
  });
}
