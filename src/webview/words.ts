/** Short words about times, sizes and contents. Pure. */

import type { Usage } from '../core/model.ts';
import type { Row } from '../panel/protocol.ts';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** Time of day; with the day when it was not today. Empty for an unknown time. */
export function plainTime(milliseconds: number, now: number = Date.now()): string {
  if (!Number.isFinite(milliseconds) || milliseconds <= 0 || milliseconds > 8.64e15) return '';
  const date = new Date(milliseconds);
  const today = new Date(now).toDateString() === date.toDateString();
  return (today ? clock : dayAndClock).format(date);
}

/** `340 ms`, `2.4 s`, `3 min`; empty when it makes no sense (clocks differ). */
export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) return '';
  if (milliseconds < 1000) return `${Math.round(milliseconds).toString()} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000).toString()} min`;
}

/** `1,234 tokens (1,000 in, 234 out), $0.0123, estimate`: services count and price by estimate. */
export function usageText(usage: Usage): string {
  const parts = [
    `${usage.totalTokens.toLocaleString('en')} tokens (${usage.promptTokens.toLocaleString('en')} in, ${usage.generatedTokens.toLocaleString('en')} out)`,
    costText(usage),
  ];
  return `${parts.filter((part) => part !== '').join(', ')}, estimate`;
}

/** `$0.0123`: small sums keep the digits that tell something; empty where no price is told. */
export function costText({ costUsd = 0 }: Usage): string {
  if (costUsd <= 0) return '';
  if (costUsd >= 1) return `$${costUsd.toFixed(2)}`;
  return costUsd < 0.0001 ? 'under $0.0001' : `$${costUsd.toFixed(4)}`;
}

/** The first words of a folded row. */
export function preview(row: Row): string {
  const text = row.content.slice(0, 400).replace(/\s+/g, ' ').trim();
  // An underscore within a word is part of a name.
  return row.kind === 'thinking' ? text.replace(/[*`#]|(?<![\p{L}\p{N}_])_+|_+(?![\p{L}\p{N}_])/gu, '') : text;
}

/**
 * JSON with line breaks; what is no JSON stays as it is. Works on the text, not on parsed values: numbers, double keys and escapes of an
 * approval are shown as they were written.
 */
export function prettyJson(text: string): string {
  if (text.length > 200_000 || !/^\s*[[{]/.test(text)) return text;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += token + line();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      out = /[{[]\s*$/.test(out.slice(-200)) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ',') out += token + line();
    else out += token === ':' ? ': ' : token;
  }
  return out;
}
