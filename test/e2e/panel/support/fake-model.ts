/** A session model whose changes the test makes, with the real reducer behind it. */
import { Emitter } from '../../../../src/core/emitter.ts';
import type { Message, SessionInfo } from '../../../../src/core/model.ts';
import type { SessionChange, SessionModel } from '../../../../src/core/session-model.ts';
import { type SessionAction, type SessionState, initialState, reduce } from '../../../../src/core/session-state.ts';

const START = Date.UTC(2026, 10, 21, 9, 30);

export function sessionInfo(change: Partial<SessionInfo> = {}): SessionInfo {
  return {
    id: 'session-1',
    protocol: 'v1',
    name: 'Suspicious login script',
    description: '',
    status: 'idle',
    createdAt: START,
    updatedAt: START,
    attachments: [],
    ...change,
  };
}

let made = 0;
/** A message with an id of its own; complete Markdown unless told otherwise. */
export function message(change: Partial<Message> = {}): Message {
  made += 1;
  return {
    id: `m-${made.toString()}`,
    sessionId: 'session-1',
    kind: 'response',
    sender: 'agent',
    author: 'Sec-Gemini',
    title: '',
    content: '',
    render: 'markdown',
    mimeType: 'text/markdown',
    status: 'complete',
    createdAt: START + made * 1000,
    ...change,
  };
}

export function prompt(content: string, change: Partial<Message> = {}): Message {
  return message({
    kind: 'prompt',
    sender: 'user',
    author: 'You',
    render: 'text',
    mimeType: 'text/plain',
    content,
    ...change,
  });
}

export class FakeModel implements SessionModel {
  readonly #changes = new Emitter<SessionChange>((error) => {
    throw error;
  });
  readonly onDidChange = this.#changes.event;
  readonly calls: unknown[][] = [];
  /** Thrown by the next call of that name. */
  readonly failures = new Map<string, Error>();
  #state: SessionState;

  constructor(state: Partial<SessionState> = {}) {
    this.#state = { ...initialState(sessionInfo()), history: 'loaded', connection: 'connected', ...state };
  }

  get current(): SessionState {
    return this.#state;
  }

  apply(...actions: SessionAction[]): void {
    for (const action of actions) {
      this.#state = reduce(this.#state, action);
      this.#changes.fire({ sessionId: this.#state.info.id, action, state: this.#state });
    }
  }

  /** Any other state than actions can make. */
  set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.fire({ sessionId: this.#state.info.id, action: { type: 'seen' }, state: this.#state });
  }

  state(sessionId: string): SessionState | undefined {
    return sessionId === this.#state.info.id ? this.#state : undefined;
  }

  async open(...args: unknown[]): Promise<void> {
    this.#call('open', args);
  }
  async send(...args: unknown[]): Promise<void> {
    this.#call('send', args);
  }
  async stop(...args: unknown[]): Promise<void> {
    this.#call('stop', args);
  }
  async steer(...args: unknown[]): Promise<void> {
    this.#call('steer', args);
  }
  async sendAgain(...args: unknown[]): Promise<void> {
    this.#call('sendAgain', args);
  }
  setDraft(...args: unknown[]): void {
    this.#call('setDraft', args);
  }
  removeQueued(sessionId: string, promptId: string): string | undefined {
    this.#call('removeQueued', [sessionId, promptId]);
    const { queue } = this.#state;
    this.apply({ type: 'queue', queue: queue.filter((prompt) => prompt.id !== promptId) });
    return queue.find((prompt) => prompt.id === promptId)?.text;
  }
  async sendQueued(...args: unknown[]): Promise<void> {
    this.#call('sendQueued', args);
  }
  async detach(...args: unknown[]): Promise<void> {
    this.#call('detach', args);
  }
  markSeen(...args: unknown[]): void {
    this.#call('markSeen', args);
    this.apply({ type: 'seen' });
  }

  #call(name: string, args: unknown[]): void {
    this.calls.push([name, ...args]);
    const failure = this.failures.get(name);
    this.failures.delete(name);
    if (failure !== undefined) throw failure;
  }
}
