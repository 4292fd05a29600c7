/** v1's sessions at work: prompts become turns, turns reach whoever listens, and what a restart cut short goes on. */
import { createHash } from 'node:crypto';
import type { Account } from '../accounts.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { StoredFile, StoredSession, StoredTurn } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { Turn } from '../turns/turn.ts';
import type { Turns } from '../turns/turns.ts';
import { Delivery } from './delivery.ts';
import type { Listener } from './delivery.ts';
import { Exchanges } from './exchanges.ts';
import { estimateTokens, Quota } from './limits.ts';
import { dataOf, messagesOf } from './session-view.ts';
import { messageSchema, ROOT_ID } from './shapes.ts';
import type { Usage, V1Message } from './shapes.ts';
import { V1TurnWire } from './turn-wire.ts';

interface Live {
  readonly delivery: Delivery;
  readonly exchanges: Exchanges;
}

export interface AskOptions {
  /** False: over plain HTTP, where no client can be called. */
  readonly hasSocket: boolean;
  /** Names of the tools that this request offers besides the session's own. */
  readonly moreTools?: readonly string[] | undefined;
  /** Who asked. */
  readonly listener?: Listener | undefined;
}

/** Too many prompts or tokens in the last minute. */
export class QuotaExceeded extends Refusal {
  /** Seconds. */
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super(429, `Quota exceeded: try again in ${retryAfter} s.`);
    this.retryAfter = retryAfter;
  }
}

export class Conversations {
  readonly #store: Store;
  readonly #turns: Turns;
  readonly #clock: Clock;
  readonly #quota: Quota;
  readonly #live = new Map<StoredSession, Live>();

  constructor(store: Store, turns: Turns, clock: Clock) {
    this.#store = store;
    this.#turns = turns;
    this.#clock = clock;
    this.#quota = new Quota(() => clock.now());
    store.onRemoved((session) => this.#live.delete(session));
  }

  live(session: StoredSession): Live {
    const known = this.#live.get(session);
    if (known !== undefined) return known;
    const delivery = new Delivery(session.messages.findLast((message) => message['state'] === 'end'));
    const live = { delivery, exchanges: new Exchanges(delivery, this.#clock) };
    this.#live.set(session, live);
    return live;
  }

  isBusy(session: StoredSession): boolean {
    return this.#turns.of(session).length > 0;
  }

  /** Counts one prompt against the account's quota. Throws QuotaExceeded. */
  charge(account: Account, prompt: string): void {
    const wait = this.#quota.take(account, estimateTokens(prompt));
    if (wait !== undefined) throw new QuotaExceeded(wait);
  }

  /**
   * Takes a prompt into the history and starts its turn. A prompt whose id the session knows is not worked on again: undefined.
   * Throws QuotaExceeded, and Refusal 429 or 413 when the session takes no more.
   */
  ask(session: StoredSession, account: Account, query: V1Message, options: AskOptions): Turn | undefined {
    const { delivery } = this.live(session);
    if (session.messages.some(({ id }) => id === query.id)) {
      if (options.listener !== undefined) delivery.listens(options.listener);
      return undefined;
    }
    this.charge(account, query.content ?? '');
    this.#turns.checkRoom(session);
    const parent = session.messages.some(({ id }) => id === query.parent_id) ? query.parent_id : ROOT_ID;
    const earlierPrompts = promptsOf(messagesOf(session));
    const kept: V1Message = { ...query, parent_id: parent, role: 'user' };
    this.#store.addMessage(session, kept);
    const data = dataOf(session);
    this.#store.update(session, { data: { ...data, turns: data.turns + 1, state: 'running_agent' } });
    if (options.listener !== undefined) delivery.asked(options.listener, query.id);
    const tools = [...data.local_tools.map(({ name }) => name), ...(options.moreTools ?? [])];
    return this.#start(session, kept, earlierPrompts, { hasSocket: options.hasSocket, tools });
  }

  /** Goes on with every turn that the last end of the process cut short. */
  resumeAll(): void {
    for (const session of this.#store.sessions()) {
      if (session.protocol !== 'v1') continue;
      for (const stored of [...session.turns.values()]) {
        const messages = messagesOf(session);
        const at = messages.findIndex(({ id }) => id === stored.id);
        const query = messages[at];
        const isOver = messages.some(({ id, state }) => id === stored.said.at(-1) && state === 'end');
        if (query === undefined || isOver) this.#store.endTurn(session, stored);
        else this.#start(session, query, promptsOf(messages.slice(0, at)), optionsOf(stored), stored);
      }
      // The kill came after the prompt was kept and before its turn was: nothing of it was said, so it begins now.
      const last = messageSchema.safeParse(session.messages.at(-1)).data;
      if (last?.message_type === 'query' && !session.turns.has(last.id)) {
        const data = dataOf(session);
        const tools = data.local_tools.map(({ name }) => name);
        this.#start(session, last, promptsOf(messagesOf(session).slice(0, -1)), { hasSocket: true, tools });
      }
    }
  }

  #start(
    session: StoredSession,
    query: V1Message,
    earlierPrompts: readonly string[],
    options: { readonly hasSocket: boolean; readonly tools: readonly string[] },
    stored?: StoredTurn,
  ): Turn {
    const { delivery, exchanges } = this.live(session);
    const wire = new V1TurnWire({
      query,
      clock: this.#clock,
      delivery,
      exchanges,
      clientTools: options.tools,
      reports: session.reports,
      hasSocket: options.hasSocket,
      onEnd: (_, usage) => this.#ended(session, usage),
    });
    const moreFiles = this.#attachedLog(session);
    return this.#turns.start({
      session,
      id: query.id,
      prompt: query.content ?? '',
      earlierPrompts,
      moreFiles,
      wire,
      options,
      stored,
    });
  }

  #ended(session: StoredSession, used: Usage): void {
    const data = dataOf(session);
    const { usage } = data;
    const sum = {
      ...usage,
      prompt_tokens: usage.prompt_tokens + used.prompt_tokens,
      generated_tokens: usage.generated_tokens + used.generated_tokens,
      total_tokens: usage.total_tokens + used.total_tokens,
    };
    this.#store.update(session, { data: { ...data, usage: sum, state: 'end' } });
  }

  /** The engine looks at an attached log as at any other file. */
  #attachedLog(session: StoredSession): StoredFile[] {
    const hash = dataOf(session).logs_table?.blake2s;
    const text = hash === undefined ? undefined : this.#store.logs.text(session.user, hash);
    if (hash === undefined || text === undefined) return [];
    const bytes = Buffer.from(text);
    const name = `attached-log-${hash.slice(0, 8)}.jsonl`;
    return [
      {
        id: hash,
        at: session.updatedAt,
        name,
        bytes,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        mimeType: 'application/jsonl',
        label: 'jsonl',
      },
    ];
  }
}

function optionsOf(stored: StoredTurn): { hasSocket: boolean; tools: string[] } {
  const { hasSocket, tools } = stored.options;
  return { hasSocket: hasSocket !== false, tools: Array.isArray(tools) ? tools.map(String) : [] };
}

const promptsOf = (messages: readonly V1Message[]): string[] =>
  messages.filter(({ message_type }) => message_type === 'query').map(({ content }) => content ?? '');
