/** A v1 turn on the wire: two infos, at least one thinking, one result (or an error), one end; ids that a restart does not change. */
import type { EngineContext, EngineReport, EngineStep } from '../engine/types.ts';
import type { Clock } from '../state/clock.ts';
import type { Turn, TurnWire } from '../turns/turn.ts';
import type { StoredMessage } from '../state/model.ts';
import type { Delivery } from './delivery.ts';
import type { Exchanges } from './exchanges.ts';
import { isYes, toolResult } from './exchanges.ts';
import { estimateTokens } from './limits.ts';
import { derivedId, makeMessage, partsOf, pieces, statusName } from './messages.ts';
import type { MessageParts, TurnFrame } from './messages.ts';
import { usageSchema } from './shapes.ts';
import type { Usage, V1Message } from './shapes.ts';

/** A streamed answer takes at most about this long, in so many pieces. */
const STREAM_MS = 1000;
const MOST_PIECES = 100;
/** An answer longer than this comes as a model would write it: in small pieces over some seconds, so that there is time to stop it. */
const LONG_CHARS = 100_000;
const LONG_MS = 4000;
const LONG_PIECES = 4000;

export interface WireInit {
  readonly query: V1Message;
  readonly clock: Clock;
  readonly delivery: Delivery;
  readonly exchanges: Exchanges;
  readonly clientTools: readonly string[];
  readonly reports: readonly EngineReport[];
  /** False: asked over plain HTTP, where no client can be called. */
  readonly hasSocket: boolean;
  /** Told once, when the turn has said its end. */
  readonly onEnd: (outcome: 'done' | 'failed', usage: Usage) => void;
}

export class V1TurnWire implements TurnWire {
  readonly #init: WireInit;
  readonly #frame: TurnFrame;
  readonly #toolCalls = new Map<string, string>();
  #thought = false;
  #answered = false;
  #usage: Usage = usageSchema.parse({});

