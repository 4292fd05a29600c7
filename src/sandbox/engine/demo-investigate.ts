/**
 * `/demo investigate SYMBOL`: answers a question about the user's code through the tools of the connected editor, as a real agent would:
 * search, definition, references, problems. Every line of the answer names its file, so that a click leads there.
 */
import { SANDBOX_NOTE } from './inspection-answer.ts';
import { block, code, plural, shorten } from './markdown.ts';
import type { EngineContext, EngineStep, ToolAnswer } from './types.ts';

type Steps = AsyncGenerator<EngineStep, void, void>;

const NEEDED = ['search_text', 'find_definition', 'find_references', 'diagnostics'] as const;

const say = (markdown: string): EngineStep => ({ type: 'answer', markdown: `${SANDBOX_NOTE}\n\n${markdown}` });

interface Place {
  readonly path: string;
  readonly line: number;
}

/** `src/app.ts:12: text` */
const placeOf = (row: string): Place | undefined => {
  const match = /^(.{1,1000}?):(\d{1,8}): /.exec(row);
  return match === null ? undefined : { path: match[1] ?? '', line: Number(match[2]) };
};

const rowsOf = ({ text, isError }: ToolAnswer): string[] =>
  isError ? [] : text.split('\n').filter((row) => placeOf(row));

export async function* investigate(rest: string, context: EngineContext): Steps {
  const symbol = rest.split(/\s+/)[0] ?? '';
  if (!/^[\p{L}_$][\p{L}\p{N}_$]{0,99}$/u.test(symbol))
    return yield say('Name a symbol of your code: `/demo investigate SYMBOL`.');
  const { callTool } = context;
  const missing = NEEDED.filter((name) => !context.clientTools.includes(name));
  if (callTool === undefined || missing.length > 0)
    return yield say(
      'The connected editor does not offer its tools. Switch them on for this session ("Use Local Tools"), then ask again.',
    );
  let count = 0;
  async function* use(name: string, args: Record<string, unknown>): AsyncGenerator<EngineStep, ToolAnswer, void> {
    count += 1;
    const callId = `investigate-${count}`;
    yield { type: 'toolCall', callId, name, args };
    const answer = (await callTool?.(name, args)) ?? { text: 'not on this protocol', isError: true };
    yield { type: 'toolResult', callId, name, text: answer.text, isError: answer.isError };
    return answer;
  }
  yield {
    type: 'thinking',
    title: 'Looking through your editor',
    text: `I look for ${symbol}, then for its definition, its uses and the problems around it.`,
  };
  const found = yield* use('search_text', { query: symbol, matchCase: true, wholeWord: true });
  const place = rowsOf(found).map(placeOf)[0];
  if (place === undefined)
    return yield say(`I could not look for ${code(symbol)}:\n\n${block(shorten(found.text, 1000))}`);
  const definition = yield* use('find_definition', { ...place, symbol });
  const target = rowsOf(definition).map(placeOf)[0] ?? place;
  const references = yield* use('find_references', { ...target, symbol });
  const problems = yield* use('diagnostics', { path: target.path, severity: 'warning' });
  const list = (title: string, answer: ToolAnswer): string => {
    const rows = rowsOf(answer);
    if (answer.isError) return `**${title}**: not told: ${code(shorten(answer.text, 300))}`;
    if (rows.length === 0) return `**${title}**: none`;
    return `**${title}** (${plural(rows.length, 'place')})\n\n${rows
      .slice(0, 20)
      .map((row) => `- ${code(shorten(row, 300))}`)
      .join('\n')}`;
  };
  yield say(
    [
      `I looked at ${code(symbol)} through your editor, with ${plural(count, 'call')}.`,
      list('Definition', definition),
      list('References', references),
      list('Problems in that file', problems),
    ].join('\n\n'),
  );
}
