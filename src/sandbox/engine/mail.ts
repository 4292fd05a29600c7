/** Mail as text (.eml): who it says it is from, what the receiving server found out, and where its links really lead. */
import type { Finding, Severity } from './finding.ts';
import { shorten } from './markdown.ts';
import type { TextLines } from '../../scan/text.ts';
import type { EngineFile } from './types.ts';

export interface MailHeader {
  readonly name: string;
  /** Unfolded. */
  readonly value: string;
  /** Line of its name, from 1. */
  readonly line: number;
}

export interface MailReport {
  readonly headers: readonly MailHeader[];
  /** Results as the receiving server wrote them, e.g. `spf: fail`. */
  readonly checks: readonly {
    readonly check: 'spf' | 'dkim' | 'dmarc';
    readonly result: string;
    readonly line: number;
  }[];
  readonly findings: readonly Finding[];
}

const MAX_HEADERS = 500;
const MAX_HEADER_UNITS = 8000;
const SHOWN = ['from', 'reply-to', 'return-path', 'to', 'subject', 'date', 'message-id'];

/** True for text that begins with mail headers. */
export const looksLikeMail = (name: string, head: string): boolean => {
  const known = /^(?:from|to|subject|date|received|message-id|return-path|mime-version|delivered-to|reply-to):/gim;
  const top = head.split(/\r?\n\r?\n/)[0] ?? '';
  const count = top.match(known)?.length ?? 0;
  return /^[A-Za-z-]{2,40}:/.test(top) && (count >= 3 || (/\.eml$/i.test(name) && count >= 1));
};

/** The headers worth showing, in order. */
export const shownHeaders = (mail: MailReport): MailHeader[] =>
  mail.headers.filter((header) => SHOWN.includes(header.name.toLowerCase()));

const parseHeaders = (lines: TextLines): { headers: MailHeader[]; bodyLine: number } => {
  const headers: MailHeader[] = [];
  let number = 1;
  for (; number <= lines.scannedLines && headers.length < MAX_HEADERS; number += 1) {
    const line = lines.line(number) ?? '';
    if (line.trim() === '') break;
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      const value = shorten(`${last.value} ${line.trim()}`, MAX_HEADER_UNITS);
      headers[headers.length - 1] = { ...last, value };
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    headers.push({
      name: line.slice(0, colon),
      value: shorten(line.slice(colon + 1).trim(), MAX_HEADER_UNITS),
      line: number,
    });
  }
  return { headers, bodyLine: number };
};

/** The domain of the last address in a header, lower case. */
const domainOf = (value: string | undefined): string | undefined => {
  const angle = /<[^<>@\s]{0,200}@([^<>@\s]{1,253})>\s*$/.exec(value ?? '');
  return (angle ?? /[^<>@\s]{1,200}@([\w.-]{1,253})/.exec(value ?? ''))?.[1]?.toLowerCase();
};

/** The last two labels: enough to tell a foreign domain from a sub-domain. */
const siteOf = (domain: string): string => domain.toLowerCase().split('.').slice(-2).join('.');

const URGENT =
  /\b(?:urgent(?:ly)?|immediately|within (?:the next )?\d{1,3} ?(?:hours?|hrs?|days?)|(?:account|access|mailbox|password)\b.{0,40}\b(?:suspended|blocked|locked|closed|disabled|limited|expire[sd]?|deactivated)|final (?:notice|warning|reminder)|act now|verify your (?:account|identity|password)|unusual (?:sign-?in|activity|log-?in)|last chance|gift cards?|wire transfer)\b/i;

