/** What a prompt asks for, read from its words. The same words always mean the same. */
import { type CodeQuestion, codeQuestionIn } from './code-questions.ts';
import { asksForFindings } from './findings-block.ts';
import type { IndicatorKind } from './indicators.ts';
import type { EngineFile } from './types.ts';

export type HashAlgorithm = 'sha256' | 'sha1' | 'md5' | 'sha512';

export type Request =
  | { readonly kind: 'demo'; readonly name: string; readonly rest: string }
  | { readonly kind: 'history' }
  | { readonly kind: 'files' }
  | { readonly kind: 'hash'; readonly algorithms: readonly HashAlgorithm[] }
  | { readonly kind: 'line'; readonly from: number; readonly to: number }
  | { readonly kind: 'indicators'; readonly kinds: readonly IndicatorKind[] }
  | { readonly kind: 'explain'; readonly numbers: readonly number[]; readonly line?: number | undefined }
  | { readonly kind: 'compare' }
  | { readonly kind: 'summarise' }
  | { readonly kind: 'secrets' }
  | { readonly kind: 'json' }
  /** The findings in the format that a client names. */
  | { readonly kind: 'findings' }
  /** A question at lines of code. */
  | { readonly kind: 'code'; readonly question: CodeQuestion }
  /** Anything else: what is attached is inspected. `plain`: the prompt asks for just that. */
  | { readonly kind: 'inspect'; readonly plain: boolean };

/** Longest part of a prompt that is read for its meaning; pasted text behind it is no request. */
const MAX_READ = 4000;

const KIND_WORDS: readonly (readonly [RegExp, readonly IndicatorKind[]])[] = [
  [/\bipv4\b/, ['ipv4']],
  [/\bipv6\b/, ['ipv6']],
  [/\bips?\b|\bip[ -]?addresses\b|\bip[ -]?address\b/, ['ipv4', 'ipv6']],
  [/\bdomains?\b|\bhost ?names?\b|\bhosts\b/, ['domain']],
  [/\burls?\b|\blinks?\b|\bweb addresses\b/, ['url']],
  [/\be-?mails?\b(?! header)|\bmail addresses\b/, ['email']],
  [/\bcves?\b|\bvulnerability ids?\b/, ['cve']],
  [/\bmd5s\b/, ['md5']],
  [/\bsha-?1s\b/, ['sha1']],
  [/\bsha-?256s\b/, ['sha256']],
  [/\bhashes\b/, ['md5', 'sha1', 'sha256', 'sha512']],
];

const LISTING = /\b(?:list|extract|show|give|find|what|which|any|all|get|collect|are there|print|enumerate|pull out)\b/;

