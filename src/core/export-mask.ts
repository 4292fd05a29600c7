/** Secrets of an exported session replaced by placeholders, wherever they stand in it: contents, titles, names, wire forms. Pure but for the search. */

import { Placeholders, type SecretRange, redactSecrets } from './redaction.ts';
import type { SessionExport } from './session-export.ts';

/** Finds the secrets of a text, in order of place. */
export type FindSecrets = (text: string) => Promise<readonly SecretRange[]>;

/** Texts are searched together, so that thousands of short ones cost no more than one file. Characters. */
const BATCH = 200_000;
/** No secret is longer. */
const OVERLAP = 20_000;
/** Between two texts of a batch: no secret reaches over it. */
const GAP = '\n\u0000\n';

/** The document with the same placeholder for the same secret everywhere; `maskedSecrets` counts them. */
export async function maskExport(document: SessionExport, find: FindSecrets): Promise<SessionExport> {
  const placeholders = new Placeholders();
  const secrets = new Set<string>();
  const texts = new Set<string>();
  collect(document, '', texts);
  let batch = '';
  const search = async (): Promise<void> => {
    for (const { start, end, kind } of await find(batch)) {
      for (const secret of batch.slice(start, end).split(GAP)) {
        placeholders.of(secret, kind);
        secrets.add(secret);
        // The same secret inside JSON that is itself a text.
        const escaped = JSON.stringify(secret).slice(1, -1);
        if (escaped !== secret) placeholders.of(escaped, kind);
      }
    }
    batch = '';
  };
  for (const text of texts) {
    placeholders.avoid(text);
    // The search stops after a few million characters: a longer text is searched in parts that overlap.
    for (let at = 0; at < text.length; at += BATCH) {
      batch += `${text.slice(at, at + BATCH + OVERLAP)}${GAP}`;
      if (batch.length > BATCH) await search();
    }
  }
  await search();
  const { messages, attachments, session, ...envelope } = document;
  const masked = (value: unknown): unknown => replaced(value, placeholders);
  return {
    ...envelope,
    maskedSecrets: secrets.size,
    session: masked(session) as SessionExport['session'],
    attachments: masked(attachments) as SessionExport['attachments'],
    messages: masked(messages) as SessionExport['messages'],
  };
}

/** Every text, and short values of wire objects once more behind their names: a name like `password` says what they are. */
function collect(value: unknown, key: string, texts: Set<string>): void {
  if (typeof value === 'string') {
    if (value.length < 6) return;
    texts.add(value);
    if (key !== '' && value.length < 200 && !/[\r\n]/.test(value)) texts.add(`${key} = "${value}"`);
  } else if (Array.isArray(value)) for (const item of value) collect(item, key, texts);
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value)) if (!ID_KEYS.has(name)) collect(item, name, texts);
}

/** Ids are the file's own cross references and no secrets, however random they look. */
const ID_KEYS: ReadonlySet<string> = new Set([
  'id',
  'sessionId',
  'session_id',
  'parentId',
  'parent_id',
  'group',
  'sha256',
]);

function replaced(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === 'string') return redactSecrets(value, [], placeholders);
  if (Array.isArray(value)) return value.map((item) => replaced(item, placeholders));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, ID_KEYS.has(key) ? item : replaced(item, placeholders)]),
  );
}
