/** A finding in words, for the list of problems, menus and reports: plain text, whatever the answer held. Pure. */

import type { Finding } from './findings.ts';
import { isStale } from './findings.ts';
import { labelText, visibleText } from './visible-text.ts';

const MAX_EXPLANATION = 4000;

/** What a problem says: the title, what became of it, the explanation. */
export function findingMessage(finding: Finding): string {
  const { title, severity, explanation } = finding;
  const state = findingState(finding);
  return [
    `${labelText(title, 300)} (${severity})`,
    state === '' ? '' : `${state[0]?.toUpperCase() ?? ''}${state.slice(1)}.`,
    visibleText(explanation.trim()).slice(0, MAX_EXPLANATION),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** `stale: …`, the verdict, the reason of its suppression; empty when nothing happened to it. */
export function findingState(finding: Finding): string {
  const { quoted, verdict, suppressed } = finding;
  return [
    suppressed === undefined ? '' : `suppressed: ${labelText(suppressed.reason, 200)}`,
    verdict === undefined ? '' : `verdict: ${labelText(verdict, 60)}`,
    staleWords(finding),
    quoted === 'near' && !isStale(finding) ? 'the quoted code is only alike, so the place is likely' : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

function staleWords({ place, quoted }: Finding): string {
  if (place.confidence === 'likely') return 'stale: the code has changed since the review';
  if (place.confidence !== 'lost') return '';
  return quoted === 'none'
    ? 'place not found: the code it quotes is not in this file'
    : 'stale: the code it is about is gone';
}

/** `server.py:21 SQL statement built from text`. `path`: what the reader knows the file by. */
export function findingLabel({ title, place }: Finding, path: string): string {
  const name = path.split('/').at(-1) ?? path;
  return `${labelText(name, 80)}:${place.first} ${labelText(title, 120)}`;
}
