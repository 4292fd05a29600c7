/**
 * Generated files (a diff, a list of problems) show something of many files. Each of these is judged by the same rules as a file of its own,
 * and what the rules keep here is left out before anything is looked at or asked (trust.md S26: one gate for every way in).
 */

import { denyRuleOf } from './egress-deny.ts';
import type { EgressAbout, EgressPorts, OutgoingFile, OutgoingPart, RefusedFile } from './egress-model.ts';
import { safeFileName } from './file-name.ts';

/** More names would hide the rest of the question. */
const NAMED = 5;

export interface LeftOut {
  /** As given, but for the generated ones that lost a part. */
  readonly files: readonly OutgoingFile[];
  /** All of whose parts are kept here. */
  readonly refused: readonly RefusedFile[];
  /** For the question and the ledger: `left out: .env (rule .env*)`. */
  readonly notes: ReadonlyMap<OutgoingFile, readonly string[]>;
}

/** Cuts out what must not leave. Files that are made of nothing pass unchanged, in their order. */
export async function leaveOut(
  files: readonly OutgoingFile[],
  about: EgressAbout,
  { rules }: Pick<EgressPorts, 'rules'>,
): Promise<LeftOut> {
  const passed: OutgoingFile[] = [];
  const refused: RefusedFile[] = [];
  const notes = new Map<OutgoingFile, readonly string[]>();
  for (const file of files) {
    const { madeOf } = file;
    const left = madeOf === undefined ? new Map<OutgoingPart, string>() : await refusedParts(file, about, rules);
    if (madeOf === undefined || left.size === 0) {
      passed.push(file);
    } else if (left.size === madeOf.parts.length) {
      refused.push({ file, rule: `all of it is kept here: ${listOf(left)}` });
    } else {
      const rest = madeOf.without(new Set(left.keys()));
      const cut = { ...file, size: rest.size, open: () => rest.open(), madeOf: undefined };
      passed.push(cut);
      notes.set(cut, [`left out: ${listOf(left)}`]);
    }
  }
  return { files: passed, refused, notes };
}

async function refusedParts(
  { madeOf }: OutgoingFile,
  about: EgressAbout,
  rules: EgressPorts['rules'],
): Promise<ReadonlyMap<OutgoingPart, string>> {
  const left = new Map<OutgoingPart, string>();
  if (madeOf === undefined) return left;
  const standIns = new Map(madeOf.parts.map((part) => [part, standIn(part, madeOf.roots)]));
  // The user named the whole, not the parts: nothing of them is excused for having been pointed at.
  const chosen = madeOf.withoutGitIgnored === true ? 'collected' : 'named';
  const verdicts = await rules?.([...standIns.values()], { ...about, chosen, within: undefined });
  for (const [part, file] of standIns) {
    // What names no file cannot be judged.
    const rule =
      part.paths.length === 0
        ? 'its name cannot be told'
        : (denyRuleOf([part.name, ...part.paths]) ?? verdicts?.get(file)?.rule);
    if (rule !== undefined) left.set(part, rule);
  }
  return left;
}

/** The part as a file for the rules, which never read it. */
function standIn({ name, paths }: OutgoingPart, roots: readonly string[] | undefined): OutgoingFile {
  return { name: safeFileName(name), origin: name, paths, roots, size: 0, async *open() {} };
}

function listOf(left: ReadonlyMap<OutgoingPart, string>): string {
  const named = [...left].slice(0, NAMED).map(([{ name }, rule]) => `${name} (rule ${rule})`);
  if (left.size > NAMED) named.push(`and ${left.size - NAMED} more`);
  return named.join(', ');
}
