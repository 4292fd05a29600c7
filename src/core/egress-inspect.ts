/** What the gate finds out about a file before it asks: what it is by its first bytes, and the secrets in it. Bounded; nothing of it is kept. */

import type { EgressChoice, EgressItem, EgressPorts, OutgoingFile, RuleVerdict } from './egress-model.ts';
import { readBytes } from './egress-record.ts';
import { type SampleKind, sampleKind } from './egress-sample.ts';

/** Bytes of one file that are looked through; what lies behind is not, and the confirmation says so. */
export const MAX_SCANNED_BYTES = 2_000_000;

/** A secret that was found, without the secret. */
export interface SecretFlag {
  /** Stable id, e.g. `aws-access-key-id`. */
  readonly kind: string;
  readonly title: string;
  /** From 1. */
  readonly line: number;
  /** Place in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A file's text with what was found in it. */
export interface ScannedText {
  readonly text: string;
  readonly secrets: readonly SecretFlag[];
  /** False when there are more secrets than are listed. */
  readonly complete: boolean;
  /** In the file's own encoding; of `text` it gives the file's bytes. */
  encode(text: string): Uint8Array;
}

export interface Inspection {
  readonly secrets: readonly SecretFlag[];
  /** `whole`: text, looked through to its end; `part`: text, only its beginning; `none`: no text, nothing was searched. */
  readonly scanned: 'whole' | 'part' | 'none';
  readonly sample: SampleKind | undefined;
  /** Of the whole content, lower-case hex; only when all of it was read. */
  readonly sha256: string | undefined;
}

/** Reads at most `MAX_SCANNED_BYTES`. Rejects with what the source says. Reads nothing when there is no scanner. */
export async function inspectFile(
  file: OutgoingFile,
  { scan, newHash }: Pick<EgressPorts, 'scan' | 'newHash'>,
  signal: AbortSignal | undefined,
): Promise<Inspection> {
  if (scan === undefined) return { secrets: [], scanned: 'none', sample: undefined, sha256: undefined };
  const { bytes, whole } = await readBytes(() => file.open(), MAX_SCANNED_BYTES);
  const hash = newHash('sha256');
  hash.update(bytes);
  const sample = sampleKind(bytes);
  const text = await scan(bytes, { fileName: file.name, cut: !whole, signal });
  return {
    // The texts, which would be all of the batch, are let go.
    secrets: text?.secrets.map(({ kind, title, line, start, end }) => ({ kind, title, line, start, end })) ?? [],
    scanned: text === undefined ? 'none' : whole && text.complete ? 'whole' : 'part',
    sample,
    sha256: whole ? hash.digest() : undefined,
  };
}

/** What may be chosen for a file, and what "Send" does with it. */
export function itemOf(file: OutgoingFile, inspection: Inspection, verdict: RuleVerdict | undefined): EgressItem {
  const notes: string[] = [];
  if (verdict?.kind === 'refused') notes.push(`although ${verdict.rule} keeps it here`);
  if (verdict?.kind === 'ask') notes.push(`ignored by ${verdict.rule}`);
  if (file.links !== undefined && file.links > 1) notes.push(`has ${file.links} names on this disk`);
  const canRedact = inspection.secrets.length > 0 && inspection.scanned === 'whole';
  const choices: EgressChoice[] = canRedact ? ['send', 'redact', 'hashes', 'skip'] : ['send', 'hashes', 'skip'];
  const choice = verdict?.kind === 'ask' ? 'skip' : inspection.sample === undefined ? 'send' : 'hashes';
  return { file, ...inspection, notes, choices, choice };
}
