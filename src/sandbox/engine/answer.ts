/** The local sandbox's agent: looks at what is attached and answers. No model, no network, no disk. */
import { codeAnswer } from './code-questions.ts';
import { demo } from './demo.ts';
import { findingsBlock } from './findings-block.ts';
import {
  compareAnswer,
  explainAnswer,
  filesAnswer,
  hashAnswer,
  historyAnswer,
  indicatorsAnswer,
  jsonAnswer,
  lineAnswer,
  secretsAnswer,
} from './follow-ups.ts';
import type { FileReport } from './inspect.ts';
import { inspectFile } from './inspect.ts';
import { SANDBOX_NOTE, bySeverity, inspectionAnswer, summaryAnswer } from './inspection-answer.ts';
import { askLocalLogs, asksLocalLogs } from './local-logs.ts';
import { code, plural, size, shorten } from './markdown.ts';
import { promptParts } from './prompt-parts.ts';
import type { Request } from './requests.ts';
import { filesNamedIn, missingFileIn, readRequest } from './requests.ts';
import { maskSecret } from '../../scan/secrets.ts';
import { MAX_SCAN_UNITS } from '../../scan/text.ts';
import type { Answer, EngineContext, EngineFile, EngineStep } from './types.ts';

/** All files of one turn together are searched up to this many characters. */
const MAX_TURN_UNITS = 12 * 1024 * 1024;
/** Once that is used up, each further file is searched this far, so that small ones are never passed over. */
const MIN_FILE_UNITS = 64 * 1024;

const THOUGHTS: Readonly<Record<Request['kind'], string>> = {
  demo: 'This asks for a demonstration.',
  history: 'This asks what was said before in this session.',
  files: 'This asks which files are attached.',
  hash: 'This asks for a hash.',
  line: 'This asks for a line of a file.',
  indicators: 'This asks for indicators of compromise.',
  explain: 'This asks to explain a finding.',
  compare: 'This asks to compare files.',
  summarise: 'This asks for a summary.',
  secrets: 'This asks for secrets in the files.',
  json: 'This asks for the findings as JSON.',
  findings: 'This asks for the findings in a format of its own.',
  code: 'This asks about lines of code.',
  inspect: 'I will look at what is attached.',
};

/** Deterministic for the same prompt and context. Throws the signal's reason when the turn is cancelled. */
export const answer: Answer = async function* answer(whole, context) {
  context.signal.throwIfAborted();
  const { instructions, question: prompt, requirements } = promptParts(whole);
  if (instructions !== undefined)
    yield {
      type: 'thinking',
      title: 'Reading the instructions',
      text: `Instructions came before the question: "${shorten(instructions, 120)}". I am no model: my checks stay the same.`,
    };
  if (requirements !== undefined)
    yield {
      type: 'thinking',
      title: 'Reading the requirements',
      text: `The question came with requirements: "${shorten(requirements, 200)}". I am no model: my checks stay the same.`,
    };
  const request = readRequest(prompt);
  if (request.kind === 'demo') {
    yield* demo(request.name, request.rest, context);
    return;
  }
  if (request.kind !== 'history' && request.kind !== 'files' && asksLocalLogs(prompt, context)) {
    yield* askLocalLogs(prompt, SANDBOX_NOTE, context);
    return;
  }
  yield {
    type: 'thinking',
    title: 'Reading the request',
    text: `${THOUGHTS[request.kind]} ${plural(context.files.length, 'file')} attached. I am the local sandbox: I run fixed checks, I am no model.`,
  };
  const named = filesNamedIn(prompt, context.files);
  const missing = named.length === 0 || request.kind === 'compare' ? missingFileIn(prompt, context.files) : undefined;
  const lead =
    missing === undefined || context.files.length === 0 ? [] : [`No attached file is called ${code(missing)}.`];
  const scope = named.length > 0 ? named : context.files;
  const finish = (markdown: string, reports: readonly FileReport[] = []): EngineStep => ({
    type: 'answer',
    markdown: maskAll([SANDBOX_NOTE, ...lead, markdown].join('\n\n'), reports),
  });
  switch (request.kind) {
    case 'history':
      yield finish(historyAnswer(context.earlierPrompts));
      return;
    case 'files':
      yield* listFiles(context.files);
      yield finish(filesAnswer(context.files));
      return;
    case 'hash':
      yield finish(hashAnswer(scope, request.algorithms));
      return;
    default:
  }
  // Findings are numbered over all files, so all are inspected where numbers are shown.
  const needed =
    request.kind === 'findings' ||
    request.kind === 'code' ||
    request.kind === 'line' ||
    request.kind === 'indicators' ||
    request.kind === 'compare'
      ? scope
      : context.files;
  const reports: FileReport[] = [];
  yield* inspectAll(needed, context, reports);
  const shown = reports.filter((report) => scope.includes(report.file));
  switch (request.kind) {
    case 'line':
      yield finish(await lineAnswer(shown, request.from, request.to, context.signal), reports);
      return;
    case 'indicators':
      yield finish(indicatorsAnswer(shown, request.kinds), reports);
      return;
    case 'explain':
      yield finish(explainAnswer(reports, named.length > 0 ? shown : [], request), reports);
      return;
    case 'compare': {
      const inOrder = named.flatMap((file) => reports.filter((report) => report.file === file));
      const pair = named.length === 0 && missing === undefined && reports.length === 2 ? reports : inOrder;
      yield finish(compareAnswer(pair), reports);
      return;
    }
    case 'summarise':
      yield finish(summaryAnswer(reports, shown), reports);
      return;
    case 'secrets':
      yield finish(secretsAnswer(reports, shown), reports);
      return;
    case 'code':
      yield finish(codeAnswer(request.question, shown, prompt), reports);
      return;
    case 'json':
      yield finish(jsonAnswer(reports, shown), reports);
      return;
    case 'findings': {
      const block = await findingsBlock(shown, context.signal);
      yield finish(block.markdown, [...reports, ...block.reports]);
      return;
    }
    case 'inspect':
      yield finish(inspectionAnswer(reports, shown, !request.plain), reports);
      return;
    default:
      request satisfies never;
  }
};

