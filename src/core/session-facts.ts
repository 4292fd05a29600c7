/** What the tooltip of a session tells, as pairs of words. Pure; the host draws them by its one safe function. */

import type { Protocol, SessionInfo, Usage } from './model.ts';
import { optionWords } from './session-options.ts';
import type { SessionState } from './session-state.ts';
import { age } from './ages.ts';
import { labelText } from './visible-text.ts';

/** Label and value in plain text. A value may come from the service: it is shown with nothing hidden, and never interpreted. */
export type Fact = readonly [label: string, value: string];

/** How the row shows it: `words` of its state; `spoken` = this window's protocol, where the session is of the other one. */
interface Shown {
  readonly words: string;
  readonly spoken?: Protocol | undefined;
  /** It was read from a file and is on this machine only. */
  readonly imported?: boolean | undefined;
}

/** `now` in milliseconds since the epoch. */
export function sessionFacts(
  { info, options, local }: SessionState,
  { words, spoken, imported = false }: Shown,
  now: number,
): readonly Fact[] {
  const chosen = optionWords(options);
  const facts: (Fact | undefined)[] = [
    info.description === '' ? undefined : ['About', labelText(info.description, 500)],
    local?.forkedFrom === undefined
      ? undefined
      : ['Fork', `new session with the transcript of "${labelText(local.forkedFrom.name, 80)}" replayed`],
    local?.rewoundTo === undefined ? undefined : ['Rewound', 'the conversation goes on in a new session'],
    local?.terminatedAt === undefined ? undefined : ['Terminated', `${age(now - local.terminatedAt)} ago; read only`],
    words === '' ? undefined : ['State', words],
    info.archived === true ? ['Archived', 'yes'] : undefined,
    info.published === true ? ['Public', publicWords(info, now)] : undefined,
    chosen.length === 0 ? undefined : ['Options', chosen.join(', ')],
    ...usageFacts(info),
    imported || info.expiresAt === undefined
      ? undefined
      : ['Deleted by the service', deletionWords(info.expiresAt, now)],
    info.logging === undefined ? undefined : ['Logged by the service', info.logging ? 'yes' : 'no'],
    imported ? ['Imported', 'from a file, on this machine only'] : ['Id', labelText(info.id)],
    ['Protocol', protocolWords(info, spoken)],
  ];
  return facts.filter((fact) => fact !== undefined);
}

function protocolWords({ protocol }: SessionInfo, spoken: Protocol | undefined): string {
  if (spoken === undefined) return protocol;
  return `Made with protocol ${protocol}, and this window speaks ${spoken}: it can be read here. Set secGemini.protocol to ${protocol} to go on with it.`;
}

function publicWords({ publishedAt, expiresAt }: SessionInfo, now: number): string {
  const since = publishedAt === undefined ? 'anyone with the link can read it' : `since ${age(now - publishedAt)} ago`;
  return expiresAt === undefined ? since : `${since}, the link ends ${deletionWords(expiresAt, now)}`;
}

/** `in 6 d (2026-11-28 14:02)`, local time. */
export function deletionWords(at: number, now: number): string {
  if (at <= now) return 'due now';
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `in ${age(at - now)} (${day} ${two(date.getHours())}:${two(date.getMinutes())})`;
}

/** The service counts and prices by estimate: that word stands beside every figure. */
function usageFacts({ usage, modelUsage = [] }: SessionInfo): readonly Fact[] {
  if (usage === undefined || usage.totalTokens === 0) return [];
  const models = modelUsage.filter((used) => used.usage.totalTokens > 0);
  return [
    ['Tokens (estimate)', `${tokens(usage)} (${parts(usage)})`],
    ...(isPriced(usage) ? [['Cost (estimate)', dollars(usage.costUsd)] as const] : []),
    ...models.map(({ model, calls, usage: used }): Fact => {
      const price = isPriced(used) ? `, ${dollars(used.costUsd)}` : '';
      const name = labelText(model === '' ? 'unnamed model' : model, 80);
      return [`${name} (estimate)`, `${tokens(used)} tokens in ${calls} ${calls === 1 ? 'call' : 'calls'}${price}`];
    }),
  ];
}

const tokens = ({ totalTokens }: Usage): string => totalTokens.toLocaleString('en');

function parts({ promptTokens, generatedTokens, thinkingTokens, cachedTokens }: Usage): string {
  const named: readonly (readonly [number, string])[] = [
    [promptTokens, 'asked'],
    [generatedTokens, 'answered'],
    [thinkingTokens, 'of it thought'],
    [cachedTokens, 'from the cache'],
  ];
  return named
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count.toLocaleString('en')} ${words}`)
    .join(', ');
}

const isPriced = (usage: Usage): usage is Usage & { readonly costUsd: number } => (usage.costUsd ?? 0) > 0;

/** `$0.0123`: small sums keep the digits that tell something. */
function dollars(cost: number): string {
  if (cost >= 1) return `$${cost.toFixed(2)}`;
  return cost < 0.0001 ? 'under $0.0001' : `$${cost.toFixed(4)}`;
}
