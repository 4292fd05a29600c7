/** Looks at one attached file with everything that fits its kind, and keeps what was seen. */
import type { Archive } from './archives.ts';
import { listArchive } from './archives.ts';
import { archiveFindings } from './archive-findings.ts';
import type { BinaryFacts } from './binary.ts';
import { binaryFacts } from './binary.ts';
import type { Finding } from './finding.ts';
import { sortFindings } from './finding.ts';
import type { Indicator } from './indicators.ts';
import { findIndicators } from './indicators.ts';
import type { Language } from './languages.ts';
import { languageOf } from './languages.ts';
import type { LogReport } from './logs.ts';
import { logFormatOf, readLog } from './logs.ts';
import type { MailReport } from './mail.ts';
import { looksLikeMail, readMail } from './mail.ts';
import { findRiskyPatterns } from './patterns.ts';
import { secretFinding } from './secret-findings.ts';
import type { SecretMatch } from '../../scan/secrets.ts';
import { scanSecrets } from '../../scan/secrets.ts';
import { MAX_SCAN_UNITS, TextLines, breathe, decodeText, looksLikeText } from '../../scan/text.ts';
import type { EngineFile } from './types.ts';

export interface FileReport {
  readonly file: EngineFile;
  /** Undefined when the file is no text. */
  readonly lines: TextLines | undefined;
  readonly language: Language | undefined;
  readonly secrets: readonly SecretMatch[];
  readonly indicators: readonly Indicator[];
  /** The worst first, then by line. */
  readonly findings: readonly Finding[];
  readonly archive?: Archive | undefined;
  readonly binary?: BinaryFacts | undefined;
  readonly mail?: MailReport | undefined;
  readonly log?: LogReport | undefined;
}

/** Reports of files up to this size are kept as long as their bytes are, so that a follow-up need not look again. */
const MAX_KEPT_BYTES = 1024 * 1024;
const kept = new WeakMap<
  Uint8Array,
  { readonly name: string; readonly scanUnits: number; readonly report: FileReport }
>();

/**
 * Inspects the file. Bounded: at most `scanUnits` characters are searched. Yields between pieces and rejects with the
 * signal's reason when the turn is cancelled.
 */
export const inspectFile = async (
  file: EngineFile,
  signal: AbortSignal,
  scanUnits: number = MAX_SCAN_UNITS,
): Promise<FileReport> => {
  signal.throwIfAborted();
  const known = kept.get(file.bytes);
  if (known !== undefined && known.name === file.name && known.scanUnits === scanUnits)
    return { ...known.report, file };
  await breathe(signal);
  const report = looksLikeText(file.bytes)
    ? await inspectText(file, new TextLines(decodeText(file.bytes), scanUnits), signal)
    : await inspectBinary(file, signal);
  if (file.bytes.length <= MAX_KEPT_BYTES) kept.set(file.bytes, { name: file.name, scanUnits, report });
  return report;
};

const inspectText = async (file: EngineFile, lines: TextLines, signal: AbortSignal): Promise<FileReport> => {
  const head = lines.text.slice(0, 4000);
  const isMail = looksLikeMail(file.name, head);
  const language = isMail ? undefined : languageOf(file.name.replace(/:\d+-\d+$/, ''), file.label, head);
  const secrets = await scanSecrets(lines, { fileName: file.name, signal });
  const findings: Finding[] = secrets.map((secret) => secretFinding(file, lines, secrets, secret));
  if (language !== undefined) findings.push(...(await findRiskyPatterns(file, lines, secrets, language, signal)));
  const isData = language === undefined || language === 'yaml' || language === 'workflow';
  const indicators = await findIndicators(lines, secrets, !isData, signal);
  const mail = isMail ? readMail(file, lines) : undefined;
  const format = isMail || language !== undefined ? undefined : logFormatOf(file.name, lines);
  const log = format === undefined ? undefined : await readLog(file, lines, format, signal);
  findings.push(...(mail?.findings ?? []), ...(log?.findings ?? []));
  findings.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { file, lines, language, secrets, indicators, findings: sortFindings(findings), mail, log };
};

const inspectBinary = async (file: EngineFile, signal: AbortSignal): Promise<FileReport> => {
  const archive = await listArchive(file.bytes, signal);
  await breathe(signal);
  return {
    file,
    lines: undefined,
    language: undefined,
    secrets: [],
    indicators: [],
    findings: sortFindings(archive === undefined ? [] : archiveFindings(file, archive)),
    archive,
    binary: binaryFacts(file.bytes),
  };
};