/** A question at lines of code begins with its place; what is asked comes behind it. */
export const withoutPlace = (prompt: string): string =>
  prompt.replace(/^\s*In `[^`\n]{1,1000}` \([^)\n]{1,1000}\):\s+/, '');

/** Reads the request. Never fails: what is not understood is `inspect` with `plain: false`. */
export const readRequest = (whole: string): Request => {
  const prompt = withoutPlace(whole);
  const text = prompt.slice(0, MAX_READ).trim();
  const demo = /^\/demo\b\s*(\S*)\s*([\s\S]*)$/i.exec(text);
  if (demo !== null)
    return {
      kind: 'demo',
      name: (demo[1] ?? '').toLowerCase(),
      rest: prompt
        .trim()
        .slice(text.length - (demo[2] ?? '').length)
        .trim(),
    };
  if (asksForFindings(text)) return { kind: 'findings' };
  const question = codeQuestionIn(text);
  if (question !== undefined) return { kind: 'code', question };
  // File names may hold any word: what stands in quotes, or has an ending or a path, is taken out first.
  const words = text
    .toLowerCase()
    .replace(/["'`“”‘’«»][^"'`“”‘’«»\n]{0,200}["'`“”‘’«»]/g, ' X ')
    .replace(/(?<![\w])[\w./\\-]{0,200}[\w-]\.[a-z][a-z0-9]{0,7}\b(?::(\d+))?/g, (_name, line?: string) =>
      line === undefined ? ' X ' : ` X line ${line} `,
    )
    .replace(/\s+/g, ' ');
  if (
    /\bwhat (?:did|have|had) i (?:just |already )?(?:ask|asked|say|said|type|typed|write|written|want)\b|\b(?:previous|earlier|last|past|first) (?:question|prompt|message|request)s?\b|\bmy (?:questions|prompts|requests)\b|\b(?:history|conversation) so far\b|\bi asked? (?:you )?(?:before|earlier)\b/.test(
      words,
    )
  )
    return { kind: 'history' };
  const line = /\blines? ?(?:number |no\.? ?|#)?(\d{1,9})(?: ?(?:-|–|to|through|until|and) ?(\d{1,9}))?/.exec(words);
  const finding =
    /\b(?:finding|issue|problem|item|result|warning|vulnerability)s? ?(?:number |no\.? ?|#)?(\d{1,6}(?:(?: ?, ?| and | ?& ?)\d{1,6}){0,9})\b/.exec(
      words,
    ) ??
    /^(?:please )?(?:explain|describe|tell me (?:more )?about|more (?:about|on)|what is|why) ?(?:number |no\.? ?|#)(\d{1,6})\b/.exec(
      words,
    ) ??
    /\bexplain (\d{1,6})\b/.exec(words) ??
    /^#(\d{1,6})\b/.exec(words);
  if (finding !== null)
    return { kind: 'explain', numbers: [...(finding[1] ?? '').matchAll(/\d+/g)].map((match) => Number(match[0])) };
  if (line !== null) {
    const from = Number(line[1]);
    const to = line[2] === undefined ? from : Number(line[2]);
    if (/\b(?:finding|issue|problem|warning|vulnerability|explain|why|wrong|bad)\b/.test(words))
      return { kind: 'explain', numbers: [], line: from };
    return { kind: 'line', from: Math.min(from, to), to: Math.max(from, to) };
  }
  if (/\bjson\b/.test(words) && /\b(?:findings?|issues?|vulnerabilit|problems?|report|review)\b/.test(words))
    return { kind: 'json' };
  const kinds = indicatorKinds(words);
  const isIndicators = /\b(?:indicators?|iocs?)\b/.test(words);
  if (isIndicators || (kinds.length > 0 && LISTING.test(words) && !/\bhash(?:es)? of\b/.test(words)))
    return { kind: 'indicators', kinds };
  const hash = /\b(?:hash(?:es)?|checksums?|digests?|fingerprints?|sha-?(?:1|256|512)(?:sum)?|md5(?:sum)?)\b/.test(
    words,
  );
  if (hash) return { kind: 'hash', algorithms: algorithms(words) };
  if (
    /\b(?:compare|diff|difference|differences|differs?|differ from|versus|vs\.?)\b|\bsame (?:file|content)\b|\bidentical\b/.test(
      words,
    )
  )
    return { kind: 'compare' };
  if (
    /\b(?:which|what|how many) (?:\w+ )?(?:files?|attachments?)\b|\b(?:list|show|name) (?:me )?(?:all |the |my |of |attached |your ){0,4}(?:files|attachments)\b|\bwhat(?:'s| is| did i| have i| do you have)? attach(?:ed)?\b|\bfiles do you\b/.test(
      words,
    )
  )
    return { kind: 'files' };
  if (/\bsummari[sz]e\b|\bsummary\b|\btl;? ?dr\b|\boverview\b|\bin (?:short|brief)\b|\bsum up\b/.test(words))
    return { kind: 'summarise' };
  if (/\b(?:secrets?|passwords?|credentials?|api keys?|tokens?|leak(?:s|ed)?)\b/.test(words) && LISTING.test(words))
    return { kind: 'secrets' };
  return {
    kind: 'inspect',
    plain:
      /\b(?:inspect|analy[sz]e|analysis|review|check|scan|look at|audit|examine|triage|what is in|what's in|vulnerabilit\w*|findings|issues|problems|risks?|safe|malicious|suspicious|security)\b/.test(
        words,
      ),
  };
};

const indicatorKinds = (words: string): IndicatorKind[] => [
  ...new Set(KIND_WORDS.flatMap(([pattern, kinds]) => (pattern.test(words) ? kinds : []))),
];

const algorithms = (words: string): HashAlgorithm[] => {
  const named: HashAlgorithm[] = [];
  if (/\bsha-?1(?:sum)?\b/.test(words)) named.push('sha1');
  if (/\bmd5(?:sum)?\b/.test(words)) named.push('md5');
  if (/\bsha-?512(?:sum)?\b/.test(words)) named.push('sha512');
  if (named.length === 0 || /\bsha-?256(?:sum)?\b/.test(words)) named.unshift('sha256');
  return named;
};

const baseOf = (name: string): string => name.split(/[/\\]/).at(-1) ?? name;

/** Words of ordinary requests: a file `list.txt` is not meant by "list", it has to be named in full. */
const ORDINARY =
  /^(?:what|which|who|how|why|the|and|with|this|that|are|you|have|list|show|give|find|file|files|line|lines|hash|hashes|explain|finding|findings|issue|compare|diff|summary|summarise|summarize|indicators?|domains?|urls?|links?|mails?|emails?|secrets?|passwords?|before|ask|json|report|review|check|scan|inspect|number|attached?|attachments?)$/;

interface NameHit {
  readonly file: EngineFile;
  readonly at: number;
  readonly length: number;
  /** False for a stem, which gives way to a whole name at the same place. */
  readonly isWhole: boolean;
}

/**
 * The files that a prompt names: by the whole name, the last part of it, or its stem; case and quotes do not matter.
 * In the order of the prompt. Longer names win over shorter ones at the same place.
 */
export const filesNamedIn = (prompt: string, files: readonly EngineFile[]): EngineFile[] => {
  const text = prompt.slice(0, MAX_READ).toLowerCase();
  const hits: NameHit[] = [];
  for (const file of files) {
    const base = baseOf(file.name).toLowerCase();
    const stem = base.includes('.') ? base.slice(0, base.lastIndexOf('.')) : base;
    const stems = stem.length >= 3 && !ORDINARY.test(stem) ? [stem] : [];
    for (const name of new Set([file.name.toLowerCase(), base, ...stems]))
      for (const at of placesOf(text, name))
        hits.push({ file, at, length: name.length, isWhole: name !== stem || stem === base });
  }
  const covers = (other: NameHit, hit: NameHit): boolean =>
    other.file !== hit.file &&
    other.at <= hit.at &&
    other.at + other.length >= hit.at + hit.length &&
    (other.length > hit.length || (other.isWhole && !hit.isWhole));
  const standing = hits.filter((hit) => !hits.some((other) => covers(other, hit)));
  return [...new Set(standing.toSorted((a, b) => a.at - b.at).map((hit) => hit.file))];
};

/** Where a name stands on its own, not as part of a longer word; the first few places. */
const placesOf = (text: string, name: string): number[] => {
  const places: number[] = [];
  if (name === '') return places;
  for (let at = text.indexOf(name); at >= 0 && places.length < 5; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + name.length] ?? ' ';
    const next = text[at + name.length + 1] ?? ' ';
    // A dot after it ends the sentence, unless a word follows: then it is another file's ending.
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after) && !(after === '.' && /\w/.test(next))) places.push(at);
  }
  return places;
};

/** A name in the prompt that looks like a file and is not attached; for "there is no X" instead of a guess. */
export const missingFileIn = (prompt: string, files: readonly EngineFile[]): string | undefined => {
  const names = files.map((file) => baseOf(file.name).toLowerCase());
  for (const match of prompt
    .slice(0, MAX_READ)
    .matchAll(/(?<![\w./@-])[\w-]{1,100}(?:\.[\w-]{1,30}){0,3}\.[A-Za-z][A-Za-z0-9]{0,5}(?![\w/(-])/g))
    if (!names.includes(match[0].toLowerCase()) && !/^(?:e\.g|i\.e)$/i.test(match[0])) return match[0];
  return undefined;
};
