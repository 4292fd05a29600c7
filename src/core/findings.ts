/** Findings of reviews: what was reported, at which code it stands now, and what the user made of it. */

import { type AnchorPlace, type ContentAnchor, type LineSource, anchorOfSnippet, makeAnchor } from './anchor.ts';
import { Emitter, type Event } from './emitter.ts';
import type { FindingSeverity, ReportedFinding } from './findings-format.ts';
import { placeSnippet } from './findings-place.ts';

export interface Suppression {
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Finding {
  readonly id: string;
  /** Where the conversation about it is. */
  readonly sessionId: string;
  readonly severity: FindingSeverity;
  /** Untrusted text, as are the next four. */
  readonly rule: string;
  readonly title: string;
  readonly explanation: string;
  /** The lines as they should be, as the answer gave them; only where it quoted whole lines. */
  readonly fix?: string | undefined;
  /** Of the last answer that verified it. */
  readonly verdict?: string | undefined;
  /** The code as it was reported. */
  readonly asked: ContentAnchor;
  /** The same place as it was last seen. */
  readonly anchor: ContentAnchor;
  readonly place: AnchorPlace;
  /** How the quoted code was found; `none`: it is not in the file. */
  readonly quoted: 'whole' | 'part' | 'near' | 'none';
  readonly suppressed?: Suppression | undefined;
  /** The thread that verified it or asked about it last. */
  readonly threadId?: string | undefined;
  readonly createdAt: number;
}

/** More than anybody works through; beyond it the oldest go, those not suppressed first. */
const MAX_KEPT = 300;

/** A reported finding at its place in the document as it is now. */
export function placedFinding(
  reported: ReportedFinding,
  about: { readonly id: string; readonly sessionId: string; readonly uri: string; readonly at: number },
  source: LineSource,
): Finding {
  const { severity, rule, title, explanation, fix, snippet, line } = reported;
  const found = placeSnippet(source, snippet, line);
  // What is not in the file is told at its beginning: the line of the model is not trusted even then.
  const asked = found === undefined ? anchorOfSnippet(about.uri, snippet) : makeAnchor(about.uri, source, found);
  const { first, last } = found === undefined ? { first: 1, last: 1 } : asked;
  const isWhole = found?.match === 'whole';
  return {
    id: about.id,
    sessionId: about.sessionId,
    severity,
    rule,
    title,
    explanation,
    ...(isWhole && fix !== undefined && fix.trim() !== '' ? { fix } : {}),
    asked,
    anchor: asked,
    place: { first, last, confidence: found === undefined ? 'lost' : 'exact' },
    quoted: found?.match ?? 'none',
    createdAt: about.at,
  };
}

/** True when the code is no longer what was reported. */
export function isStale({ place }: Pick<Finding, 'place'>): boolean {
  return place.confidence === 'likely' || place.confidence === 'lost';
}

export class Findings {
  readonly #findings = new Map<string, Finding>();
  readonly #changes: Emitter<string>;

  constructor(onError?: (error: unknown) => void) {
    this.#changes = new Emitter(onError);
  }

  /** Fires with the URI of the document whose findings came, changed or went. */
  get onDidChange(): Event<string> {
    return this.#changes.event;
  }

  /** The oldest first. */
  all(): readonly Finding[] {
    return [...this.#findings.values()];
  }

  get(id: string): Finding | undefined {
    return this.#findings.get(id);
  }

  /** Those of a document, URI as text. */
  at(uri: string): readonly Finding[] {
    return this.all().filter(({ anchor }) => anchor.uri === uri);
  }

  /**
   * Takes the findings of a review. What was known of the same code by the same rule is replaced, its suppression stays. `whole`: URIs of
   * documents that were reviewed as a whole: what is no longer found in them goes, unless it is suppressed.
   */
  take(found: readonly Finding[], whole: readonly string[]): void {
    const touched = new Set<string>();
    const olds = new Set(this.all());
    for (const finding of found) {
      const same = [...olds].filter((old) => isSameFinding(old, finding));
      // Equal lines may stand in a file twice: the one in its old place first, else the uppermost that is left.
      const known =
        same.find(({ place }) => place.first === finding.place.first) ??
        same.toSorted((a, b) => a.place.first - b.place.first)[0];
      if (known !== undefined) {
        olds.delete(known);
        this.#findings.delete(known.id);
      }
      this.#findings.set(
        finding.id,
        known?.suppressed === undefined ? finding : { ...finding, suppressed: known.suppressed },
      );
      touched.add(finding.anchor.uri);
    }
    for (const { id, anchor, suppressed } of olds) {
      if (!whole.includes(anchor.uri) || suppressed !== undefined) continue;
      this.#findings.delete(id);
      touched.add(anchor.uri);
    }
    while (this.#findings.size > MAX_KEPT) {
      const oldest = this.all().find(({ suppressed }) => suppressed === undefined) ?? this.all()[0];
      if (oldest === undefined) break;
      this.#findings.delete(oldest.id);
      touched.add(oldest.anchor.uri);
    }
    for (const uri of touched) this.#changes.fire(uri);
  }

  /** Nothing happens for a finding that is gone. */
  update(id: string, patch: Partial<Omit<Finding, 'id'>>): void {
    const finding = this.#findings.get(id);
    if (finding === undefined) return;
    const next = { ...finding, ...patch };
    if (JSON.stringify(next) === JSON.stringify(finding)) return;
    this.#findings.set(id, next);
    this.#changes.fire(next.anchor.uri);
    if (finding.anchor.uri !== next.anchor.uri) this.#changes.fire(finding.anchor.uri);
  }

  remove(ids: readonly string[]): void {
    const uris = new Set(ids.flatMap((id) => this.#findings.get(id)?.anchor.uri ?? []));
    for (const id of ids) this.#findings.delete(id);
    for (const uri of uris) this.#changes.fire(uri);
  }

  /** Of the service's words nothing stays (trust.md S22); a suppression is the user's own note and keeps what it needs to be found again. */
  signOut(): void {
    this.remove(
      this.all()
        .filter(({ suppressed }) => suppressed === undefined)
        .map(({ id }) => id),
    );
    for (const { id } of this.all())
      this.update(id, { title: 'Suppressed finding', explanation: '', fix: undefined, verdict: undefined });
  }

  dispose(): void {
    this.#changes.dispose();
  }
}

/** The same rule at the same code of the same file, wherever that stands. */
function isSameFinding(a: Finding, b: Finding): boolean {
  return a.rule === b.rule && a.anchor.uri === b.anchor.uri && a.asked.whole === b.asked.whole;
}
