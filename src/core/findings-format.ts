/** The format in which a review asks for its findings: names and shape. What reads it is findings-parse.ts. Pure. */

export const FINDINGS_FORMAT = 'sec-gemini-findings';
export const FINDINGS_VERSION = 1;

/** The worst first. */
export const FINDING_SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** One entry; see media/findings.v1.schema.json for what each field means. */
export interface ReportedFinding {
  readonly file: string;
  readonly snippet: string;
  /** 1-based; only a hint. */
  readonly line?: number | undefined;
  readonly severity: FindingSeverity;
  readonly rule: string;
  readonly title: string;
  readonly explanation: string;
  readonly fix?: string | undefined;
}
