/** v1's calls on sessions and their files. Each answers with an OpResult; refusals become ones with ok=false. */
import type * as z from 'zod/mini';
import type { Account } from '../accounts.ts';
import { identify } from '../files/identify.ts';
import { Refusal } from '../state/model.ts';
import type { StoredSession } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import { dataOf, publicFile } from './session-view.ts';
import type {
  attachmentSchema,
  attachLogsSchema,
  detachSchema,
  feedbackSchema,
  OpResult,
  SessionInput,
} from './shapes.ts';
import { LEAST_TTL_SECONDS, noUsage } from './shapes.ts';

type Result = Pick<OpResult, 'status_message'> & Partial<Pick<OpResult, 'data' | 'mime_type'>>;

/** v1 carries a file as base64 in one JSON body. */
export const MOST_ATTACHMENT_BYTES = 64 * 1024 * 1024;

export class SessionCalls {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Throws Refusal 404. */
  find(account: Account, id: string): StoredSession {
    const session = this.#store.session(account.id, id);
    if (session?.protocol !== 'v1') throw new Refusal(404, 'Session not found');
    return session;
  }

  list(account: Account): StoredSession[] {
    return this.#store.sessions(account.id).filter(({ protocol }) => protocol === 'v1');
  }

  register(account: Account, input: SessionInput): Result {
    if (!/^[\w-]+$/.test(input.id)) throw new Refusal(400, 'The session id may hold letters, digits, _ and - only');
    if (input.ttl < LEAST_TTL_SECONDS) throw new Refusal(400, `TTL must be at least ${LEAST_TTL_SECONDS} seconds`);
    const { model, language, description, local_tools, agents_config } = input;
    const data = {
      ...{ model, language, description, local_tools, agents_config },
      name: input.name === '' ? nameFor(input.id) : input.name,
      can_log: mayLog(account, input.can_log),
      turns: 0,
      state: 'start',
      usage: noUsage(),
      logs_table: null,
    };
    this.#store.create({ user: account.id, id: input.id, protocol: 'v1', ttlSeconds: input.ttl, data });
    return { status_message: `Session ${input.id} registered` };
  }

  update(account: Account, input: SessionInput): Result {
    const session = this.find(account, input.id);
    if (input.ttl < LEAST_TTL_SECONDS) throw new Refusal(400, `TTL must be at least ${LEAST_TTL_SECONDS} seconds`);
    const { model, language, name, description, local_tools, agents_config } = input;
    const data = dataOf(session);
    const can_log = input.can_log === data.can_log ? data.can_log : mayLog(account, input.can_log);
    this.#store.update(session, {
      ttlSeconds: input.ttl,
      data: {
        ...data,
        ...{ model, language, description, local_tools, agents_config, can_log },
        name: name === '' ? data.name : name,
      },
    });
    return { status_message: 'OK' };
  }

  delete(account: Account, id: string): Result {
    this.#store.remove(this.find(account, id));
    return { status_message: `Session ${id} deleted` };
  }

  /** Names the session after its first prompt. */
  generateName(account: Account, id: string): Result {
    const session = this.find(account, id);
    const first = session.messages.find((message) => message['message_type'] === 'query')?.['content'];
    const words = typeof first === 'string' ? first.trim().split(/\s+/).slice(0, 8).join(' ') : '';
    const name = words === '' ? nameFor(id) : words.slice(0, 60);
    this.#store.update(session, { data: { ...dataOf(session), name } });
    return { status_message: 'OK', data: { name }, mime_type: 'text/serialized-json' };
  }

  async attachFile(account: Account, input: z.output<typeof attachmentSchema>): Promise<Result> {
    this.find(account, input.session_id);
    const bytes = fromBase64(input.content);
    if (bytes === undefined) throw new Refusal(400, 'content is not base64');
    if (bytes.length > MOST_ATTACHMENT_BYTES)
      throw new Refusal(413, `The file is too large: at most ${MOST_ATTACHMENT_BYTES} bytes`);
    const kind = await identify(input.filename, bytes, input.mime_type ?? undefined);
    // Looked up again: it may have been deleted meanwhile.
    const file = this.#store.addFile(this.find(account, input.session_id), { name: input.filename, bytes, ...kind });
    return { status_message: 'OK', data: publicFile(file), mime_type: 'text/serialized-json' };
  }

  detachFile(account: Account, input: z.output<typeof detachSchema>): Result {
    const session = this.find(account, input.session_id);
    const file = input.file_idx < 0 ? undefined : session.files[input.file_idx];
    if (file === undefined) throw new Refusal(404, `File not found: the session has ${session.files.length} files`);
    this.#store.removeFile(session, file.id);
    return { status_message: 'OK' };
  }

  attachLogs(account: Account, { session_id, logs_hash }: z.output<typeof attachLogsSchema>): Result {
    const session = this.find(account, session_id);
    if (!this.#store.logs.has(account.id, logs_hash)) throw new Refusal(404, 'Logs table not found');
    this.#store.update(session, { data: { ...dataOf(session), logs_table: { blake2s: logs_hash } } });
    return { status_message: 'OK' };
  }

  feedback(account: Account, input: z.output<typeof feedbackSchema>): Result {
    const { type, score, comment, group_id } = input;
    const session = this.find(account, input.session_id);
    this.#store.addReport(session, { type, score, comment, ...(group_id === '' ? {} : { groupId: group_id }) });
    return { status_message: 'OK' };
  }
}

/** What can_log becomes. Throws Refusal 403 when the account may not choose this. */
function mayLog({ never_log, can_disable_logging }: Account, wanted: boolean): boolean {
  if (never_log) return false;
  if (!wanted && !can_disable_logging) throw new Refusal(403, 'User is not authorized to disable session logging');
  return wanted;
}

const FIRST = [
  'amber',
  'brisk',
  'calm',
  'deft',
  'early',
  'fair',
  'glad',
  'hazel',
  'ideal',
  'jolly',
  'keen',
  'lucid',
  'mild',
  'noble',
  'open',
  'plain',
];
const SECOND = [
  'anchor',
  'beacon',
  'canyon',
  'delta',
  'ember',
  'fjord',
  'garden',
  'harbor',
  'island',
  'juniper',
  'kernel',
  'lantern',
  'meadow',
  'nimbus',
  'orchard',
  'packet',
];

/** A name that is the same for the same id. */
function nameFor(id: string): string {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 256;
  return `${FIRST[sum % 16]}-${SECOND[Math.floor(sum / 16)]}`;
}

/** Undefined when the text is not base64, which Node's own decoder would not tell. */
function fromBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
