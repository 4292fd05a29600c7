/**
 * What the user chose for every prompt of one session, and what it is on the wire: v3's prompt meta (protocol/v3.md, "Prompt.meta keys in
 * use"). Nothing about this machine goes along unless the user turned it on for this very session.
 */

import { SecGeminiError } from './errors.ts';
import { labelText } from './visible-text.ts';

/** Absent fields: the service's own default. */
export interface SessionOptions {
  /** Which agent answers; see HARNESSES. A name of the future is kept and shown. */
  readonly harness?: string | undefined;
  /** E.g. `dfir`. */
  readonly mode?: string | undefined;
  /** False asks the service not to log these prompts. */
  readonly logging?: false | undefined;
  /** Names of skills that the agent has to use. */
  readonly skills?: readonly string[] | undefined;
  /** True: what this machine is goes along with each prompt (`sys_*`). */
  readonly systemInfo?: true | undefined;
}

export const HARNESSES: readonly { readonly id: string; readonly label: string; readonly detail: string }[] = [
  { id: 'secgemini', label: 'Sec-Gemini', detail: 'The whole agent: plans, uses tools, checks itself' },
  { id: 'secgemini-fast', label: 'Sec-Gemini Fast', detail: 'Answers sooner and checks less' },
];

/** Facts about this machine, e.g. `sys_os`; asked only when the user turned them on. */
export type SystemInfo = () => Readonly<Record<string, string>>;

/** The meta of a prompt; undefined when nothing was chosen. `extra` is of this one prompt and wins. Keys of `system` that are not `sys_*` are left out. */
export function promptMeta(
  options: SessionOptions | undefined,
  system: SystemInfo | undefined,
  extra: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> | undefined {
  const { harness, mode, logging, skills = [], systemInfo } = options ?? {};
  const facts = systemInfo === true ? Object.entries(system?.() ?? {}) : [];
  const meta = {
    ...(harness === undefined ? {} : { 'config.harness': harness }),
    ...(mode === undefined ? {} : { 'config.mode': mode }),
    ...(logging === false ? { disable_logging: 'true' } : {}),
    ...(skills.length === 0 ? {} : { forced_skills: skills.join(',') }),
    ...Object.fromEntries(facts.filter(([key]) => key.startsWith('sys_'))),
    ...extra,
  };
  return Object.keys(meta).length === 0 ? undefined : meta;
}

const WORD = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

/**
 * The options without what says nothing; undefined when nothing is left. Throws `invalidArgument` for a word or a skill's name that the
 * wire could not carry: a comma would make two skills of one.
 */
export function checkedOptions(options: SessionOptions): SessionOptions | undefined {
  const { harness, mode, logging, skills = [], systemInfo } = options;
  for (const [what, word] of [
    ['harness', harness],
    ['mode', mode],
  ] as const)
    if (word !== undefined && !WORD.test(word))
      throw new SecGeminiError('invalidArgument', `"${labelText(word, 60)}" is no name of a ${what}.`, {
        action: 'Use letters, digits, dots, hyphens and underscores.',
      });
  const split = skills.find((name) => name.includes(',') || name.trim() === '');
  if (split !== undefined)
    throw new SecGeminiError('invalidArgument', `The skill "${labelText(split, 60)}" cannot be asked for by name.`, {
      action: 'Rename it without commas.',
    });
  const checked: SessionOptions = {
    ...(harness === undefined ? {} : { harness }),
    ...(mode === undefined ? {} : { mode }),
    ...(logging === false ? { logging } : {}),
    ...(skills.length === 0 ? {} : { skills: [...new Set(skills)] }),
    ...(systemInfo === true ? { systemInfo } : {}),
  };
  return Object.keys(checked).length === 0 ? undefined : checked;
}

/** What differs from the service's default, a phrase each, the one that tells most about privacy first. */
export function optionWords(options: SessionOptions | undefined): readonly string[] {
  if (options === undefined) return [];
  const { harness, mode, logging, skills = [], systemInfo } = options;
  return [
    ...(systemInfo === true ? ['tells about this machine'] : []),
    ...(logging === false ? ['asks for no logging'] : []),
    ...(harness === undefined ? [] : [HARNESSES.find(({ id }) => id === harness)?.label ?? labelText(harness, 40)]),
    ...(mode === undefined ? [] : [`mode ${labelText(mode, 40)}`]),
    ...(skills.length === 0
      ? []
      : [`${skills.length === 1 ? 'skill' : 'skills'} ${skills.map((name) => labelText(name, 40)).join(', ')}`]),
  ];
}
