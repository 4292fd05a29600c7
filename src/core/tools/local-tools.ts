/** The tools of this window in one object: what there is, who may use it, what waits for a person, and the one way to run it. */

import { type Disposable, DisposableStore } from '../disposable.ts';
import { Emitter } from '../emitter.ts';
import { type ConsentOptions, ToolConsent } from './consent.ts';
import { ToolDesk } from './desk.ts';
import { ToolRegistry } from './registry.ts';
import { type RunnerOptions, ToolRunner } from './runner.ts';

export type LocalToolsOptions = Omit<RunnerOptions, 'registry' | 'consent' | 'desk'> &
  Pick<ConsentOptions, 'denied' | 'trusted'>;

export class LocalTools implements Disposable {
  readonly registry: ToolRegistry;
  readonly consent: ToolConsent;
  readonly desk: ToolDesk;
  readonly runner: Pick<ToolRunner, 'call' | 'records' | 'onDidChange'>;
  readonly #owned = new DisposableStore();

  constructor(options: LocalToolsOptions) {
    const { sessions, trusted, denied, after, log } = options;
    this.registry = this.#owned.add(new ToolRegistry(log));
    this.consent = this.#owned.add(new ToolConsent({ sessions, trusted, denied }));
    this.desk = this.#owned.add(new ToolDesk(after));
    const { registry, consent, desk } = this;
    const changed = this.#owned.add(new Emitter<void>());
    // Made with the first call: before it nothing runs, and nothing was called.
    let made: ToolRunner | undefined;
    const make = (): ToolRunner => {
      const runner = this.#owned.add(new ToolRunner({ ...options, registry, consent, desk }));
      this.#owned.add(runner.onDidChange(() => changed.fire()));
      return runner;
    };
    this.runner = {
      onDidChange: changed.event,
      get records() {
        return made?.records ?? [];
      },
      call: async (call) => (made ??= make()).call(call),
    };
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
