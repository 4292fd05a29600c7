/**
 * A v3 turn on the wire. It always ends with a RESPONSE or a FAILURE and a terminal state, in the orders that the service itself shows:
 * the state after the answer, late after it, or before it.
 */
import type { JsonObject } from '@bufbuild/protobuf';
import * as z from 'zod/mini';
import { JobStatus, MessageType } from '../../client/v3/gen/api_hub_pb.js';
import { SANDBOX_NOTE } from '../engine/inspection-answer.ts';
import { promptParts } from '../engine/prompt-parts.ts';
import type { EngineStep } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import type { StoredMessage } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { ToolHub } from '../tool-hub/hub.ts';
import type { Turn, TurnWire, WireContext } from '../turns/turn.ts';
import { estimateTokens } from '../v1/limits.ts';
import { BYOT_URI } from './mcps.ts';
import { derivedId, makeMessage, nameFor, partsOf } from './messages.ts';
import type { MessageParts } from './messages.ts';
import type { Room } from './room.ts';
import { dataOf, messageOf } from './shapes.ts';
import type { Usage } from './shapes.ts';
import { uploadedSkill } from './skills.ts';

/** A decision that takes longer is a no. */
const PATIENCE_MS = 60 * 60_000;
/** How long a tool client may take to list its tools before the turn goes on with what was known. */
const LIST_MS = 3_000;
const LATE_STATE_MS = 200;
const LATE_ANSWER_MS = 100;
const BEFORE_DROP_MS = 200;

export const turnOptionsSchema = z.object({
  /** The first turn of the session is 1. */
  number: z._default(z.number(), 1),
  /** The session has no name yet. */
  naming: z._default(z.boolean(), false),
  alwaysAsk: z._default(z.boolean(), false),
  skills: z._default(z.array(z.string()), []),
});

export type TurnOptions = z.output<typeof turnOptionsSchema>;

export interface WirePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly hub: ToolHub;
  setStatus(room: Room, status: JobStatus): void;
}

const toolsSchema = z.nullish(z.array(z.string()));

class Denied extends Error {
  override readonly name = 'Denied';
  readonly tool: string;
  constructor(tool: string) {
    super(`${tool} was denied`);
    this.tool = tool;
  }
}

export class V3TurnWire implements TurnWire {
  readonly #ports: WirePorts;
  readonly #room: Room;
  readonly #options: TurnOptions;
  readonly #approved = new Set<string>();
  /** What the connected clients offer; null or undefined when there is none. */
  #tools: string[] | null | undefined;
  readonly #usage: Usage = { promptTokens: 0, completionTokens: 0, thinkingTokens: 0, toolCalls: 0, invocations: 1 };

  constructor(ports: WirePorts, room: Room, options: TurnOptions) {
    this.#ports = ports;
    this.#room = room;
    this.#options = options;
  }