  constructor(init: WireInit) {
    this.#init = init;
    const { query, clock } = init;
    this.#frame = {
      query,
      group: derivedId('group', query.id) + derivedId('of', query.id) + derivedId('turn', query.id).slice(0, 8),
      anyLength: /^\s*\/demo\s+big\b/i.test(query.content ?? ''),
      now: () => clock.now(),
    };
  }

  begin(turn: Turn): void {
    this.#say(turn, { type: 'info', state: 'start', content: 'Reading the question.' });
    this.#say(turn, { type: 'info', state: 'running_agent', content: 'Transfer' });
  }

  async step(turn: Turn, step: EngineStep): Promise<void> {
    switch (step.type) {
      case 'answer':
        await this.#answer(turn, step.markdown);
        break;
      case 'fail':
        this.#fail(turn, step.code, step.message);
        break;
      case 'drop':
        if (!turn.isReplaying) this.#init.delivery.dropAll();
        break;
      case 'toolResult':
        this.#say(turn, {
          type: 'info',
          state: 'tool_result',
          title: step.name,
          content: step.text,
          parentId: this.#toolCalls.get(step.callId),
        });
        break;
      default: {
        const parts = partsOf(step);
        if (parts === undefined) break;
        const message = this.#say(turn, parts);
        if (step.type === 'toolCall') this.#toolCalls.set(step.callId, message.id);
        if (step.type === 'thinking') this.#thought = true;
      }
    }
    await turn.race(this.#init.delivery.drained(turn.id));
  }

  end(turn: Turn, outcome: 'done' | 'failed' | 'cancelled', error?: unknown): void {
    // Cancelled only when its session is gone: there is nothing left to write to.
    if (outcome === 'cancelled') return;
    const last = turn.lastSaid;
    if (last?.['state'] !== 'end') {
      if (error !== undefined)
        this.#fail(turn, 500, `The sandbox failed: ${error instanceof Error ? error.message : 'no reason given'}`);
      else if (outcome === 'done' && !this.#answered) this.#fail(turn, 500, 'The sandbox found no answer.');
      turn.finishReplay();
      this.#say(turn, { type: 'info', state: 'end', content: 'Done' });
    }
    this.#init.onEnd(outcome, this.#usage);
  }

  publish(turn: Turn, message: StoredMessage): void {
    this.#init.delivery.publish(turn.id, message, message['state'] === 'end');
  }

  context(turn: Turn): Pick<EngineContext, 'protocol' | 'clientTools' | 'reports' | 'callTool' | 'confirm'> {
    const { clientTools, reports, exchanges, hasSocket } = this.#init;
    return {
      protocol: 'v1',
      clientTools,
      reports,
      callTool: (name, args) =>
        turn.ask(async (question) => {
          if (!hasSocket)
            return { text: 'No connection to call the tool over: ask by the stream instead.', isError: true };
          const call = this.#make(derivedId(turn.id, 'call', question), {
            type: 'local_tool_call',
            state: 'calling_tool',
            title: name,
            content: JSON.stringify({ tool_name: name, tool_args: args }),
            mimeType: 'text/serialized-json',
          });
          const reply = await exchanges.callTool(turn.id, name, call);
          if (reply === undefined) return { text: 'The tool did not answer in time.', isError: true };
          const { text, isError } = toolResult(reply);
          return { text, isError };
        }),
      confirm: async (tool, args, message) => {
        const request = this.#say(turn, {
          type: 'confirmation_request',
          state: 'calling_tool',
          title: tool,
          content: `${message}\n\n${tool} ${JSON.stringify(args)}`,
        });
        const decision = await turn.ask(async () => {
          const reply = hasSocket ? await exchanges.confirmation(turn.id, tool, request) : undefined;
          return { approved: isYes(reply) };
        });
        const content = decision.approved ? 'Allowed.' : 'Refused.';
        this.#say(turn, { type: 'info', state: 'generating', title: 'Confirmation', content, parentId: request.id });
        return decision;
      },
    };
  }

  async #answer(turn: Turn, markdown: string): Promise<void> {
    if (!this.#thought)
      this.#say(turn, {
        type: 'thinking',
        state: 'thinking',
        title: 'Answering',
        content: 'Putting the answer together.',
      });
    const { delivery } = this.#init;
    if (delivery.wantsPieces && !turn.isReplaying) {
      const isLong = markdown.length > LONG_CHARS;
      const cut = pieces(markdown, isLong ? LONG_PIECES : MOST_PIECES);
      const wait = isLong ? LONG_MS / cut.length : Math.min(15, STREAM_MS / cut.length);
      for (const [index, content] of cut.entries()) {
        const status = { code: 206, name: 'PARTIAL_CONTENT' };
        delivery.publishPiece(
          turn.id,
          this.#make(derivedId(turn.id, 'piece', index), { type: 'result', state: 'generating', content, status }),
        );
        await turn.race(delivery.drained(turn.id));
        await turn.wait(wait);
      }
    }
    const prompt = estimateTokens(turn.prompt);
    const generated = estimateTokens(markdown);
    this.#usage = usageSchema.parse({
      prompt_tokens: prompt,
      generated_tokens: generated,
      total_tokens: prompt + generated,
    });
    // Plain text by its label although it is Markdown: so it travels on v1, and only so does the reference's text() find it.
    this.#say(turn, { type: 'result', state: 'answering', content: markdown, usage: this.#usage });
    this.#answered = true;
  }

  #fail(turn: Turn, code: number, message: string): void {
    this.#answered = true;
    this.#say(turn, { type: 'error', state: 'agent_done', content: message, status: { code, name: statusName(code) } });
  }

  #make(id: string, parts: MessageParts): V1Message {
    return makeMessage(this.#frame, id, parts);
  }

  #say(turn: Turn, parts: MessageParts): V1Message {
    return turn.emit(() => this.#make(derivedId(turn.id, turn.stored.said.length), parts)) as V1Message;
  }
}
