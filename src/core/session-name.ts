/** What sessions are called that nobody has named. */

import type { Capabilities } from './model.ts';

const two = (value: number): string => String(value).padStart(2, '0');

function minuteName(at: Date): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `Session ${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What a session is called here while nobody has named it: always the same for the same session. Local time, with seconds. */
export function sessionNameOf(createdAt: Date): string {
  return `${minuteName(createdAt)}:${two(createdAt.getSeconds())}`;
}

/** `Session 2026-11-21 12:44`, in local time, told apart from the others of the same minute. */
function freeSessionName(now: Date, names: readonly string[]): string {
  const base = minuteName(now);
  const taken = new Set(names);
  let name = base;
  for (let count = 2; taken.has(name); count += 1) name = `${base} (${count})`;
  return name;
}

/** The name that a new session gets from here. None where the service names sessions: ours would count as the user's own. */
export function generatedName(
  { namesSessions }: Pick<Capabilities, 'namesSessions'>,
  now: Date,
  names: readonly string[],
): string | undefined {
  return namesSessions === true ? undefined : freeSessionName(now, names);
}