/** What the mail says about itself and what speaks against it. */
export const readMail = (file: EngineFile, lines: TextLines): MailReport => {
  const { headers, bodyLine } = parseHeaders(lines);
  const findings: Finding[] = [];
  const add = (
    ruleId: string,
    severity: Severity,
    line: number,
    snippet: string,
    title: string,
    explanation: string,
    remediation: string,
  ): void => {
    findings.push({
      ruleId,
      severity,
      file: file.name,
      line,
      snippet: shorten(snippet, 200),
      title,
      explanation,
      remediation,
    });
  };
  const get = (name: string): MailHeader | undefined => headers.find((header) => header.name.toLowerCase() === name);
  const from = get('from');
  const fromDomain = domainOf(from?.value);
  for (const name of ['reply-to', 'return-path'] as const) {
    const header = get(name);
    const domain = domainOf(header?.value);
    if (header === undefined || domain === undefined || fromDomain === undefined) continue;
    if (siteOf(domain) === siteOf(fromDomain)) continue;
    if (name === 'reply-to')
      add(
        'mail/reply-to-mismatch',
        'high',
        header.line,
        `Reply-To: ${header.value}`,
        'Answers go somewhere else',
        'The address for answers is in another domain than the sender. Fraud uses that to take over the conversation.',
        'Do not answer; ask the person on a way that you already know.',
      );
    else
      add(
        'mail/return-path-mismatch',
        'medium',
        header.line,
        `Return-Path: ${header.value}`,
        'Sent from another domain',
        'The address that the mail was really sent from is in another domain. Mailing services do that too.',
        'Look at the results of SPF, DKIM and DMARC before you trust the sender.',
      );
  }
  const display = /^\s*"?([^"<]{1,200})"?\s*</.exec(from?.value ?? '')?.[1];
  const claimed =
    /([\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.(?:com|org|net|gov|edu|bank|co\.uk|de|fr|io|example|invalid|test))\b/i.exec(
      display ?? '',
    )?.[1];
  if (from !== undefined && claimed !== undefined && fromDomain !== undefined && siteOf(claimed) !== siteOf(fromDomain))
    add(
      'mail/display-name',
      'high',
      from.line,
      `From: ${from.value}`,
      'The name shows another domain than the address',
      'Programs that show only the name make the mail look as if it came from that domain.',
      'Look at the address itself, and treat the mail as forged.',
    );
  const checks = readChecks(headers, lines);
  for (const { check, result, line } of checks) {
    if (!/^(?:fail|softfail|permerror|none)$/.test(result)) continue;
    const severity = result === 'fail' ? 'high' : 'medium';
    add(
      `mail/${check}-${result}`,
      severity,
      line,
      `${check}=${result}`,
      `${check.toUpperCase()} says ${result}`,
      'The receiving server could not confirm that the domain of the sender had a hand in this mail.',
      'Treat the sender as unproven.',
    );
  }
  bodyFindings(lines, bodyLine, add);
  const subject = get('subject');
  if (subject !== undefined && URGENT.test(subject.value))
    add(
      'mail/urgency',
      'medium',
      subject.line,
      `Subject: ${subject.value}`,
      'Pressure in the subject',
      'Fraud hurries its readers, so that they do not check.',
      'Take the time to ask the sender on another way.',
    );
  return { headers, checks, findings };
};

const readChecks = (headers: readonly MailHeader[], lines: TextLines): MailReport['checks'] => {
  const checks: { check: 'spf' | 'dkim' | 'dmarc'; result: string; line: number }[] = [];
  for (const header of headers) {
    const name = header.name.toLowerCase();
    if (name === 'received-spf') {
      const result = /^\s*(\w{1,20})/.exec(header.value)?.[1];
      if (result !== undefined)
        checks.push({ check: 'spf', result: result.toLowerCase(), line: lineOf(lines, header.line, result) });
    } else if (name === 'authentication-results' || name === 'arc-authentication-results') {
      for (const match of header.value.matchAll(/\b(spf|dkim|dmarc)=(\w{1,20})/gi)) {
        const check = (match[1] ?? '').toLowerCase() as 'spf' | 'dkim' | 'dmarc';
        const result = (match[2] ?? '').toLowerCase();
        if (!checks.some((known) => known.check === check && known.result === result))
          checks.push({ check, result, line: lineOf(lines, header.line, match[0]) });
      }
    }
  }
  return checks;
};

