/** The Markdown of an inspection. */
import type { FileReport } from './inspect.ts';
import { code, plural, size } from './markdown.ts';
import type { EngineContext } from './types.ts';

export const SANDBOX_NOTE = '_Answered by the local sandbox: programmed checks on this machine, no model._';

/** What is attached and what was found in it. */
export const inspectionAnswer = (reports: readonly FileReport[], context: EngineContext): string => {
  const parts: string[] = [SANDBOX_NOTE];
  if (context.files.length === 0) parts.push('No file is attached to this session. Attach one and ask again.');
  let number = 0;
  for (const report of reports) {
    const { file, lines } = report;
    parts.push(`### ${code(file.name)}`);
    parts.push(
      [
        `- Type: ${code(file.label)} (${code(file.mimeType)}), ${size(file.bytes.length)}` +
          (lines === undefined ? '' : `, ${plural(lines.count, 'line')}`),
        `- SHA-256: ${code(file.sha256)}`,
      ].join('\n'),
    );
    if (lines?.truncated === true)
      parts.push(
        `Only the first ${lines.scannedUnits.toLocaleString('en')} of ${lines.text.length.toLocaleString('en')} characters were searched.`,
      );
    if (report.findings.length === 0) parts.push('Nothing found.');
    else
      parts.push(
        report.findings
          .map((finding) => {
            number += 1;
            const place = finding.line === undefined ? '' : ` on line ${finding.line}`;
            return `${number}. **${finding.severity}**${place}: ${finding.title}: ${code(finding.snippet)}`;
          })
          .join('\n'),
      );
  }
  return parts.join('\n\n');
};