function* listFiles(files: readonly EngineFile[]): Generator<EngineStep> {
  yield { type: 'toolCall', callId: 'list-1', name: 'list_files', args: {} };
  yield {
    type: 'toolResult',
    callId: 'list-1',
    name: 'list_files',
    text:
      files.length === 0
        ? 'no files'
        : files
            .slice(0, 200)
            .map((file) => `${file.name} (${size(file.bytes.length)})`)
            .join('\n'),
    isError: false,
  };
}

/** Inspects file by file, each as a tool call with its result, and collects the reports. */
async function* inspectAll(
  files: readonly EngineFile[],
  context: EngineContext,
  reports: FileReport[],
): AsyncGenerator<EngineStep> {
  let budget = MAX_TURN_UNITS;
  for (const [index, file] of files.entries()) {
    const callId = `inspect-${index + 1}`;
    yield { type: 'toolCall', callId, name: 'inspect_file', args: { file: file.name, sha256: file.sha256 } };
    const report = await inspectFile(file, context.signal, Math.min(MAX_SCAN_UNITS, Math.max(MIN_FILE_UNITS, budget)));
    budget -= report.lines?.scannedUnits ?? 0;
    reports.push(report);
    yield {
      type: 'toolResult',
      callId,
      name: 'inspect_file',
      text: maskAll(resultText(report), [report]),
      isError: false,
    };
  }
}

const resultText = (report: FileReport): string => {
  const { file, lines, findings, indicators } = report;
  const severities = bySeverity(findings);
  return [
    `${file.name}: ${file.label}, ${size(file.bytes.length)}${lines === undefined ? '' : `, ${plural(lines.count, 'line')}`}`,
    `sha256 ${file.sha256}`,
    `${plural(findings.length, 'finding')}${severities === '' ? '' : ` (${severities})`}, ${plural(indicators.length, 'indicator')}`,
  ].join('\n');
};

/** The last net: whatever a part of the answer quoted, a secret that was found does not leave unmasked. */
const maskAll = (text: string, reports: readonly FileReport[]): string => {
  let masked = text;
  for (const report of reports) {
    for (const secret of report.secrets) {
      const value = report.lines?.text.slice(secret.start, secret.end) ?? '';
      if (value.length >= 6 && masked.includes(value)) masked = masked.replaceAll(value, () => maskSecret(value));
    }
  }
  return masked;
};
