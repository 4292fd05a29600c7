/** Every tool that this window could offer, from all providers, by its one name. */

import { type Disposable, toDisposable } from '../disposable.ts';
import { Emitter, type Event } from '../emitter.ts';
import { type Log, silentLog } from '../log.ts';
import type { Tool, ToolProvider } from './tool.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/i;

export interface RegisteredTool {
  readonly tool: Tool;
  /** Name of its provider. */
  readonly provider: string;
}

export class ToolRegistry implements Disposable {
  readonly #providers: ToolProvider[] = [];
  readonly #changed = new Emitter<void>();
  readonly #log: Log;

  constructor(log: Log = silentLog) {
    this.#log = log;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  /** Disposing takes its tools out again. */
  add(provider: ToolProvider): Disposable {
    this.#providers.push(provider);
    this.#changed.fire();
    return toDisposable(() => {
      const at = this.#providers.indexOf(provider);
      if (at >= 0) this.#providers.splice(at, 1);
      this.#changed.fire();
    });
  }

  /** A provider has others now. */
  refresh(): void {
    this.#changed.fire();
  }

  /** In the order of the providers. Of two with one name the first counts: a later provider cannot stand in for an earlier one. */
  all(): readonly RegisteredTool[] {
    const found = new Map<string, RegisteredTool>();
    for (const provider of this.#providers)
      for (const tool of provider.tools()) {
        if (!NAME.test(tool.name) || found.has(tool.name))
          this.#log.warn(
            `The tool "${tool.name.slice(0, 80)}" of ${provider.name} is left out: its name is taken or none.`,
          );
        else found.set(tool.name, { tool, provider: provider.name });
      }
    return [...found.values()];
  }

  find(name: string): Tool | undefined {
    return this.all().find(({ tool }) => tool.name === name)?.tool;
  }

  dispose(): void {
    this.#providers.length = 0;
    this.#changed.dispose();
  }
}

/**
 * The names that a caller may have meant, the bare one first: a hub puts the client's registered name, that name without punctuation, `byot_`
 * or `workstation_` before it (protocol/v3.md).
 */
export function spellingsOf(name: string, registered: string): readonly string[] {
  const prefixes = [`${registered}_`, `${registered.replace(/[^\p{L}\p{N}]/gu, '')}_`, 'byot_', 'workstation_'];
  return [name, ...prefixes.filter((prefix) => name.startsWith(prefix)).map((prefix) => name.slice(prefix.length))];
}
