/** `/demo patch`: proposes a diff over what is attached, with a change at the beginning and at the end of each file, as an agent that writes code would. */
import { SANDBOX_NOTE } from './inspection-answer.ts';
import { block, plural } from './markdown.ts';
import { scanSecrets } from '../../scan/secrets.ts';
import { TextLines, decodeText, looksLikeText } from '../../scan/text.ts';
import type { EngineContext, EngineStep } from './types.ts';

const MAX_FILES = 5;
const MARK = 'reviewed';

export async function* patch(_rest: string, context: EngineContext): AsyncGenerator<EngineStep, void, void> {
  const parts: string[] = [];
  for (const { name, bytes } of context.files.slice(0, MAX_FILES)) {
    if (!looksLikeText(bytes)) continue;
    const lines = new TextLines(decodeText(bytes));
    // Quoted lines must be the file's own: one that would have to be masked is no place for a change.
    const secrets = await scanSecrets(lines, { fileName: name, signal: context.signal });
    const telling = Array.from({ length: lines.count }, (_line, index) => index + 1).filter(
      (line) => (lines.line(line) ?? '').trim() !== '' && !secrets.some((secret) => secret.line === line),
    );
    const chosen = [...new Set([telling[0], telling.at(-1)])].filter((line) => line !== undefined);
    if (chosen.length === 0) continue;
    const [, base = name, first = '1'] = /^(.*):(\d{1,7})-\d{1,7}$/.exec(name) ?? [];
    const offset = Number(first) - 1;
    parts.push(
      `--- a/${base}`,
      `+++ b/${base}`,
      ...chosen.flatMap((line) => {
        const text = lines.line(line) ?? '';
        return [`@@ -${line + offset},1 +${line + offset},1 @@`, `-${text}`, `+${text} # ${MARK}`];
      }),
    );
  }
  const files = parts.filter((line) => line.startsWith('+++ ')).length;
  yield {
    type: 'answer',
    markdown: `${SANDBOX_NOTE}\n\n${files === 0 ? 'No text is attached that could be changed.' : `A comment at the beginning and at the end of ${plural(files, 'file')}:\n\n${block(parts.join('\n'), 'diff')}`}`,
  };
}
