/**
 * The one gate through which files leave. Every way in (command, Explorer, tree, drop, tool) makes candidates; only the gate turns them into
 * `ClearedUpload`s, and SessionManager accepts nothing else, so a new way that goes round the gate does not compile.
 *
 * In this order: what may never leave is taken out; what is too large is refused unread; the rest is looked through for secrets; the user is
 * asked once for all of it; what leaves is written to the ledger before its first byte goes.
 */

import type { Upload } from './client.ts';
import { denyRuleOf } from './egress-deny.ts';
import { inspectFile, itemOf } from './egress-inspect.ts';
import type {
  EgressAbout,
  EgressAnswer,
  EgressChoice,
  EgressItem,
  EgressPorts,
  EgressRequest,
  OutgoingFile,
  RefusedFile,
  RuleVerdict,
} from './egress-model.ts';
import { leaveOut } from './egress-parts.ts';
import { type PromptAbout, PromptGate } from './egress-prompt.ts';
import { LedgerRecord, type Settle, encodeText, readBytes, recorded } from './egress-record.ts';
import { sampleDocument } from './egress-sample.ts';
import { safeFileName } from './file-name.ts';
import { formatBytes } from './format.ts';
import { SecGeminiError } from './errors.ts';
import type { LedgerEntry } from './ledger.ts';
import { Placeholders, type SecretMap, type SecretRange, redactSecrets } from './redaction.ts';
import { labelText, visibleText } from './visible-text.ts';

/** Where the makers of candidates look for it. */
export type { OutgoingFile } from './egress-model.ts';

const CLEARED: unique symbol = Symbol('cleared by egress');

/** An upload that the user has seen and allowed. Only `Egress.clear` makes these. `settle` tells the ledger what became of it. */
export interface ClearedUpload extends Upload, Settle {
  /** The candidate that it was made of, the very object. */
  readonly file: OutgoingFile;
  readonly choice: Exclude<EgressChoice, 'skip'>;
  /** Of the candidate's bytes before any redaction, lower-case hex; undefined for a large file. */
  readonly sourceSha256: string | undefined;
  /** Of the bytes that left, once they all have: not every service tells it. */
  readonly sentSha256: () => string | undefined;
  readonly [CLEARED]: true;
}

export class Egress {
  readonly #ports: EgressPorts;
  readonly #prompts: PromptGate;
  /** Of sessions, where no store keeps them. */
  readonly #maps = new Map<string, SecretMap>();

  constructor(ports: EgressPorts) {
    this.#ports = ports;
    this.#prompts = new PromptGate(ports, (...what) => this.#replaced(...what));
  }

