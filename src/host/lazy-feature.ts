/** A feature that does nothing before one of its commands runs: it is loaded with the first, and made once. */

import type { CommandName } from '../manifest.ts';
import type { CommandHandler, Feature, FeatureOf } from './services.ts';

/** `names`: exactly the feature's commands; one that is missing or too many does not compile. A failed load is tried again by the next command. */
export function lazyFeature<K extends CommandName>(
  load: () => Promise<FeatureOf<K>>,
  names: Readonly<Record<NoInfer<K>, true>>,
): Feature {
  let made: Promise<FeatureOf<K>> | undefined;
  const commands: Partial<Record<CommandName, CommandHandler>> = {};
  for (const name of Object.keys(names) as K[])
    commands[name] = async (...args) => {
      made ??= load().catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return (await made).commands[name](...args);
    };
  return { commands };
}

/** Commands that are made with the first of them, e.g. because `make` comes from a module that is loaded by its call (scripts/lib/on-call.ts). */
export function lateCommands<K extends CommandName>(
  make: () => FeatureOf<K>['commands'],
  names: Readonly<Record<NoInfer<K>, true>>,
): Feature['commands'] {
  let made: FeatureOf<K>['commands'] | undefined;
  const commands: Partial<Record<CommandName, CommandHandler>> = {};
  for (const name of Object.keys(names) as K[]) commands[name] = (...args) => (made ??= make())[name](...args);
  return commands;
}
