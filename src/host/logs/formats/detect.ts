/** Which log a file is, from its beginning. */

import { delimitedParser, delimiterOf } from './delimited.ts';
import { jsonLinesParser, objectOf } from './json-lines.ts';
import { type LogParser, type SampleOptions, lineParser } from './log-format.ts';
import { authParser, isAuthLine, syslogParser, syslogValues } from './syslog.ts';
import { accessParser, accessValues, errorParser, errorValues } from './web.ts';
import { windowsEventsParser } from './windows-events.ts';

const SAMPLE_LINES = 2_000;
/** Of its lines that have to have the form. */
const ENOUGH = 0.6;

/** The parser for a file that begins so; every text has one. */
export async function parserFor(sample: string, options: SampleOptions): Promise<LogParser> {
  if (
    /^\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^]{0,1000}?-->\s*)?<(?:Events|Event)[\s>]/.test(sample) &&
    /<System[\s>]/.test(sample)
  )
    return windowsEventsParser();
  const lines = sample.split(/\r?\n/, SAMPLE_LINES).filter((line) => line.trim() !== '');
  // The last line of a sample may be cut.
  if (lines.length > 1 && !sample.endsWith('\n')) lines.pop();
  const share = (fits: (line: string) => boolean): number =>
    lines.length === 0 ? 0 : lines.filter((line) => fits(line.slice(0, 16_000))).length / lines.length;
  if (share((line) => objectOf(line) !== undefined) >= ENOUGH) return jsonLinesParser(lines);
  if (share((line) => accessValues(line) !== undefined) >= ENOUGH) return accessParser();
  if (share((line) => errorValues(line) !== undefined) >= ENOUGH) return errorParser();
  if (share((line) => syslogValues(line, options.modifiedMs) !== undefined) >= ENOUGH) {
    const isAuth = /^(?:auth|secure)\b/i.test(options.name) || share(isAuthLine) >= 0.3;
    return isAuth ? authParser(options) : syslogParser(options);
  }
  const delimiter = delimiterOf(sample.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '');
  if (delimiter !== undefined && (lines.length > 1 || /\.[ct]sv$/i.test(options.name)))
    return delimitedParser(sample, delimiter);
  return lineParser('text', [], () => []);
}