  /**
   * Checks the batch and asks the user once. Resolves with what may leave; an empty list when the user said no.
   * Rejects with `invalidArgument` for nothing to send, `permissionDenied` (naming the rule) when rules keep all of it here, `tooLarge`
   * (naming file, size and limit) before a byte is read, and with the signal's reason.
   */
  async clear(files: readonly OutgoingFile[], about: EgressAbout): Promise<readonly ClearedUpload[]> {
    if (files.length === 0)
      throw new SecGeminiError('invalidArgument', 'There is nothing to attach.', {
        action: 'Open or pick a file first.',
      });
    if (about.chosen !== 'named' && this.#ports.restricted?.() === true)
      throw new SecGeminiError('permissionDenied', 'In Restricted Mode only single files can be attached.', {
        action: 'Attach the files one by one, or trust the workspace.',
      });
    const made = await leaveOut(files, about, this.#ports);
    const { free, refused, notes } = await this.#applyRules(made.files, about, made.refused);
    const [only] = refused;
    if (free.length === 0) {
      if (only === undefined) return [];
      throw kept(refused, only);
    }
    this.#refuseTooLarge(free, about.maxBytes ?? this.#ports.maxBytes());
    const items = (await this.#inspect(free, about, notes, refused)).map((item) => ({
      ...item,
      notes: [...item.notes, ...(made.notes.get(item.file) ?? [])],
    }));
    if (items.length === 0) return [];
    const request = { ...about, files: items.map(({ file }) => file), items, refused, totalBytes: sum(items) };
    const isAsked = this.#mustAsk(request);
    const answer = isAsked ? await this.#ports.confirm(request) : 'send';
    if (answer === 'cancel') return [];
    about.signal?.throwIfAborted();
    const reason = !isAsked
      ? 'allowed: nothing flagged'
      : typeof answer === 'string'
        ? 'confirmed'
        : 'confirmed in Review';
    const cleared: ClearedUpload[] = [];
    for (const item of items) {
      const choice = chosen(item, answer);
      if (choice !== 'skip') cleared.push(await this.#prepare(item, choice, about, [reason, ...item.notes]));
    }
    return cleared;
  }

  /**
   * The text to send instead: the same, or with its secrets replaced, as the user says. Asks only when a secret was found, and then always.
   * Rejects with `cancelled` when the user keeps the text.
   */
  async reviewPrompt(about: PromptAbout, text: string): Promise<string> {
    return this.#prompts.review(about, text);
  }

  /** Like `reviewPrompt`, of a text that waited in the queue: at once and unasked when this window knows the answer. */
  reviewWaiting(about: PromptAbout, text: string): string | Promise<string> {
    return this.#prompts.reviewWaiting(about, text);
  }

  /**
   * Writes down a prompt that is about to leave. Rejects with `storage` when it cannot be written and with `permissionDenied` when it holds
   * secrets and did not come from `reviewPrompt`, or when `meta`, which goes along, holds some: then it must not be sent. Call `settle` when
   * it is known what became of it.
   */
  async prompt(about: PromptAbout, text: string, meta: Readonly<Record<string, string>> = {}): Promise<Settle> {
    const facts = Object.keys(meta).filter((key) => key.startsWith('sys_'));
    const by = facts.length === 0 ? 'sent by the user' : `sent by the user, with ${facts.join(', ')}`;
    const rule = by + (await this.#prompts.require(about, text));
    await this.#prompts.requireMeta(meta);
    const bytes = encodeText(text);
    const hash = this.#ports.newHash('sha256');
    hash.update(bytes);
    const record = this.#record(about, {
      kind: 'prompt',
      name: labelText(await this.#withoutSecrets(text.slice(0, 2000)), 80),
      bytes: bytes.byteLength,
      sha256: hash.digest(),
      rule,
    });
    await record.start();
    return record;
  }

  /** What the placeholders of a session stand for, for showing on this machine (`restorePlaceholders`). */
  async secretMap(sessionId: string): Promise<SecretMap> {
    return (await this.#ports.secretMaps?.load(sessionId)) ?? this.#maps.get(sessionId) ?? {};
  }

  /** Deny beats everything; only the one file that the user named can be let through, by a question of its own. */
  async #applyRules(files: readonly OutgoingFile[], about: EgressAbout, before: readonly RefusedFile[]) {
    const verdicts = await this.#ports.rules?.(files, about);
    const free: OutgoingFile[] = [];
    const refused = [...before];
    const notes = new Map<OutgoingFile, RuleVerdict | undefined>();
    for (const file of files) {
      const verdict = verdicts?.get(file);
      const denied = denyRuleOf([file.name, ...file.paths]);
      if (verdict?.kind === 'refused') refused.push({ file, rule: verdict.rule });
      else if (denied === undefined) {
        free.push(file);
        notes.set(file, verdict);
      } else if (files.length > 1 || about.chosen !== 'named') refused.push({ file, rule: denied });
      else if (await this.#ports.confirmDenied?.(file, denied)) {
        free.push(file);
        notes.set(file, { kind: 'refused', rule: denied });
      } else if (this.#ports.confirmDenied === undefined) refused.push({ file, rule: denied });
    }
    return { free, refused, notes };
  }

  #refuseTooLarge(files: readonly OutgoingFile[], limit: number): void {
    for (const file of files) {
      if (file.size <= limit) continue;
      throw new SecGeminiError(
        'tooLarge',
        `${visibleText(file.name)} has ${formatBytes(file.size)}; the limit is ${formatBytes(limit)}. Nothing was read or sent.`,
        {
          action:
            'Attach a selection of it, or raise the setting "secGemini.attach.maxBytes" if the service allows it.',
        },
      );
    }
  }

  async #inspect(
    files: readonly OutgoingFile[],
    about: EgressAbout,
    verdicts: ReadonlyMap<OutgoingFile, RuleVerdict | undefined>,
    refused: RefusedFile[],
  ): Promise<EgressItem[]> {
    const items: EgressItem[] = [];
    for (const [index, file] of files.entries()) {
      about.signal?.throwIfAborted();
      const verdict = verdicts.get(file);
      try {
        const inspection = await inspectFile(file, this.#ports, about.signal);
        items.push(itemOf(file, inspection, verdict));
      } catch (error) {
        about.signal?.throwIfAborted();
        if (files.length === 1) throw error;
        refused.push({ file, rule: `cannot be read: ${error instanceof Error ? error.message : String(error)}` });
      }
      about.onInspected?.(index + 1, files.length);
    }
    return items;
  }

  /** Without asking leaves only what a person chose, and what was looked through to its end and found free of everything. */
  #mustAsk({ items, refused, by }: EgressRequest): boolean {
    if (this.#ports.restricted?.() === true || (this.#ports.ask?.() ?? 'always') !== 'whenFlagged') return true;
    if (by !== 'hand') return true;
    return (
      refused.length > 0 ||
      items.some(
        ({ secrets, scanned, choice, notes }) =>
          secrets.length > 0 || scanned !== 'whole' || choice !== 'send' || notes.length > 0,
      )
    );
  }

  async #prepare(
    item: EgressItem,
    choice: Exclude<EgressChoice, 'skip'>,
    about: EgressAbout,
    reasons: readonly string[],
  ): Promise<ClearedUpload> {
    const { file, sha256 } = item;
    const { name, mimeType } = file;
    switch (choice) {
      case 'send': {
        const flagged = item.secrets.length === 0 ? [] : [`${secretCount(item)} sent as they are`];
        const rule = [...reasons, ...flagged].join('; ');
        return this.#cleared(item, choice, about, {
          name,
          mimeType,
          size: file.size,
          open: () => file.open(),
          rule,
          sha256,
        });
      }
      case 'redact': {
        const rule = [...reasons, `${secretCount(item)} redacted`].join('; ');
        return this.#cleared(item, choice, about, {
          name,
          mimeType,
          ...whole(await this.#redacted(item, about)),
          rule,
        });
      }
      case 'hashes': {
        const rule = [...reasons, 'only name, size and hashes'].join('; ');
        const document = { name: safeFileName(`${name}.sample.json`), mimeType: 'application/json' };
        return this.#cleared(item, choice, about, { ...document, ...whole(await this.#sample(item)), rule });
      }
    }
  }

  #cleared(
    { file, sha256: sourceSha256 }: EgressItem,
    choice: Exclude<EgressChoice, 'skip'>,
    about: EgressAbout,
    outgoing: Upload & { readonly rule: string; readonly sha256?: string | undefined },
  ): ClearedUpload {
    const { newHash } = this.#ports;
    const { name, mimeType, size, rule, sha256 } = outgoing;
    const record = this.#record(about, { kind: 'file', name, bytes: size, sha256: sha256 ?? '', rule });
    return {
      name,
      mimeType,
      size,
      open: recorded(() => outgoing.open(), { name, sha256, newHash, record }),
      settle: (outcome) => record.settle(outcome),
      file,
      choice,
      sourceSha256,
      sentSha256: () => record.sentSha256,
      [CLEARED]: true as const,
    };
  }

  #record(
    { sessionId, sessionName, destination }: Pick<EgressAbout, 'sessionId' | 'sessionName' | 'destination'>,
    what: Pick<LedgerEntry, 'kind' | 'name' | 'bytes' | 'sha256' | 'rule'>,
  ): LedgerRecord {
    const { newId, now } = this.#ports;
    return new LedgerRecord(this.#ports, {
      id: newId(),
      at: now(),
      sessionId,
      sessionName,
      destination,
      ...what,
      outcome: 'started',
    });
  }

  /** What was flagged is replaced in the very bytes that were looked at, and the map is kept before they can leave. */
  async #redacted({ file, sha256 }: EgressItem, about: EgressAbout): Promise<Uint8Array> {
    const { bytes } = await readBytes(() => file.open(), file.size);
    const hash = this.#ports.newHash('sha256');
    hash.update(bytes);
    const scanned = await this.#ports.scan?.(bytes, { fileName: file.name, cut: false, signal: about.signal });
    if (scanned === undefined || !scanned.complete || hash.digest() !== sha256)
      throw new SecGeminiError('invalidArgument', `${visibleText(file.name)} changed while you looked at it.`, {
        action: 'Attach it again.',
      });
    return scanned.encode(await this.#replaced(about.sessionId, scanned.text, scanned.secrets));
  }

  /** The text with the session's placeholders for these secrets, which are kept before this resolves: for what tools answer. */
  async redact(sessionId: string, text: string, secrets: readonly SecretRange[]): Promise<string> {
    return this.#replaced(sessionId, text, secrets);
  }

  async #replaced(sessionId: string, text: string, secrets: readonly SecretRange[]): Promise<string> {
    let replaced = '';
    const change = (map: SecretMap): SecretMap => {
      const placeholders = new Placeholders(map);
      replaced = redactSecrets(text, secrets, placeholders);
      return placeholders.map;
    };
    const { secretMaps } = this.#ports;
    if (secretMaps === undefined) this.#maps.set(sessionId, change(this.#maps.get(sessionId) ?? {}));
    else await secretMaps.update(sessionId, change);
    return replaced;
  }

  async #sample({ file, sample }: EgressItem): Promise<Uint8Array> {
    const [sha256, sha1, md5] = (['sha256', 'sha1', 'md5'] as const).map(this.#ports.newHash);
    let size = 0;
    for await (const piece of file.open()) {
      size += piece.byteLength;
      for (const hash of [sha256, sha1, md5]) hash?.update(piece);
    }
    const hex = (hash: typeof md5): string => hash?.digest() ?? '';
    return sampleDocument(file.name, size, sample, { md5: hex(md5), sha1: hex(sha1), sha256: hex(sha256) });
  }

  async #withoutSecrets(text: string): Promise<string> {
    const scanned = await this.#ports.scan?.(encodeText(text), { fileName: 'prompt', cut: false, signal: undefined });
    return scanned === undefined ? text : redactSecrets(scanned.text, scanned.secrets, new Placeholders());
  }
}

