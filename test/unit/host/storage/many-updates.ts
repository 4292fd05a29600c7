/** A child that adds COUNT messages of its own to session `s1`, one update each, then ends. argv: root, name, count. */

import { cached, files, text } from './support.ts';

const [root = '', name = '', count = '0'] = process.argv.slice(2);
const store = files(root, { lock: { waitMs: 120_000 } });
for (let number = 0; number < Number(count); number += 1)
  await store.update('s1', (current = cached()) => ({
    ...current,
    messages: [...current.messages, text(`${name}-${number}`, '.')],
  }));
process.disconnect();
