/** A chat host that writes down what it is asked and opens nothing. */
import { Emitter } from '../../../../src/core/emitter.ts';
import type { ChatHost } from '../../../../src/panel/chat-host.ts';
import type { ApprovalEnd } from '../../../../src/core/approval-end.ts';
import type { ApprovalView, Completion, PanelEnvironment } from '../../../../src/panel/protocol.ts';

export class FakeHost implements ChatHost {
  readonly calls: unknown[][] = [];
  readonly failures = new Map<string, Error>();
  draft = '';
  completions: Completion[] = [];

  async attachFiles(...args: unknown[]): Promise<void> {
    this.#call('attachFiles', args);
  }
  async attachUris(...args: unknown[]): Promise<void> {
    this.#call('attachUris', args);
  }
  async attachBytes(...args: unknown[]): Promise<void> {
    this.#call('attachBytes', args);
  }
  async mention(...args: unknown[]): Promise<void> {
    this.#call('mention', args);
  }
  async openSymbol(...args: unknown[]): Promise<void> {
    this.#call('openSymbol', args);
  }
  async openTranscript(...args: unknown[]): Promise<void> {
    this.#call('openTranscript', args);
  }
  async openLink(...args: unknown[]): Promise<void> {
    this.#call('openLink', args);
  }
  async openFile(...args: unknown[]): Promise<void> {
    this.#call('openFile', args);
  }
  async copy(...args: unknown[]): Promise<void> {
    this.#call('copy', args);
  }
  async compareCode(...args: unknown[]): Promise<void> {
    this.#call('compareCode', args);
  }
  async insertAtCursor(...args: unknown[]): Promise<void> {
    this.#call('insertAtCursor', args);
  }
  async openText(...args: unknown[]): Promise<void> {
    this.#call('openText', args);
  }
  async saveText(...args: unknown[]): Promise<void> {
    this.#call('saveText', args);
  }
  async complete(...args: unknown[]): Promise<readonly Completion[]> {
    this.#call('complete', args);
    return this.completions;
  }
  async forkAt(...args: unknown[]): Promise<void> {
    this.#call('forkAt', args);
  }
  async rate(...args: unknown[]): Promise<void> {
    this.#call('rate', args);
  }
  async reportBug(...args: unknown[]): Promise<void> {
    this.#call('reportBug', args);
  }
  async rewindTo(...args: unknown[]): Promise<void> {
    this.#call('rewindTo', args);
  }
  async reviewApproval(...args: unknown[]): Promise<void> {
    this.#call('reviewApproval', args);
  }
  async denyApproval(...args: unknown[]): Promise<void> {
    this.#call('denyApproval', args);
  }
  readonly #approvals = new Emitter<void>((error) => {
    throw error;
  });
  readonly onDidChangeApproval = this.#approvals.event;
  waiting: ApprovalView | undefined;
  approval(): ApprovalView | undefined {
    return this.waiting;
  }
  ends: Readonly<Record<string, ApprovalEnd>> = {};
  approvalEnds(): Readonly<Record<string, ApprovalEnd>> {
    return this.ends;
  }
  /** The request that waits now. */
  setWaiting(waiting: ApprovalView | undefined): void {
    this.waiting = waiting;
    this.#approvals.fire();
  }
  async setAsksAlways(...args: unknown[]): Promise<void> {
    this.#call('setAsksAlways', args);
  }
  async setShowsLog(...args: unknown[]): Promise<void> {
    this.#call('setShowsLog', args);
  }
  setShowsReasoning(...args: unknown[]): void {
    this.#call('setShowsReasoning', args);
  }
  async setApiKey(...args: unknown[]): Promise<void> {
    this.#call('setApiKey', args);
  }
  async retryNow(...args: unknown[]): Promise<void> {
    this.#call('retryNow', args);
  }
  async reloadHistory(...args: unknown[]): Promise<void> {
    this.#call('reloadHistory', args);
  }
  loadDraft(): string {
    return this.draft;
  }
  saveDraft(_sessionId: string, text: string): void {
    this.draft = text;
  }

  /** Calls of one name, without the name. */
  of(name: string): unknown[][] {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }

  #call(name: string, args: unknown[]): void {
    this.calls.push([name, ...args]);
    const failure = this.failures.get(name);
    this.failures.delete(name);
    if (failure !== undefined) throw failure;
  }
}

export const sandboxEnvironment: PanelEnvironment = {
  badge: 'Local sandbox — no model',
  endpoint: '127.0.0.1',
  cancels: false,
  ready: true,
  enterSends: true,
};

export const serviceEnvironment: PanelEnvironment = {
  endpoint: 'api.secgemini.google',
  cancels: true,
  ready: true,
  enterSends: true,
};