/** Only what was offered for the file can be chosen; everything else means that it stays. */
function chosen(item: EgressItem, answer: Exclude<EgressAnswer, 'cancel'>): EgressChoice {
  if (answer === 'send') return item.choice;
  if (answer === 'redact') return item.choice === 'send' && item.choices.includes('redact') ? 'redact' : item.choice;
  const choice = answer.choices.get(item.file) ?? 'skip';
  return item.choices.includes(choice) ? choice : 'skip';
}

function kept(refused: readonly RefusedFile[], first: RefusedFile): SecGeminiError {
  const more = refused.length > 1 ? `, and ${refused.length - 1} more` : '';
  return new SecGeminiError(
    'permissionDenied',
    `${labelText(first.file.name, 120)} stays on this machine (rule ${labelText(first.rule, 120)})${more}. Nothing was sent.`,
    {
      action:
        'Attach the parts that are needed as a selection of another file, or change the ignore file that names it.',
    },
  );
}

function secretCount({ secrets }: EgressItem): string {
  return secrets.length === 1 ? '1 secret' : `${secrets.length} secrets`;
}

function whole(bytes: Uint8Array): Pick<Upload, 'size' | 'open'> {
  return {
    size: bytes.byteLength,
    async *open() {
      yield bytes;
    },
  };
}

function sum(items: readonly EgressItem[]): number {
  return items.reduce((total, { file }) => total + file.size, 0);
}
