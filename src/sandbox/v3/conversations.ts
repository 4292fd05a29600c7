/** v3's sessions at work: prompts become turns, turns are paused, cancelled and answered, and what a restart cut short goes on. */
import { randomUUID } from 'node:crypto';
import { JobStatus, MessageType } from '../../client/v3/gen/api_hub_pb.js';
import type { Account } from '../accounts.ts';
import type { Clock } from '../state/clock.ts';
import { Refusal } from '../state/model.ts';
import type { StoredMessage, StoredSession, StoredTurn } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { ToolHub } from '../tool-hub/hub.ts';
import type { Turn } from '../turns/turn.ts';
import type { Turns } from '../turns/turns.ts';
import { estimateTokens, Quota } from '../v1/limits.ts';
import { DEFAULT_MCPS } from './mcps.ts';
import { derivedId, makeMessage, partsOf, typed } from './messages.ts';
import type { MessageParts } from './messages.ts';
import { Room } from './room.ts';
import { dataOf, dataSchema, isActive, messageOf, MOST_JOBS, SESSION_SECONDS } from './shapes.ts';
import type { V3Message } from './shapes.ts';
import { turnOptionsSchema, V3TurnWire } from './turn-wire.ts';

/** A prompt has to fit into one message with its echo. */
const MOST_PROMPT_BYTES = 4_000_000;
const MOST_NAME = 200;

export interface ConversationPorts {
  readonly store: Store;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly hub: ToolHub;
}

export class Conversations {
  readonly #ports: ConversationPorts;
  readonly #rooms = new Map<StoredSession, Room>();
  readonly #quota: Quota;
  /** Told of every change of a session's state. */
  readonly #onStatus: (room: Room) => void;

  constructor(ports: ConversationPorts, onStatus: (room: Room) => void) {
    this.#ports = ports;
    this.#onStatus = onStatus;
    this.#quota = new Quota(() => ports.clock.now());
    ports.store.onRemoved((session) => {
      this.#rooms.get(session)?.gone();
      this.#rooms.delete(session);
    });
  }

