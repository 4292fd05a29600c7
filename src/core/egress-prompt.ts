/**
 * The text of a prompt at the gate: searched for secrets like a file, asked about when there are some. Whoever sends asks `review` first and
 * sends what it gives; `prompt` of the gate then lets nothing else through, so that no way of sending can go round the question (S32).
 */

import { encodeText } from './egress-record.ts';
import type { EgressAbout, EgressPorts } from './egress-model.ts';
import type { SecretFlag } from './egress-inspect.ts';
import { SecGeminiError } from './errors.ts';
import { labelText } from './visible-text.ts';

export type PromptAbout = Pick<EgressAbout, 'sessionId' | 'sessionName' | 'destination'>;

/** What was found in a prompt, as the question shows it. */
export interface PromptRequest extends PromptAbout {
  readonly secrets: readonly SecretFlag[];
  /** False when there are more secrets than were listed: what is not known cannot be replaced. */
  readonly canRedact: boolean;
  /** The message waited in the queue, and stays there when it is not sent. */
  readonly waited?: boolean | undefined;
}

export type PromptAnswer = 'send' | 'redact' | 'cancel';

/** Replaces what was found by the session's placeholders and keeps these first. */
type Redact = (sessionId: string, text: string, secrets: readonly SecretFlag[]) => Promise<string>;

type Ports = Pick<EgressPorts, 'scan' | 'confirmPrompt' | 'newHash'>;

/** Texts that were agreed to, in this window; more than anybody has waiting. */
const REMEMBERED = 1000;

export class PromptGate {
  readonly #ports: Ports;
  readonly #redact: Redact;
  /** What is known of a text that may leave, for the ledger; by session and hash. */
  readonly #agreed = new Map<string, string>();

  constructor(ports: Ports, redact: Redact) {
    this.#ports = ports;
    this.#redact = redact;
  }

  /** The text that may be sent. Rejects with `cancelled` when the user wants to keep it. */
  async review(about: PromptAbout, text: string, waited = false): Promise<string> {
    const { secrets, complete } = await this.#search(text);
    if (secrets.length === 0) return this.#agree(about, text, '');
    const count = secrets.length === 1 ? '1 secret' : `${secrets.length} secrets`;
    const answer = (await this.#ports.confirmPrompt?.({ ...about, secrets, canRedact: complete, waited })) ?? 'cancel';
    if (answer === 'send')
      return this.#agree(about, text, `; ${count} sent as ${secrets.length === 1 ? 'it is' : 'they are'}`);
    if (answer === 'redact' && complete)
      return this.#agree(about, await this.#redact(about.sessionId, text, secrets), `; ${count} redacted`);
    throw new SecGeminiError('cancelled', 'The message was not sent.', { action: 'Your text is kept.' });
  }

  /** Like `review`, of a text that waited in the queue: at once and unasked when this window knows the answer, as it does until a reload. */
  reviewWaiting(about: PromptAbout, text: string): string | Promise<string> {
    return this.#agreed.has(this.#keyOf(about.sessionId, text)) ? text : this.review(about, text, true);
  }

  /** Rejects with `permissionDenied` when what goes along with a prompt holds a secret: it is the user's to change, nobody is asked. */
  async requireMeta(meta: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(meta)) {
      const [secret] = (await this.#search(`${key} = ${value}`)).secrets;
      if (secret !== undefined)
        throw new SecGeminiError(
          'permissionDenied',
          `The option "${labelText(key, 60)}" of this session holds a secret (${labelText(secret.title, 60)}). Nothing was sent.`,
          { action: 'Change the options of the session, then send the message again.' },
        );
    }
  }

  /** What the ledger adds about this text. Rejects with `permissionDenied` when it holds secrets that nobody agreed to send. */
  async require({ sessionId }: PromptAbout, text: string): Promise<string> {
    const agreed = this.#agreed.get(this.#keyOf(sessionId, text));
    if (agreed !== undefined) return agreed;
    if ((await this.#search(text)).secrets.length === 0) return '';
    throw new SecGeminiError('permissionDenied', 'This message holds a secret that you did not agree to send.', {
      action: 'Send it again: you are asked what to do with the secret.',
    });
  }

  async #search(text: string): Promise<{ readonly secrets: readonly SecretFlag[]; readonly complete: boolean }> {
    const scanned = await this.#ports.scan?.(encodeText(text), { fileName: 'prompt', cut: false, signal: undefined });
    return scanned ?? { secrets: [], complete: true };
  }

  #agree({ sessionId }: PromptAbout, text: string, words: string): string {
    const [oldest] = this.#agreed.keys();
    if (this.#agreed.size >= REMEMBERED && oldest !== undefined) this.#agreed.delete(oldest);
    this.#agreed.set(this.#keyOf(sessionId, text), words);
    return text;
  }

  /** By hash, so that no secret stays in memory for it. */
  #keyOf(sessionId: string, text: string): string {
    const hash = this.#ports.newHash('sha256');
    hash.update(encodeText(text));
    return `${sessionId} ${hash.digest()}`;
  }
}
