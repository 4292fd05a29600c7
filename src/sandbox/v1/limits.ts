/** An account's prompts and tokens per minute. */
import type { Account } from '../accounts.ts';

const WINDOW_MS = 60_000;

/** Tokens of a text, estimated: there is no model here whose count would be the true one. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

export class Quota {
  readonly #now: () => number;
  readonly #used = new Map<string, { readonly at: number; tokens: number }[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined = one more prompt is within the account's quota, and it counts now; else the seconds to wait. */
  take({ id, rpm, tpm }: Account, tokens: number): number | undefined {
    const now = this.#now();
    const used = (this.#used.get(id) ?? []).filter(({ at }) => at > now - WINDOW_MS);
    this.#used.set(id, used);
    const spent = used.reduce((sum, entry) => sum + entry.tokens, 0);
    const [oldest] = used;
    if (oldest !== undefined && ((rpm > 0 && used.length >= rpm) || (tpm > 0 && spent + tokens > tpm))) {
      return Math.max(1, Math.ceil((oldest.at + WINDOW_MS - now) / 1000));
    }
    used.push({ at: now, tokens });
    return undefined;
  }
}