  /** v3's sessions of the account, newest first. */
  list(user: string): StoredSession[] {
    const own = this.#ports.store.sessions(user).filter(({ protocol }) => protocol === 'v3');
    return own.reverse().sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Undefined for a session that is not there, or not v3's. */
  find(user: string, id: string): Room | undefined {
    const session = this.#ports.store.session(user, id);
    return session?.protocol === 'v3' ? this.#room(session) : undefined;
  }

  /** The same request gives the same session. Throws Refusal 429 when there are too many. */
  create(user: string, source: string, reqId: string): StoredSession {
    const known = reqId === '' ? undefined : this.list(user).find((session) => dataOf(session).reqId === reqId);
    if (known !== undefined) return known;
    const data = dataSchema.parse({ source: source.slice(0, MOST_NAME), mcps: [...DEFAULT_MCPS], reqId });
    const init = { user, id: randomUUID(), protocol: 'v3', ttlSeconds: SESSION_SECONDS, data } as const;
    return this.#ports.store.create(init);
  }

  /** How many jobs of the account are in hand. */
  running(user: string): number {
    const working = this.list(user).filter((session) => this.#ports.turns.of(session).length > 0);
    return working.some((session) => this.#rooms.get(session)?.takesPlaces === true) ? MOST_JOBS : working.length;
  }

  /** True when the prompt is taken: as a new job, as the answer to a question, or because it was taken before. */
  prompt(room: Room, account: Account, asked: { text: string; meta: Record<string, string>; reqId: string }): boolean {
    const { session } = room;
    const { text, meta, reqId } = asked;
    if (reqId !== '' && session.messages.some((message) => message['reqId'] === reqId)) return true;
    const prompt = { type: MessageType.PROMPT, content: text, from: 'user', reqId } as const;
    const { question } = room;
    if (question !== undefined) {
      room.question = undefined;
      this.#add(room, { ...prompt, clarifies: question.id });
      question.resolve(text);
      return true;
    }
    if (this.#isBusy(room) || this.running(account.id) >= MOST_JOBS) return false;
    const wait = this.#quota.take(account, estimateTokens(text));
    const refusal =
      Buffer.byteLength(text) > MOST_PROMPT_BYTES
        ? `The prompt is too long: at most ${MOST_PROMPT_BYTES} bytes.`
        : wait === undefined
          ? undefined
          : `Quota exceeded: try again in ${wait} s.`;
    try {
      if (refusal === undefined) this.#ports.turns.checkRoom(session);
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
    const earlierPrompts = promptsOf(session.messages);
    const message = this.#add(room, prompt);
    const data = dataOf(session);
    this.#ports.store.update(session, {
      data: { ...data, turns: data.turns + 1, paused: undefined, cancelled: undefined },
    });
    this.setStatus(room, JobStatus.PENDING);
    if (refusal !== undefined) {
      this.#add(room, partsOf({ type: 'fail', code: 429, message: refusal }));
      this.#ports.store.update(session, { data: { ...dataOf(session), status: JobStatus.FAILED } });
      this.setStatus(room, JobStatus.FAILED);
      return true;
    }
    const skills = (meta['forced_skills'] ?? '').split(',').map((name) => name.trim());
    const options = {
      number: data.turns + 1,
      naming: data.name === '',
      alwaysAsk: data.alwaysAsk,
      skills: [...new Set(skills.filter((name) => name !== ''))].slice(0, 20),
    };
    this.#start(room, message, earlierPrompts, options);
    return true;
  }

  /** False when there is nothing that could be paused. */
  pause(room: Room): boolean {
    const turn = this.#turn(room);
    if (turn === undefined || room.status !== JobStatus.RUNNING) return false;
    this.#ports.store.update(room.session, { data: { ...dataOf(room.session), paused: turn.id } });
    turn.pause();
    this.setStatus(room, JobStatus.PAUSING);
    const paused = (): void => {
      if (turn.isPaused && room.status === JobStatus.PAUSING) this.setStatus(room, JobStatus.PAUSED);
    };
    if (turn.held === undefined) paused();
    else void turn.held.then(paused);
    return true;
  }

  /** False when nothing is paused. */
  resume(room: Room): boolean {
    const turn = this.#turn(room);
    if (turn === undefined || room.status !== JobStatus.PAUSED) return false;
    this.#ports.store.update(room.session, { data: { ...dataOf(room.session), paused: undefined } });
    this.setStatus(room, JobStatus.RUNNING);
    turn.resume();
    return true;
  }

  /** False when no job is in hand. The state is CANCELED before this returns or soon after. */
  cancel(room: Room): boolean {
    const turn = this.#turn(room);
    if (turn === undefined || !isActive(room.status)) return false;
    // A restart before the end must not let it go on.
    this.#ports.store.update(room.session, { data: { ...dataOf(room.session), cancelled: turn.id } });
    this.setStatus(room, JobStatus.CANCELING);
    if (turn.held === undefined) turn.cancel();
    else void turn.held.then(() => turn.cancel());
    return true;
  }

  /** False for an id that nothing waits under; nothing changes then. */
  confirm(room: Room, id: string, approved: boolean): boolean {
    const { pending } = room;
    if (pending?.info.id !== id) return false;
    room.pending = undefined;
    pending.resolve(approved);
    return true;
  }

  /** The user's own name. Throws Refusal 400 for an empty or too long one. */
  rename(room: Room, name: string): void {
    const trimmed = name.trim();
    if (trimmed === '') throw new Refusal(400, 'The name is empty.');
    if (trimmed.length > MOST_NAME) throw new Refusal(400, `The name may have at most ${MOST_NAME} characters.`);
    this.#ports.store.update(room.session, { data: { ...dataOf(room.session), name: trimmed, customName: true } });
    this.#add(room, { type: MessageType.SESSION_NAME, content: trimmed, from: 'user' });
  }

  setStatus(room: Room, status: JobStatus): void {
    room.setStatus(status);
    this.#onStatus(room);
  }

  /** Goes on with every turn that the last end of the process cut short. */
  resumeAll(): void {
    for (const session of this.#ports.store.sessions()) {
      if (session.protocol !== 'v3') continue;
      const room = this.#room(session);
      const messages = session.messages.map(messageOf);
      const { paused, cancelled, turns } = dataOf(session);
      for (const stored of [...session.turns.values()]) {
        const at = messages.findIndex(({ id }) => id === stored.id);
        const prompt = messages[at];
        if (prompt === undefined) {
          this.#ports.store.endTurn(session, stored);
          continue;
        }
        const turn = this.#start(room, prompt, promptsOf(messages.slice(0, at)), stored.options, stored);
        if (cancelled === stored.id) turn.cancel();
        else if (paused === stored.id) turn.pause();
      }
      // The kill came after the prompt was kept and before its turn was: nothing of it was said, so it begins now.
      const last = messages.at(-1);
      if (last?.messageType === MessageType.PROMPT && last.clarifies === '' && session.turns.size === 0)
        this.#start(room, last, promptsOf(messages.slice(0, -1)), { number: Math.max(1, turns), naming: false });
    }
  }

  #start(
    room: Room,
    prompt: V3Message,
    earlierPrompts: readonly string[],
    options: Readonly<Record<string, unknown>>,
    stored?: StoredTurn,
  ): Turn {
    const { turns, store, clock, hub } = this.#ports;
    room.status = JobStatus.PENDING;
    const ports = { store, clock, hub, setStatus: (of: Room, status: JobStatus) => this.setStatus(of, status) };
    const wire = new V3TurnWire(ports, room, turnOptionsSchema.parse(options));
    const { session } = room;
    return turns.start({
      session,
      id: prompt.id,
      prompt: typed(prompt.content),
      earlierPrompts,
      wire,
      options,
      stored,
    });
  }

  #isBusy(room: Room): boolean {
    return isActive(room.status) || this.#ports.turns.of(room.session).length > 0;
  }

  #turn(room: Room): Turn | undefined {
    return this.#ports.turns.of(room.session).at(-1);
  }

  #room(session: StoredSession): Room {
    const known = this.#rooms.get(session);
    if (known !== undefined) return known;
    const room = new Room(session, dataOf(session).status);
    this.#rooms.set(session, room);
    return room;
  }

  /** Says something outside a turn. */
  #add(room: Room, parts: MessageParts): V3Message {
    const { store, clock } = this.#ports;
    const { session } = room;
    const id = derivedId(session.id, 'message', session.messages.length, randomUUID());
    const message = makeMessage(id, clock.now(), parts);
    store.addMessage(session, message);
    room.grown();
    return message;
  }
}

/** The user's own words, oldest first. */
function promptsOf(messages: readonly StoredMessage[]): string[] {
  const prompts = messages.filter((message) => message['messageType'] === MessageType.PROMPT);
  return prompts.map((message) => typed(messageOf(message).content));
}
