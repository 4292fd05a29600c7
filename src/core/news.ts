/** The service's news as a plain document, and which of it is new. Pure; the texts are untrusted. */

import type { NewsEntry } from './model-agent.ts';
import { visibleText } from './visible-text.ts';

/** The highest version; 0 where there is no news. */
export function newestVersion(entries: readonly NewsEntry[]): number {
  return entries.reduce((newest, { version }) => Math.max(newest, version), 0);
}

/** The newest first. `seen`: the version that the user has looked at. */
export function newsText(entries: readonly NewsEntry[], seen: number, from: string): string {
  const parts = entries
    .toSorted((a, b) => b.version - a.version)
    .map(
      ({ version, message }) => `## ${version > seen ? 'New' : 'Earlier'} (${version})\n\n${visibleText(message)}\n`,
    );
  const none = parts.length === 0 ? ['There is no news.\n'] : [];
  return [`# What's new at Sec-Gemini\n\nTold by ${visibleText(from)}.\n`, ...parts, ...none].join('\n');
}