/** The line of a folded header that holds the words; its first line when they are cut by the fold. */
const lineOf = (lines: TextLines, headerLine: number, words: string): number => {
  for (let number = headerLine; number < headerLine + 100; number += 1) {
    const line = lines.line(number);
    if (line === undefined || (number > headerLine && !/^[ \t]/.test(line))) break;
    if (line.includes(words)) return number;
  }
  return headerLine;
};

type Add = (
  ruleId: string,
  severity: Severity,
  line: number,
  snippet: string,
  title: string,
  explanation: string,
  remediation: string,
) => void;

const LINK =
  /<a\s[^<>]{0,600}?href\s{0,3}=(?:3D)?\s{0,3}["']?([^"'\s<>]{1,1000})["']?[^<>]{0,400}>([^<]{1,400})<\/a>/gi;
const MAX_BODY_UNITS = 1024 * 1024;
const MAX_PER_RULE = 20;

const bodyFindings = (lines: TextLines, bodyLine: number, add: Add): void => {
  const bodyStart = lines.range(bodyLine)?.start ?? lines.text.length;
  const bodyEnd = Math.min(lines.scannedUnits, bodyStart + MAX_BODY_UNITS);
  const body = lines.text.slice(bodyStart, bodyEnd);
  let links = 0;
  for (const match of body.matchAll(LINK)) {
    const target = /^h[tx]{2}ps?(?::|\[:\])\/\/([^/:?#\s]{1,253})/i
      .exec(unquote(match[1] ?? ''))?.[1]
      ?.replaceAll('[.]', '.');
    const said = /((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})/i.exec(unquote(match[2] ?? ''))?.[1];
    if (target === undefined || said === undefined || siteOf(target) === siteOf(said) || (links += 1) > MAX_PER_RULE)
      continue;
    const line = lines.lineAt(bodyStart + match.index);
    add(
      'mail/link-mismatch',
      'critical',
      line,
      `text ${said}, target ${target}`,
      'The link shows one address and leads to another',
      'The reader sees a known name and lands on a page of someone else: the core of phishing.',
      'Do not follow it. Report it, block the target, and look who has opened it.',
    );
  }
  const counts = new Map<string, number>();
  const once = (ruleId: string): boolean => {
    const count = (counts.get(ruleId) ?? 0) + 1;
    counts.set(ruleId, count);
    return count <= MAX_PER_RULE;
  };
  const last = Math.min(lines.scannedLines, lines.lineAt(bodyEnd));
  for (let number = bodyLine + 1; number <= last; number += 1) {
    const line = (lines.line(number) ?? '').slice(0, 1000);
    if (URGENT.test(line) && once('mail/urgency'))
      add(
        'mail/urgency',
        'medium',
        number,
        line.trim(),
        'Pressure on the reader',
        'Fraud hurries its readers, so that they do not check.',
        'Take the time to ask the sender on another way.',
      );
    if (
      /name\*?=["']?[^"'\s]{1,200}\.(?:exe|scr|js|jse|vbs|hta|lnk|iso|img|bat|cmd|ps1|docm|xlsm|html?)\b/i.test(line) &&
      once('mail/attachment')
    )
      add(
        'mail/attachment',
        'high',
        number,
        line.trim(),
        'Attachment that can run',
        'Files of this kind run programs or show false log-in pages when they are opened.',
        'Do not open it; look at it in a safe place.',
      );
    if (/https?(?::|\[:\])\/\/(?:[^/\s]{0,200}\.)?xn--/i.test(line) && once('mail/punycode'))
      add(
        'mail/punycode',
        'high',
        number,
        line.trim(),
        'Domain with look-alike letters',
        'The encoded name (xn--) can be shown with letters that look like those of a known domain.',
        'Compare the encoded name, and do not follow it.',
      );
  }
};

/** Quoted-printable soft breaks and `=3D` undone, enough to read an address. */
const unquote = (text: string): string =>
  text
    .replace(/=\r?\n/g, '')
    .replace(/=3D/gi, '=')
    .replace(/=2E/gi, '.');
