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
