/** The local sandbox's agent: looks at what is attached and answers. No model, no network, no disk. */
import type { FileReport } from './inspect.ts';
import { inspectFile } from './inspect.ts';
import { inspectionAnswer } from './inspection-answer.ts';
import { plural, size } from './markdown.ts';
import type { Answer } from './types.ts';

/** Deterministic for the same prompt and context. Throws the signal's reason when the turn is cancelled. */
export const answer: Answer = async function* answer(prompt, context) {
  context.signal.throwIfAborted();
  yield {
    type: 'thinking',
    title: 'Reading the request',
    text: `${plural(context.files.length, 'file')} attached; the prompt has ${plural(prompt.length, 'character')}.`,
  };
  const reports: FileReport[] = [];
  for (const [index, file] of context.files.entries()) {
    const callId = `inspect-${index + 1}`;
    yield { type: 'toolCall', callId, name: 'inspect_file', args: { file: file.name, sha256: file.sha256 } };
    const report = await inspectFile(file, context.signal);
    reports.push(report);
    yield {
      type: 'toolResult',
      callId,
      name: 'inspect_file',
      text: `${file.name}: ${file.label}, ${size(file.bytes.length)}, ${plural(report.findings.length, 'finding')}`,
      isError: false,
    };
  }
  yield { type: 'answer', markdown: inspectionAnswer(reports, context) };
};
