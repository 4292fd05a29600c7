/**
 * Custom instructions: which text goes in front of a session's next prompt. It is always visible there, and it never touches the service's
 * own system prompt, which nobody outside can change. Pure.
 */

import { SecGeminiError } from './errors.ts';
import { own } from './own.ts';
import type { Instructions } from './session-local.ts';
import { labelText } from './visible-text.ts';

/** UTF-8 bytes of the user's text after substitution. */
export const INSTRUCTION_LIMITS = { append: 51_200, replace: 102_400 } as const;

export type Variables = Readonly<Record<string, string>>;

export interface ResolvedInstructions {
  /** Exactly what is sent, between the marks; empty = nothing. */
  readonly text: string;
  /** What the user should know about it, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Puts values in the place of `$<name>`; `$$<` stands for `$<` itself. Throws `invalidArgument` that names an unknown variable and the
 * known ones. Values are not looked through again.
 */
export function substitute(text: string, variables: Variables): string {
  return text.replace(/\$?\$<([^<>\r\n]{0,80})>/g, (whole, name: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const value = own(variables, name);
    if (value !== undefined) return value;
    throw new SecGeminiError(
      'invalidArgument',
      `The instructions name an unknown variable: $<${labelText(name, 60)}>.`,
      {
        action: `Known are ${Object.keys(variables)
          .map((known) => `$<${known}>`)
          .join(', ')}. Write $$<…> for the characters themselves.`,
      },
    );
  });
}

/** `domainText`: the chosen domain's instructions, as written; empty for none. */
export function resolveInstructions(
  { mode, text }: Instructions,
  domainText: string,
  variables: Variables,
): ResolvedInstructions {
  const own = text.trim();
  if (mode === 'default')
    return {
      text: substitute(domainText, variables).trim(),
      notes: own === '' ? [] : ['In default mode your own text is ignored. Choose append or replace to use it.'],
    };
  const given = substitute(own, variables).trim();
  const bytes = new TextEncoder().encode(given).byteLength;
  const limit = INSTRUCTION_LIMITS[mode];
  if (bytes > limit)
    throw new SecGeminiError(
      'tooLarge',
      `The instructions have ${bytes} bytes (UTF-8, variables filled in); ${mode} takes up to ${limit}.`,
      { action: 'Shorten them, or attach the text as a file.' },
    );
  if (mode === 'append')
    return {
      text: [substitute(domainText, variables).trim(), given].filter((part) => part !== '').join('\n\n'),
      notes: [],
    };
  return {
    text: given,
    notes: [
      "Replace stands in the place of the knowledge domain's text; the service's own instructions stay as they are.",
    ],
  };
}

/** The prompt with the instructions as its visible first block. */
export function withFirstBlock(instructions: string, prompt: string): string {
  return instructions === '' ? prompt : `<instructions>\n${instructions}\n</instructions>\n\n${prompt}`;
}

/** Tells one text from another, to send instructions once and again when they change. No secret and no proof. */
export function fingerprint(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  return `${text.length}-${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}`;
}
