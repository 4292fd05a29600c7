/** What is suspicious about the names and sizes in an archive. */
import type { Archive } from './archives.ts';
import type { Finding } from './finding.ts';
import type { EngineFile } from './types.ts';

const EXECUTABLE = /\.(?:exe|scr|pif|com|cmd|bat|msi|dll|lnk|hta|js|jse|vbs|vbe|wsf|ps1|jar|iso|img|chm|cpl|apk)$/i;
const DISGUISED =
  /\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|txt|csv|zip)\s*\.(?:exe|scr|pif|com|cmd|bat|msi|lnk|hta|js|jse|vbs|wsf|ps1|jar)$/i;
/** Packed data that grows this much is made to fill a disk. */
const BOMB_RATIO = 200;
const MAX_LISTED = 20;

export const archiveFindings = (file: EngineFile, archive: Archive): Finding[] => {
  const findings: Finding[] = [];
  const add = (
    ruleId: string,
    severity: Finding['severity'],
    snippet: string,
    title: string,
    explanation: string,
    remediation: string,
  ): void => {
    if (findings.filter((finding) => finding.ruleId === ruleId).length >= MAX_LISTED) return;
    findings.push({ ruleId, severity, file: file.name, snippet, title, explanation, remediation });
  };
  let size = 0;
  for (const entry of archive.entries) {
    size += entry.size;
    const path = entry.name.replaceAll('\\', '/');
    if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split('/').includes('..'))
      add(
        'archive/path-traversal',
        'high',
        entry.name,
        'Entry that leaves the folder',
        'A careless program writes this entry outside the folder it unpacks into, over files of the system or of other users.',
        'Unpack with a program that refuses such names, and refuse the archive.',
      );
    if (entry.link !== undefined && (entry.link.startsWith('/') || entry.link.split('/').includes('..')))
      add(
        'archive/link-outside',
        'high',
        `${entry.name} -> ${entry.link}`,
        'Link to a place outside',
        'A later entry can be written through this link to the place it points to.',
        'Unpack without links, or refuse the archive.',
      );
    if (DISGUISED.test(path))
      add(
        'archive/disguised-program',
        'critical',
        entry.name,
        'Program that looks like a document',
        'Systems that hide known endings show it as a document; opened, it runs.',
        'Do not open it. Look at its hash and contents in a safe place.',
      );
    else if (EXECUTABLE.test(path))
      add(
        'archive/program',
        'medium',
        entry.name,
        'Program inside the archive',
        'Programs and scripts in archives are the usual way of malware by mail.',
        'Open it only when you expected it from a sender that you can check.',
      );
    if (entry.encrypted === true)
      add(
        'archive/encrypted',
        'medium',
        entry.name,
        'Encrypted entry',
        'Scanners cannot look inside. Malware is sent that way, with the password in the mail.',
        'Ask the sender on another way what it is.',
      );
  }
  if (file.bytes.length > 0 && size / file.bytes.length > BOMB_RATIO && size > 10_000_000)
    add(
      'archive/bomb',
      'high',
      `${size} bytes from ${file.bytes.length}`,
      'Grows out of proportion',
      'Unpacked, it is several hundred times as large: made to fill a disk or the memory.',
      'Unpack it only with a limit.',
    );
  return findings;
};