  begin(turn: Turn): void {
    this.#usage.promptTokens = estimateTokens(turn.prompt);
    this.#status(turn.isPaused ? JobStatus.PAUSED : JobStatus.RUNNING);
    if (this.#options.naming) this.#rename(turn, nameFor(promptParts(turn.prompt).question));
  }

  async prepare(turn: Turn): Promise<void> {
    const { hub } = this.#ports;
    const { user } = turn.session;
    // Kept with the turn: after a restart the clients are not there yet, and the turn has to say again what it said.
    const offered = await turn.ask(async () => {
      if (!dataOf(turn.session).mcps.includes(BYOT_URI) || hub.active(user).length === 0) return undefined;
      await hub.prepare(user, LIST_MS);
      return hub.toolNames(user);
    });
    this.#tools = toolsSchema.parse(offered);
    for (const name of this.#options.skills) await this.#loadSkill(turn, name);
  }

  async step(turn: Turn, step: EngineStep): Promise<void> {
    switch (step.type) {
      case 'drop':
        if (turn.isReplaying) break;
        // So that what was said before has left: the break is to be seen in the middle of the turn.
        await turn.wait(BEFORE_DROP_MS);
        for (const feed of this.#room.feeds) feed.drop();
        break;
      case 'sessionName':
        this.#rename(turn, step.name);
        break;
      case 'toolCall':
        await this.#allow(turn, step.name, step.args);
        this.#usage.toolCalls += 1;
        this.#say(turn, partsOf(step));
        break;
      case 'answer':
        await this.#answer(turn, step);
        break;
      default:
        if (step.type === 'thinking') this.#usage.thinkingTokens += estimateTokens(step.text);
        this.#say(turn, partsOf(step));
    }
  }

  end(turn: Turn, outcome: 'done' | 'failed' | 'cancelled', error?: unknown): void {
    const { store } = this.#ports;
    const room = this.#room;
    room.pending = undefined;
    room.question = undefined;
    room.takesPlaces = false;
    if (room.isGone) return;
    const last = turn.lastSaid === undefined ? undefined : messageOf(turn.lastSaid).messageType;
    const hasFinal = last === MessageType.RESPONSE || last === MessageType.FAILURE;
    turn.finishReplay();
    if (!hasFinal) {
      if (error instanceof Denied) this.#say(turn, partsOf({ type: 'answer', markdown: refused(error.tool) }));
      else this.#fail(turn, outcome === 'cancelled' ? 'The job was cancelled.' : reason(outcome, error));
    }
    const data = dataOf(turn.session);
    const status = this.#outcome(turn, outcome);
    const usage = Object.fromEntries(
      Object.entries(data.usage).map(([key, sum]) => [key, sum + this.#usage[key as keyof Usage]]),
    );
    store.update(turn.session, { data: { ...data, usage, status, paused: undefined, cancelled: undefined } });
    if (room.status !== status) this.#status(status);
  }

  publish(): void {
    this.#room.grown();
  }

  context(turn: Turn): WireContext {
    return {
      protocol: 'v3',
      clientTools: this.#tools ?? [],
      confirm: async (tool, args, message) => {
        const approved = await this.#confirm(turn, tool, args, message);
        if (approved) this.#approved.add(tool);
        return { approved };
      },
      clarify: (question) => this.#clarify(turn, question),
      hold: (milliseconds) => turn.hold(milliseconds),
      takePlaces: () => {
        this.#room.takesPlaces = true;
      },
      ...(this.#tools === undefined || this.#tools === null
        ? {}
        : { callTool: (name, args) => this.#callTool(turn, name, args) }),
    };
  }

  async #callTool(turn: Turn, name: string, args: Record<string, unknown>): ReturnType<ToolHub['call']> {
    const { hub } = this.#ports;
    const { user } = turn.session;
    let isFirst = false;
    // Written before the call goes out: after a restart only a tool that may be repeated is called again.
    await turn.ask(() => {
      isFirst = true;
      return Promise.resolve('called');
    });
    return turn.ask(async () =>
      isFirst || hub.mayRepeat(user, name)
        ? hub.call(user, name, args)
        : { text: 'The sandbox was restarted while the tool ran; it is not called again.', isError: true },
    );
  }

  /** With "always ask", no tool is called that the user has not allowed. Throws Denied. */
  async #allow(turn: Turn, tool: string, args: Record<string, unknown>): Promise<void> {
    if (!this.#options.alwaysAsk || this.#approved.delete(tool)) return;
    if (!(await this.#confirm(turn, tool, args, `May I call ${tool}?`))) throw new Denied(tool);
  }

  async #confirm(turn: Turn, tool: string, args: Record<string, unknown>, message: string): Promise<boolean> {
    const request = this.#say(turn, {
      type: MessageType.TOOL_CONFIRMATION_REQUEST,
      title: tool,
      content: message,
    });
    const approved = await turn.ask(async (question) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const id = derivedId(request.id, 'confirmation', question);
      const forget = this.#ports.clock.after(PATIENCE_MS, () => resolve(false));
      this.#room.pending = { info: { id, toolName: tool, toolArgs: args as JsonObject, message }, resolve };
      this.#status(JobStatus.WAITING_FOR_TOOL_CONFIRMATION);
      return promise.finally(forget);
    });
    this.#room.pending = undefined;
    this.#say(turn, {
      type: MessageType.TOOL_CONFIRMATION_RESPONSE,
      title: tool,
      content: approved ? 'approved' : 'denied',
      from: 'user',
    });
    this.#status(JobStatus.RUNNING);
    return approved;
  }

  async #clarify(turn: Turn, question: string): Promise<string> {
    const request = this.#say(turn, {
      type: MessageType.CLARIFICATION_REQUEST,
      title: 'Clarification',
      content: question,
    });
    const reply = await turn.ask(async () => {
      // It may be in the history already, and only its way to here was cut.
      const known = turn.session.messages.find((message) => message['clarifies'] === request.id);
      if (known !== undefined) return messageOf(known).content;
      const { promise, resolve } = Promise.withResolvers<string>();
      this.#room.question = { id: request.id, resolve };
      this.#status(JobStatus.WAITING_FOR_CLARIFICATION);
      return promise;
    });
    this.#room.question = undefined;
    this.#status(JobStatus.RUNNING);
    return reply;
  }

  /** Every third turn tells the state late, every third before the answer. */
  async #answer(turn: Turn, step: Extract<EngineStep, { type: 'answer' }>): Promise<void> {
    this.#usage.completionTokens += estimateTokens(step.markdown);
    const order = this.#options.number % 3;
    if (order === 0) {
      await turn.wait(0);
      this.#status(JobStatus.COMPLETED);
      await turn.wait(LATE_ANSWER_MS);
    }
    this.#say(turn, partsOf(step));
    if (order === 2) await turn.wait(LATE_STATE_MS);
  }

  async #loadSkill(turn: Turn, name: string): Promise<void> {
    const { store, hub } = this.#ports;
    const { user } = turn.session;
    const isFound = await turn.ask(async () => {
      if (uploadedSkill(store, user, name) !== undefined) return true;
      const found = (await hub.resources(user)).find((resource) => resource.name === name || resource.uri === name);
      return found !== undefined && (await hub.readResource(found.client, found.uri)) !== undefined;
    });
    this.#say(
      turn,
      isFound
        ? partsOf({ type: 'skillLoaded', name })
        : { type: MessageType.WARNING, title: 'Skill', content: `There is no skill called ${name}.` },
    );
  }

  #rename(turn: Turn, name: string): void {
    const { store } = this.#ports;
    this.#say(turn, partsOf({ type: 'sessionName', name }));
    const data = dataOf(turn.session);
    if (!data.customName && data.name !== name) store.update(turn.session, { data: { ...data, name } });
  }

  #outcome(turn: Turn, outcome: 'done' | 'failed' | 'cancelled'): JobStatus {
    if (outcome === 'cancelled') return JobStatus.CANCELED;
    const last = turn.lastSaid === undefined ? undefined : messageOf(turn.lastSaid).messageType;
    // oxlint-disable-next-line typescript/no-unsafe-enum-comparison -- what is stored is the wire's number
    const isFailure = last === undefined || last === MessageType.FAILURE;
    return isFailure ? JobStatus.FAILED : JobStatus.COMPLETED;
  }

  #fail(turn: Turn, message: string): void {
    this.#say(turn, partsOf({ type: 'fail', code: 500, message }));
  }

  #status(status: JobStatus): void {
    if (!this.#room.isGone) this.#ports.setStatus(this.#room, status);
  }

  #say(turn: Turn, parts: MessageParts): StoredMessage {
    const { clock } = this.#ports;
    return turn.emit(() => makeMessage(derivedId(turn.id, turn.stored.said.length), clock.now(), parts));
  }
}

const refused = (tool: string): string =>
  `${SANDBOX_NOTE}\n\nYou denied \`${tool}\`, so it was not called, and there is nothing more to tell.`;

function reason(outcome: 'done' | 'failed', error: unknown): string {
  if (outcome === 'done') return 'The sandbox found no answer.';
  return `The sandbox failed: ${error instanceof Error ? error.message : 'no reason given'}`;
}
