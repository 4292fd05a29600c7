/**
 * What the frames of a turn mean: a state machine without IO. Messages in, SessionEvents out; the same for the socket and for history.
 * It never trusts an id to be new, an order to be right or a message to belong to this turn (trust.md F14–F16).
 */

import type { ErrorInfo } from '../../core/errors.ts';
import type { SessionEvent } from '../../core/events.ts';
import type { Message } from '../../core/model.ts';
import { isEnd, isHardError, isPiece, messageError, toMessage } from './codec.ts';
import { type WireMessage, toolCallSchema } from './wire.ts';
import { parseJson, FRAME_LIMITS } from '../json.ts';

/** Ids and groups that a session's memory holds at most. */
const MEMORY_SIZE = 20_000;

/** Which messages belong to which query, as far as this client has seen. One per session; bounded. */
export class SessionMemory {
  readonly #owners = new Map<string, string>();
  readonly #ended = new Set<string>();

  /**
   * The unfinished query that a message answers: by its chain of parents, else by its group. Undefined when unknown, and when that turn is
   * over: a service may go on with an old group or hang a new turn on the last message of the one before.
   */
  ownerOf(wire: WireMessage): string | undefined {
    // A message that was seen before stays with its query, however long that is over: a repeated end must not end another turn.
    const seen = this.#owners.get(wire.id);
    if (seen !== undefined) return seen;
    const owner =
      (wire.parent_id ? this.#owners.get(wire.parent_id) : undefined) ??
      (wire.group ? this.#owners.get(`group ${wire.group}`) : undefined);
    return owner === undefined || this.#ended.has(owner) ? undefined : owner;
  }

  end(owner: string): void {
    this.#ended.add(owner);
  }

  remember(wire: WireMessage, owner: string): void {
    this.#put(wire.id, owner);
    if (wire.group) this.#put(`group ${wire.group}`, owner);
  }

  rememberQuery(id: string): void {
    this.#put(id, id);
  }

  #put(key: string, owner: string): void {
    if (this.#owners.get(key) === owner) return;
    this.#owners.set(key, owner);
    if (this.#owners.size <= MEMORY_SIZE) return;
    // Half at once: taking the oldest out one by one costs more than everything else here.
    const newest = [...this.#owners].slice(-MEMORY_SIZE / 2);
    this.#owners.clear();
    for (const [kept, value] of newest) this.#owners.set(kept, value);
  }
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As they came; undefined when the call could not be read. */
  readonly args?: unknown;
}

/** What one frame did. */
export interface TurnStep {
  readonly events: readonly SessionEvent[];
  /** The turn is over. `failed` may still be followed by an end mark. */
  readonly ended?: { readonly outcome: 'completed' | 'failed'; readonly error?: ErrorInfo | undefined } | undefined;
  readonly toolCall?: ToolCall | undefined;
  /** The service waits for the user's yes or no. */
  readonly waiting?: true | undefined;
  /** It belonged to this turn: the prompt has arrived. */
  readonly ours: boolean;
}

interface OpenPiece {
  /** The id under which the growing message is shown. */
  readonly id: string;
  readonly ids: Set<string>;
  /** Of the pieces seen, to tell a repeated piece from the next one under the same id. */
  readonly seen: Set<string>;
  text: string;
}

const NOTHING: TurnStep = { events: [], ours: false };

export class TurnReader {
  readonly #sessionId: string;
  readonly #promptId: string | undefined;
  readonly #memory: SessionMemory;
  /** Ids that need no showing: shown already, deleted, or older than this turn. */
  readonly #known: Set<string>;
  readonly #shown = new Map<string, Message>();
  /** The type under which an id was shown first. */
  readonly #types = new Map<string, string>();
  #saysEnd = false;
  readonly #open = new Map<string, OpenPiece>();
  /** Finished pieces by key, for pieces that come late. */
  readonly #finished = new Map<string, { readonly ids: ReadonlySet<string>; readonly text: string }>();
  #failed: ErrorInfo | undefined;

  /** `promptId`: the query that was sent; undefined when a running turn is picked up. */
  constructor(options: {
    readonly sessionId: string;
    readonly promptId?: string | undefined;
    readonly memory: SessionMemory;
    readonly knownIds?: ReadonlySet<string> | undefined;
  }) {
    this.#sessionId = options.sessionId;
    this.#promptId = options.promptId;
    this.#memory = options.memory;
    this.#known = new Set(options.knownIds);
    if (options.promptId !== undefined) {
      this.#known.add(options.promptId);
      options.memory.rememberQuery(options.promptId);
    }
  }

  /** One frame of the socket. */
  read(wire: WireMessage): TurnStep {
    const owner = this.#memory.ownerOf(wire);
    const foreign = owner !== undefined && this.#promptId !== undefined && owner !== this.#promptId;
    if (!foreign && this.#promptId !== undefined) this.#memory.remember(wire, this.#promptId);
    const step = this.#apply(wire, foreign);
    if (foreign && isEnd(wire)) this.#memory.end(owner);
    if (!foreign && step.ended !== undefined && isEnd(wire) && this.#promptId !== undefined)
      this.#memory.end(this.#promptId);
    if (!foreign) return step;
    // A turn that the user stopped listening to still talks: what it says is shown, its end is not ours.
    return { events: step.events, ours: false };
  }

  /**
   * The service's transcript, after a reconnect. `found`: our query is in it (always true when a running turn is picked up). Everything
   * before the query is older than this turn and will not be shown when the service replays it.
   */
  readHistory(history: readonly WireMessage[]): TurnStep & { readonly found: boolean } {
    const at =
      this.#promptId === undefined
        ? history.findLastIndex((wire) => wire.message_type === 'query')
        : history.findIndex((wire) => wire.id === this.#promptId);
    history.slice(0, Math.max(0, at)).forEach((wire) => this.#known.add(wire.id));
    if (at === -1) {
      // All of it is older than this turn: none of it may end it when the service says it once more.
      for (const wire of history) this.#known.add(wire.id);
      return { ...NOTHING, found: this.#promptId === undefined };
    }
    const events: SessionEvent[] = [];
    let ended: TurnStep['ended'];
    const query = history[at];
    if (query !== undefined && this.#promptId === undefined && !this.#known.has(query.id)) {
      this.#known.add(query.id);
      events.push({ type: 'message', message: toMessage(query, this.#sessionId) });
    }
    for (const wire of history.slice(at + 1)) {
      // The next query begins another turn, which is not ours to end.
      if (wire.message_type === 'query') break;
      if (this.#promptId !== undefined) this.#memory.remember(wire, this.#promptId);
      const step = this.#apply(wire, false, true);
      events.push(...step.events);
      ended ??= step.ended;
    }
    if (ended !== undefined && this.#promptId !== undefined) this.#memory.end(this.#promptId);
    return { events, ended, ours: true, found: true };
  }

  /** The last message had the state of an end without being one: some services may leave it at that. */
  get saysEnd(): boolean {
    return this.#saysEnd;
  }

  #apply(wire: WireMessage, foreign: boolean, fromHistory = false): TurnStep {
    if (!foreign) this.#saysEnd = wire.state === 'end';
    if (wire.message_type === 'local_tool_call') return fromHistory ? NOTHING : this.#toolCall(wire);
    if (wire.message_type === 'local_tool_result') return NOTHING;
    if (wire.message_type === 'delete') return this.#delete(wire);
    if (wire.message_type === 'update') return this.#update(wire);
    if (isPiece(wire)) return this.#piece(wire);
    return this.#whole(wire, foreign, fromHistory);
  }

  #whole(wire: WireMessage, foreign: boolean, fromHistory: boolean): TurnStep {
    const ended = foreign ? undefined : this.#endOf(wire);
    const opened = this.#closePiece(wire);
    const type = this.#types.get(wire.id);
    // Said once more it would be the same: under one id stand two messages, and neither may be lost.
    if (opened === undefined && type !== undefined && type !== wire.message_type)
      return this.#whole({ ...wire, id: `${wire.id}~${wire.message_type}` }, foreign, fromHistory);
    if (this.#known.has(wire.id) && opened === undefined) {
      // An end that is sent once more ends all the same: it may be the only one that this connection gets.
      return { events: [], ended, ours: true };
    }
    const message = toMessage(wire, this.#sessionId);
    this.#known.add(wire.id);
    this.#shown.set(wire.id, message);
    this.#types.set(wire.id, wire.message_type);
    const events: SessionEvent[] = [
      { type: 'message', message, ...(opened === undefined || opened === wire.id ? {} : { replaces: opened }) },
    ];
    if (message.kind === 'confirmationRequest') events.push({ type: 'status', status: 'waitingForConfirmation' });
    if (message.error?.code === 'expired' || message.error?.code === 'notFound')
      if (message.kind === 'failure') events.push({ type: 'status', status: 'expired' });
    const waiting = message.kind === 'confirmationRequest' && !foreign && !fromHistory ? true : undefined;
    return { events, ended, waiting, ours: true };
  }

  #endOf(wire: WireMessage): TurnStep['ended'] {
    // A replayed end of an earlier turn is known before it is seen here.
    if (this.#known.has(wire.id) && !this.#shown.has(wire.id)) return undefined;
    if (isHardError(wire)) {
      this.#failed ??= messageError(wire);
      return { outcome: 'failed', error: this.#failed };
    }
    if (!isEnd(wire)) return undefined;
    return this.#failed === undefined ? { outcome: 'completed' } : { outcome: 'failed', error: this.#failed };
  }

  #piece(wire: WireMessage): TurnStep {
    const key = pieceKey(wire);
    const text = wire.content ?? '';
    const finished = this.#finished.get(key);
    const late = finished !== undefined && (finished.ids.has(wire.id) || (text !== '' && finished.text.includes(text)));
    if (late || (this.#known.has(wire.id) && !this.#open.has(key))) return { events: [], ours: true };
    let piece = this.#open.get(key);
    if (piece === undefined) {
      piece = { id: wire.id, ids: new Set(), seen: new Set(), text: '' };
      this.#open.set(key, piece);
    }
    // All pieces may share one id, or each has its own: a repeated frame is equal to the letter, its time included.
    const mark = `${wire.id} ${wire.created_at ?? ''} ${text}`;
    if (piece.seen.has(mark) && (wire.created_at !== undefined || piece.ids.size > 1))
      return { events: [], ours: true };
    piece.seen.add(mark);
    piece.ids.add(wire.id);
    piece.text += text;
    const message: Message = { ...toMessage(wire, this.#sessionId), id: piece.id, content: '', status: 'streaming' };
    return { events: [{ type: 'piece', message, text }], ours: true };
  }

  /** The whole has come: gives the id under which its pieces stood, if there were any. */
  #closePiece(wire: WireMessage): string | undefined {
    const key = pieceKey(wire);
    const piece = this.#open.get(key);
    const byId = [...this.#open].find(([, other]) => other.ids.has(wire.id));
    const match = byId ?? (piece !== undefined && isWholeOf(wire, piece) ? ([key, piece] as const) : undefined);
    // A result may overtake all of its pieces.
    if (match === undefined && wire.message_type === 'result')
      this.#finished.set(key, { ids: new Set([wire.id]), text: wire.content ?? '' });
    if (match === undefined) return undefined;
    const [matchedKey, matched] = match;
    this.#open.delete(matchedKey);
    this.#finished.set(matchedKey, { ids: matched.ids, text: wire.content ?? '' });
    for (const id of matched.ids) this.#known.add(id);
    return matched.id;
  }

  #update(wire: WireMessage): TurnStep {
    const earlier = this.#shown.get(wire.id);
    const replaced = this.#closePiece(wire);
    const message = toMessage(wire, this.#sessionId);
    // An update speaks in the place of the message it replaces: what it does not say itself stays as it was.
    const merged: Message =
      earlier === undefined
        ? message
        : {
            ...message,
            kind: earlier.kind,
            title: message.title === '' ? earlier.title : message.title,
            render: message.mimeType === 'text/plain' ? earlier.render : message.render,
            createdAt: earlier.createdAt,
          };
    this.#known.add(wire.id);
    this.#shown.set(wire.id, merged);
    return {
      events: [
        {
          type: 'message',
          message: merged,
          ...(replaced === undefined || replaced === wire.id ? {} : { replaces: replaced }),
        },
      ],
      ours: true,
    };
  }

  #delete(wire: WireMessage): TurnStep {
    this.#closePiece(wire);
    this.#shown.delete(wire.id);
    this.#known.add(wire.id);
    return { events: [{ type: 'remove', messageId: wire.id }], ours: true };
  }

  #toolCall(wire: WireMessage): TurnStep {
    let name = '';
    let args: unknown;
    try {
      const call = toolCallSchema.safeParse(parseJson(wire.content ?? '', FRAME_LIMITS));
      if (call.success) {
        name = call.data.tool_name ?? call.data.name ?? '';
        args = call.data.tool_args ?? call.data.args;
      }
    } catch {
      // A call that cannot be read is answered like one for a tool that does not exist.
    }
    return { events: [], toolCall: { id: wire.id, name: name.slice(0, 200), args }, ours: true };
  }
}

function pieceKey(wire: WireMessage): string {
  return `${wire.group ?? wire.parent_id ?? ''} ${wire.message_type} ${wire.actor ?? ''}`;
}

/** A result with open pieces is their whole; of other kinds there may be several, so the text decides. */
function isWholeOf(wire: WireMessage, piece: OpenPiece): boolean {
  return (
    wire.message_type === 'result' || isHardError(wire) || (wire.content ?? '').startsWith(piece.text.slice(0, 16))
  );
}

/** A whole transcript as it is to be shown: pieces folded, updates and deletes applied, local tool calls left out. */
export function foldHistory(history: readonly WireMessage[], sessionId: string): Message[] {
  const messages = new Map<string, Message>();
  const reader = new TurnReader({ sessionId, memory: new SessionMemory() });
  for (const wire of history) {
    for (const event of reader.read(wire).events) {
      if (event.type === 'remove') messages.delete(event.messageId);
      else if (event.type === 'message') {
        if (event.replaces !== undefined) messages.delete(event.replaces);
        messages.set(event.message.id, event.message);
      } else if (event.type === 'piece') {
        const open = messages.get(event.message.id) ?? event.message;
        messages.set(open.id, { ...open, content: open.content + event.text, status: 'interrupted' });
      }
    }
  }
  return [...messages.values()];
}
