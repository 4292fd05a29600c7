/**
 * What a user asks of one prompt beyond its text: a detailed analysis, and attachments that the answer has to use. What the wire has no word
 * for stands visibly at the end of the prompt; whether the answer kept to it is checked here. Pure.
 */

import { SecGeminiError } from './errors.ts';
import type { Message } from './model.ts';
import type { LocalFacts } from './session-local.ts';
import type { SessionState } from './session-state.ts';
import { labelText } from './visible-text.ts';

export interface PromptExtras {
  /** v3: the whole agent answers, whatever the session's harness is. v1: a sentence of the prompt. */
  readonly detailed?: boolean | undefined;
  /** Names of attachments that the answer has to use. */
  readonly mustUse?: readonly string[] | undefined;
}

/** Entries of prompts that never ended (a reload in mid-turn) must not pile up. */
const KEPT = 20;

const DETAILED =
  'Detailed analysis: go through everything that is attached, give the evidence by file and line, and say what could not be checked.';

/**
 * `mustUse` by id or name. Undefined when nothing is asked. Throws `invalidArgument` for an attachment that the session does not have.
 */
export function checkedExtras(
  state: Pick<SessionState, 'attachments'>,
  { detailed, mustUse = [] }: PromptExtras,
): PromptExtras | undefined {
  const names = mustUse.map((wanted) => {
    const found = state.attachments.find(({ id, name }) => id === wanted || name === wanted);
    if (found !== undefined) return found.name;
    throw new SecGeminiError('invalidArgument', `This session has no attachment "${labelText(wanted, 80)}".`, {
      action: 'Name one of its files, by name or id.',
    });
  });
  if (detailed !== true && names.length === 0) return undefined;
  return {
    ...(detailed === true ? { detailed } : {}),
    ...(names.length === 0 ? {} : { mustUse: [...new Set(names)] }),
  };
}

/** The prompt with what the wire has no word for. `byMeta`: the wire can say which agent answers. */
export function withRequirements(text: string, extras: PromptExtras | undefined, byMeta: boolean): string {
  const lines = [
    ...(extras?.detailed === true && !byMeta ? [DETAILED] : []),
    ...(extras?.mustUse === undefined
      ? []
      : [
          `These attachments must be used: ${extras.mustUse.map((name) => labelText(name, 200)).join(', ')}. Say what each shows.`,
        ]),
  ];
  const block = `\n\n<requirements>\n${lines.join('\n')}\n</requirements>`;
  // Sent again, it has the block already.
  return lines.length === 0 || text.endsWith(block) ? text : `${text}${block}`;
}

/** For v3's prompt meta. */
export function extrasMeta(extras: PromptExtras | undefined): Readonly<Record<string, string>> {
  return extras?.detailed === true ? { 'config.harness': 'secgemini' } : {};
}

/** The facts with the extras of a prompt. */
export function rememberExtras(facts: LocalFacts | undefined, promptId: string, extras: PromptExtras): LocalFacts {
  return { extras: Object.fromEntries([...Object.entries(facts?.extras ?? {}), [promptId, extras]].slice(-KEPT)) };
}

/** The facts without them; an empty record is none. */
export function forgetExtras(facts: LocalFacts | undefined, promptId: string): LocalFacts {
  const left = Object.entries(facts?.extras ?? {}).filter(([id]) => id !== promptId);
  return { extras: left.length === 0 ? undefined : Object.fromEntries(left) };
}

/** Of the attachments that the turn's prompt demanded, those that neither its answers nor its tool calls name. */
export function unusedNames({ turn, local, messages }: SessionState): readonly string[] {
  const wanted = turn.promptId === undefined ? undefined : local?.extras?.[turn.promptId]?.mustUse;
  if (wanted === undefined) return [];
  const from = messages.findLastIndex(({ kind }) => kind === 'prompt');
  const said = messages
    .slice(from + 1)
    .filter(({ kind }) => kind === 'response' || kind === 'agentResponse' || kind === 'toolCall')
    .map(({ content }) => content.toLowerCase())
    .join('\n');
  return wanted.filter((name) => !said.includes(name.toLowerCase()));
}

/** A line under the answer that left out what it had to use; undefined when it used everything. */
export function unusedWarning(state: SessionState): Message | undefined {
  const names = unusedNames(state);
  const last = state.messages.at(-1);
  if (names.length === 0) return undefined;
  const files = names.map((name) => labelText(name, 120)).join(', ');
  return {
    id: `local:warning:${state.turn.promptId ?? ''}`,
    sessionId: state.info.id,
    parentId: last?.id,
    kind: 'warning',
    sender: 'system',
    author: 'This editor',
    title: '',
    content: `The answer had to use ${files}, and names ${names.length === 1 ? 'it' : 'them'} nowhere. Ask about ${names.length === 1 ? 'it' : 'each'} by name.`,
    render: 'text',
    mimeType: 'text/plain',
    status: 'complete',
    createdAt: last?.createdAt ?? state.info.updatedAt,
  };
}
