/** What the user thought of answers: kept with the session, and the words of a report as they are shown before they leave. Pure. */

import type { FeedbackNote, LocalFacts } from './session-local.ts';
import type { SessionInfo } from './model.ts';
import { visibleText } from './visible-text.ts';

/** The oldest notes of a session go beyond this. */
const MOST_NOTES = 500;
/** Nobody writes more into one field; the service's own limit is not known. */
export const MAX_FEEDBACK_CHARS = 10_000;

export const SCORES = { up: 1, down: -1 } as const;

/** The facts with one more note. A later rating of the same answer takes the place of the earlier one; reports stay beside each other. */
export function withNote(facts: LocalFacts | undefined, note: FeedbackNote): LocalFacts {
  const others = (facts?.feedback ?? []).filter(
    ({ kind, messageId }) => kind !== 'feedback' || note.kind !== 'feedback' || messageId !== note.messageId,
  );
  return { feedback: [...others, note].slice(-MOST_NOTES) };
}

/** By message id: which answers were rated, for the panel. */
export function ratingsOf(facts: LocalFacts | undefined): Readonly<Record<string, 'up' | 'down'>> | undefined {
  const rated = (facts?.feedback ?? []).flatMap(({ kind, messageId, score = 0 }) =>
    kind === 'feedback' && messageId !== undefined && score !== 0
      ? [[messageId, score > 0 ? 'up' : 'down'] as const]
      : [],
  );
  return rated.length === 0 ? undefined : Object.fromEntries(rated);
}

/** Which product wrote a report. */
export interface ReportAbout {
  readonly extension: string;
  readonly editor: string;
}

/** The whole text of a bug report: the user's words and what is needed to look for it. Exactly this is shown, sent or handed over. */
export function bugReportText(words: string, { extension, editor }: ReportAbout): string {
  return `${words.trim()}\n\n(${extension}, ${editor})`;
}

/** A note as a text to hand over by hand, where the service takes none. */
export function preparedText(info: Pick<SessionInfo, 'id' | 'protocol'>, note: FeedbackNote): string {
  const what =
    note.kind === 'bug' ? 'Bug report' : `Feedback: ${(note.score ?? 0) > 0 ? 'a good answer' : 'a bad answer'}`;
  return [
    what,
    '',
    ...(note.text === '' ? [] : [visibleText(note.text), '']),
    `Session: ${info.id} (${info.protocol})`,
    ...(note.messageId === undefined ? [] : [`Answer: ${note.messageId}`]),
    ...(note.group === undefined ? [] : [`Group: ${note.group}`]),
    `Time: ${new Date(note.at).toISOString()}`,
    '',
  ].join('\n');
}
