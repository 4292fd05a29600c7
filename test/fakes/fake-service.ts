/** The fake client with a service behind it: turns go on without a listener and are kept. It obeys the contract like the real ones. */

import { setTimeout as delay } from 'node:timers/promises';
import type {
  CallOptions,
  CreateSessionOptions,
  LogsResult,
  Prompt,
  SecGeminiClient,
  SessionPage,
  Upload,
} from '../../src/core/client.ts';
import { SecGeminiError, errorInfo } from '../../src/core/errors.ts';
import type { SessionEvent } from '../../src/core/events.ts';
import type { Message, SessionInfo } from '../../src/core/model.ts';
import { FakeClient, message } from './fake-client.ts';

/** A turn at the service: what it has said so far, and who wants to hear more. */
class Job {
  readonly events: SessionEvent[] = [];
  #wake: (() => void)[] = [];

  say(event: SessionEvent): void {
    this.events.push(event);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** From the beginning on, until the turn ends or the listener leaves. */
  async *follow(signal: AbortSignal): AsyncGenerator<SessionEvent, void, void> {
    for (let at = 0; ; at += 1) {
      while (at >= this.events.length && !signal.aborted)
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      const event = this.events[at];
      if (signal.aborted || event === undefined) return yield { type: 'turnEnd', outcome: 'stopped' };
      yield event;
      if (event.type === 'turnEnd') return;
    }
  }
}

export class FakeService extends FakeClient implements SecGeminiClient {
  /** How long a prompt that begins with `/slow` works, in milliseconds. */
  slowMs = 500;
  readonly #jobs = new Map<string, Job>();

  override async listSessions(options: CallOptions = {}): Promise<SessionPage> {
    if (options.signal?.aborted === true) throw new SecGeminiError('cancelled', 'Cancelled.');
    return super.listSessions();
  }

  override async createSession(options: CreateSessionOptions): Promise<SessionInfo> {
    const info = await super.createSession(options);
    const made = { ...info, description: options.description ?? '', logging: options.logging ?? true };
    this.sessions.set(info.id, made);
    return made;
  }

  override async history(sessionId: string): Promise<readonly Message[]> {
    await this.getSession(sessionId);
    return super.history(sessionId);
  }

  override async *stream(
    sessionId: string,
    prompt: Prompt,
    options: CallOptions = {},
  ): AsyncGenerator<SessionEvent, void, void> {
    if (!this.sessions.has(sessionId)) {
      const error = errorInfo(new SecGeminiError('notFound', `Session ${sessionId} not found.`));
      return yield { type: 'turnEnd', outcome: 'failed', error };
    }
    this.sent.push(prompt.text);
    yield { type: 'delivery', promptId: prompt.id, state: 'sent' };
    const job = new Job();
    this.#jobs.set(sessionId, job);
    void this.#work(sessionId, prompt, job);
    yield { type: 'delivery', promptId: prompt.id, state: 'delivered' };
    yield* job.follow(options.signal ?? new AbortController().signal);
  }

  override async *listen(
    sessionId: string,
    options: CallOptions & { readonly knownIds?: ReadonlySet<string> | undefined } = {},
  ): AsyncGenerator<SessionEvent, void, void> {
    const job = this.#jobs.get(sessionId);
    if (job === undefined) return;
    for await (const event of job.follow(options.signal ?? new AbortController().signal)) {
      const id = event.type === 'message' || event.type === 'piece' ? event.message.id : '';
      if (options.knownIds?.has(id) !== true) yield event;
    }
  }

  sendFeedback(sessionId: string): Promise<void> {
    return this.getSession(sessionId).then(() => undefined);
  }

  async attachLogs(sessionId: string, upload: Upload): Promise<LogsResult> {
    await this.getSession(sessionId);
    let text = '';
    for await (const piece of upload.open()) text += Buffer.from(piece).toString();
    return { hash: 'fake', insertedLines: text.split('\n').filter((line) => line !== '').length, alreadyThere: false };
  }

  async #work(sessionId: string, { id, text }: Prompt, job: Job): Promise<void> {
    const kept = this.histories.get(sessionId) ?? [];
    const keep = (said: Message): void => {
      kept.push({ ...said, sessionId });
      if (said.kind !== 'prompt') job.say({ type: 'message', message: { ...said, sessionId } });
    };
    keep(message(id, 'prompt', text));
    keep(message(`thought-${id}`, 'thinking', 'Looking'));
    if (text.startsWith('/slow')) await delay(this.slowMs);
    const answer = message(`answer-${id}`, 'response', `Echo: ${text}`);
    const open: Message = { ...answer, sessionId, content: '', status: 'streaming' };
    for (const piece of ['Echo: ', text]) job.say({ type: 'piece', message: open, text: piece });
    keep(answer);
    job.say({ type: 'turnEnd', outcome: 'completed' });
  }
}
