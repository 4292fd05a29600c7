/** What the composer offers after `/`: prompts for the work that security people do most. They are plain text that the user can edit before sending. */

import type { Completion } from '../../panel/protocol.ts';

const PROMPTS: readonly Completion[] = [
  {
    label: '/explain',
    detail: 'What does this do?',
    insert: 'Explain what the attached files do, step by step, and what is risky in them.',
  },
  {
    label: '/review',
    detail: 'Security review',
    insert:
      'Review the attached files for vulnerabilities. For each finding name file, line, severity, why it is exploitable and how to fix it.',
  },
  {
    label: '/threat-model',
    detail: 'Threats and mitigations',
    insert:
      'Write a threat model for the attached code: assets, entry points, trust boundaries, threats (STRIDE) and mitigations.',
  },
  {
    label: '/triage',
    detail: 'Is it malicious?',
    insert:
      'Triage the attached files: are they malicious, what do they do, which indicators do they hold, and what should be done next?',
  },
  {
    label: '/find-secrets',
    detail: 'Keys, passwords, tokens',
    insert:
      'Find hard-coded secrets in the attached files. Name file and line, and say how each should be rotated and stored.',
  },
  {
    label: '/summarise-log',
    detail: 'What happened?',
    insert:
      'Summarise the attached log: time span, top talkers, failed log-ins, anything unusual, and a timeline of what matters.',
  },
  {
    label: '/indicators',
    detail: 'IPs, domains, hashes',
    insert: 'List the indicators of compromise in the attached files, by kind, with the line of each.',
  },
  {
    label: '/detection-rule',
    detail: 'Sigma or YARA',
    insert:
      'Write a detection rule (Sigma for logs, YARA for files) for what the attached files show, and explain its false positives.',
  },
];

/** Those that come with the extension. */
export function prompts(query: string): readonly Completion[] {
  return promptsFor(PROMPTS, query);
}

/** Those whose name begins with the words typed, or that say them of themselves. */
export function promptsFor(all: readonly Completion[], query: string): readonly Completion[] {
  const wanted = query.toLowerCase();
  return all.filter(
    ({ label, detail }) => label.slice(1).toLowerCase().startsWith(wanted) || detail.toLowerCase().includes(wanted),
  );
}
