/** Looks at one attached file and keeps what was seen. */
import { secretFinding } from './secret-findings.ts';
import type { Finding } from './finding.ts';
import { sortFindings } from './finding.ts';
import type { SecretMatch } from './secrets.ts';
import { scanSecrets } from './secrets.ts';
import { TextLines, breathe, decodeText, looksLikeText } from './text.ts';
import type { EngineFile } from './types.ts';

export interface FileReport {
  readonly file: EngineFile;
  /** Undefined when the file is no text. */
  readonly lines: TextLines | undefined;
  readonly secrets: readonly SecretMatch[];
  readonly findings: readonly Finding[];
}

/** Inspects the file. Bounded, yields between pieces, rejects with the signal's reason when the turn is cancelled. */
export const inspectFile = async (file: EngineFile, signal: AbortSignal): Promise<FileReport> => {
  await breathe(signal);
  const lines = looksLikeText(file.bytes) ? new TextLines(decodeText(file.bytes)) : undefined;
  if (lines === undefined) return { file, lines, secrets: [], findings: [] };
  const secrets = await scanSecrets(lines, { fileName: file.name, signal });
  const findings = secrets.map((secret) => secretFinding(file, lines, secrets, secret));
  return { file, lines, secrets, findings: sortFindings(findings) };
};
