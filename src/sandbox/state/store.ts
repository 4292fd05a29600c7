/** All sessions of the sandbox, in memory, each change written to the journal first (where there is one). The one owner of this state. */
import { createHash, randomUUID } from 'node:crypto';
import type { EngineReport } from '../engine/types.ts';
import type { Clock } from './clock.ts';
import { Journal } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { LogTables } from './log-tables.ts';
import { DEFAULT_LIMITS, Refusal } from './model.ts';
import type { Limits, StoredFile, StoredMessage, StoredSession, StoredTurn } from './model.ts';
import { recordSchema } from './records.ts';
import type { StateRecord } from './records.ts';

export interface StoreOptions {
  readonly clock: Clock;
  /** State file; undefined keeps nothing on disk. */
  readonly path?: string | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

export interface NewSession {
  readonly user: string;
  readonly id: string;
  readonly protocol: 'v1' | 'v3';
  readonly ttlSeconds: number | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const keyOf = (user: string, id: string): string => `${user}\n${id}`;

export class Store {
  readonly limits: Limits;
  readonly logs: LogTables;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, StoredSession>();
  readonly #kept = new Map<string, Map<string, unknown>>();
  readonly #removed = new Set<(session: StoredSession) => void>();
  #journal: Journal | undefined;
  #head: Extract<StateRecord, { t: 'head' }> = { t: 'head', version: 1 };
  #bytes = 0;
  #compacting: Promise<void> | undefined;
  #stopWaiting: (() => void) | undefined;
  #closed = false;

  constructor({ clock, path, limits }: StoreOptions) {
    this.#clock = clock;
    this.limits = { ...DEFAULT_LIMITS, ...limits };
    this.logs = new LogTables((record) => this.#write(record));
    if (path !== undefined) this.#journal = Journal.open(path, (record) => this.#replay(record));
    this.#scheduleExpiry();
  }

  /** Calls back when a session is deleted or has expired. The returned function ends that. */
  onRemoved(listener: (session: StoredSession) => void): () => void {
    this.#removed.add(listener);
    return () => this.#removed.delete(listener);
  }

  /** In the order of their creation. */
  sessions(user?: string): StoredSession[] {
    this.#expire();
    const all = [...this.#sessions.values()];
    return user === undefined ? all : all.filter((session) => session.user === user);
  }

  session(user: string, id: string): StoredSession | undefined {
    const session = this.#sessions.get(keyOf(user, id));
    if (session === undefined || !this.#isExpired(session)) return session;
    this.#expire();
    return undefined;
  }

  /** Throws Refusal 409 when the account has a session of this id, 429 when it has too many. */
  create(init: NewSession): StoredSession {
    if (this.session(init.user, init.id) !== undefined) throw new Refusal(409, 'Session already exists');
    if (this.sessions(init.user).length >= this.limits.sessionsPerUser) {
      throw new Refusal(429, `Too many sessions: this account may have ${this.limits.sessionsPerUser}`);
    }
    const now = this.#clock.now();
    const session: StoredSession = {
      ...init,
      createdAt: now,
      updatedAt: now,
      messages: [],
      files: [],
      reports: [],
      turns: new Map(),
    };
    this.#writeSession(session);
    this.#sessions.set(keyOf(init.user, init.id), session);
    this.#scheduleExpiry();
    return session;
  }

  /** Changes what is given, and counts as an update. */
  update(
    session: StoredSession,
    change: { data?: Readonly<Record<string, unknown>>; ttlSeconds?: number | undefined },
  ): void {
    if (change.data !== undefined) session.data = change.data;
    if (change.ttlSeconds !== undefined) session.ttlSeconds = change.ttlSeconds;
    session.updatedAt = this.#clock.now();
    this.#writeSession(session);
    this.#scheduleExpiry();
  }

  remove(session: StoredSession): void {
    if (!this.#sessions.delete(keyOf(session.user, session.id))) return;
    this.#bytes -= sizeOf(session);
    this.#write({ json: { t: 'deleted', user: session.user, session: session.id } });
    for (const listener of this.#removed) listener(session);
  }

  /** Appends to the history; `turn` names the running turn that says it. Throws Refusal 413 when the session is full. */
  addMessage(session: StoredSession, message: StoredMessage, turn?: string): void {
    if (session.messages.length >= this.limits.messagesPerSession)
      throw new Refusal(413, 'The session holds too many messages');
    const at = this.#clock.now();
    this.#write({ json: { t: 'message', ...placeOf(session), at, ...(turn === undefined ? {} : { turn }), message } });
    session.messages.push(message);
    session.updatedAt = at;
    if (turn !== undefined) session.turns.get(turn)?.said.push(message.id);
  }

  /** Throws Refusal 413 when the file, the session's files or all files together are too large. */
  addFile(
    session: StoredSession,
    file: { name: string; bytes: Uint8Array; mimeType: string; label: string; declaredType?: string },
  ): StoredFile {
    const size = file.bytes.length;
    const { fileBytes, sessionBytes, totalBytes, filesPerSession } = this.limits;
    if (size > fileBytes) throw new Refusal(413, `The file is too large: at most ${fileBytes} bytes`);
    if (session.files.length >= filesPerSession)
      throw new Refusal(413, `The session holds ${filesPerSession} files already`);
    if (sizeOf(session) + size > sessionBytes)
      throw new Refusal(413, `The session's files are too large: at most ${sessionBytes} bytes together`);
    if (this.#bytes + size > totalBytes)
      throw new Refusal(413, `The sandbox is full: it holds at most ${totalBytes} bytes of files`);
    const sha256 = createHash('sha256').update(file.bytes).digest('hex');
    const stored: StoredFile = { ...file, sha256, id: randomUUID(), at: this.#clock.now() };
    this.#write(fileRecord(session, stored));
    session.files.push(stored);
    session.updatedAt = stored.at;
    this.#bytes += size;
    return stored;
  }

  /** False when the session holds no file of this id. */
  removeFile(session: StoredSession, id: string): boolean {
    const index = session.files.findIndex((file) => file.id === id);
    const [gone] = index < 0 ? [] : session.files.splice(index, 1);
    if (gone === undefined) return false;
    session.updatedAt = this.#clock.now();
    this.#bytes -= gone.bytes.length;
    this.#write({ json: { t: 'detached', ...placeOf(session), at: session.updatedAt, id } });
    return true;
  }

  addReport(session: StoredSession, report: Omit<EngineReport, 'at'>): void {
    const stored = { ...report, at: this.#clock.now() };
    this.#write({ json: { t: 'report', ...placeOf(session), ...stored } });
    session.reports.push(stored);
  }

  /** What an account keeps outside its sessions, in the order it came. */
  kept(user: string): ReadonlyMap<string, unknown> {
    return this.#kept.get(user) ?? new Map<string, unknown>();
  }

  /** `value` undefined takes the entry away. */
  keep(user: string, key: string, value: unknown): void {
    this.#write({ json: { t: 'kept', user, key, value } });
    this.#setKept(user, key, value);
  }

  startTurn(session: StoredSession, id: string, options: Readonly<Record<string, unknown>>): StoredTurn {
    const turn: StoredTurn = { id, files: session.files.map((file) => file.id), options, said: [], answers: [] };
    this.#write({ json: { t: 'turn', ...placeOf(session), id, files: turn.files, options } });
    session.turns.set(id, turn);
    return turn;
  }

  addAnswer(session: StoredSession, turn: StoredTurn, value: unknown): void {
    this.#write({ json: { t: 'answer', ...placeOf(session), turn: turn.id, value } });
    turn.answers.push(value);
  }

  endTurn(session: StoredSession, turn: StoredTurn): void {
    if (!session.turns.delete(turn.id)) return;
    this.#write({ json: { t: 'turnEnd', ...placeOf(session), turn: turn.id } });
  }

  /** Resolves when everything so far is on the disk (at once without a state file). */
  async settled(): Promise<void> {
    await this.#compacting;
    await this.#journal?.sync();
    if (this.#closed) throw new Refusal(503, 'The sandbox is stopping');
  }

  /** Writes what is left and closes the file. Nothing is kept after that. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWaiting?.();
    await this.#compacting;
    await this.#journal?.close();
    this.#journal = undefined;
  }

  #write(record: JournalRecord): void {
    if (this.#closed) throw new Refusal(503, 'The sandbox is stopping');
    this.#journal?.append(record);
    if (this.#journal?.wantsCompaction !== true || this.#compacting !== undefined) return;
    // Not in the middle of a change: the record may tell of something that is not in memory yet.
    this.#compacting = new Promise((resolve) => setImmediate(resolve))
      .then(() => this.#journal?.compact(this.#snapshot()))
      .finally(() => (this.#compacting = undefined));
  }

  #writeSession({ user, id, protocol, createdAt, updatedAt, ttlSeconds, data }: StoredSession): void {
    const ttl = ttlSeconds === undefined ? {} : { ttlSeconds };
    this.#write({ json: { t: 'session', user, session: id, protocol, createdAt, updatedAt, ...ttl, data } });
  }

  *#snapshot(): Generator<JournalRecord> {
    yield { json: this.#head };
    for (const session of this.#sessions.values()) {
      const { user, id, protocol, createdAt, updatedAt, ttlSeconds, data } = session;
      const ttl = ttlSeconds === undefined ? {} : { ttlSeconds };
      const place = placeOf(session);
      const head = { t: 'session', user, session: id, protocol, createdAt, updatedAt, ...ttl, data };
      yield { json: head };
      for (const file of session.files) yield fileRecord(session, file);
      for (const report of session.reports) yield { json: { t: 'report', ...place, ...report } };
      for (const message of session.messages) yield { json: { t: 'message', ...place, at: updatedAt, message } };
      for (const turn of session.turns.values()) {
        yield { json: { t: 'turn', ...place, id: turn.id, files: turn.files, options: turn.options } };
        yield { json: { t: 'said', ...place, turn: turn.id, ids: turn.said } };
        for (const value of turn.answers) yield { json: { t: 'answer', ...place, turn: turn.id, value } };
      }
    }
    for (const [user, entries] of this.#kept)
      for (const [key, value] of entries) yield { json: { t: 'kept', user, key, value } };
    yield* this.logs.snapshot();
  }

  #setKept(user: string, key: string, value: unknown): void {
    const entries = this.#kept.get(user) ?? new Map<string, unknown>();
    if (value === undefined) entries.delete(key);
    else this.#kept.set(user, entries.set(key, value));
  }

  #replay({ json, blob }: JournalRecord): void {
    const parsed = recordSchema.safeParse(json);
    if (!parsed.success) return;
    const record = parsed.data;
    if (record.t === 'head') this.#head = record;
    else if (record.t === 'kept') this.#setKept(record.user, record.key, record.value);
    else if (record.t === 'table' || record.t === 'lines') this.logs.replay(record, blob);
    else this.#replaySession(record, blob);
  }

  #replaySession(record: Exclude<StateRecord, { t: 'head' | 'kept' | 'table' | 'lines' }>, blob?: Uint8Array): void {
    const key = keyOf(record.user, record.session);
    const session = this.#sessions.get(key);
    if (record.t === 'session') {
      const { user, session: id, protocol, createdAt, updatedAt, ttlSeconds, data } = record;
      if (session === undefined) {
        const fresh = { user, id, protocol, createdAt, updatedAt, ttlSeconds, data };
        this.#sessions.set(key, { ...fresh, messages: [], files: [], reports: [], turns: new Map() });
      } else Object.assign(session, { updatedAt, ttlSeconds, data });
      return;
    }
    if (session === undefined) return;
    switch (record.t) {
      case 'deleted':
        this.#sessions.delete(key);
        this.#bytes -= sizeOf(session);
        break;
      case 'message':
        session.messages.push(record.message);
        session.updatedAt = Math.max(session.updatedAt, record.at);
        if (record.turn !== undefined) session.turns.get(record.turn)?.said.push(record.message.id);
        break;
      case 'file': {
        const { id, name, sha256, mimeType, label, at, declaredType } = record;
        session.files.push({ id, name, sha256, mimeType, label, at, declaredType, bytes: blob ?? new Uint8Array() });
        session.updatedAt = Math.max(session.updatedAt, at);
        this.#bytes += blob?.length ?? 0;
        break;
      }
      case 'detached': {
        const index = session.files.findIndex((file) => file.id === record.id);
        const [gone] = index < 0 ? [] : session.files.splice(index, 1);
        this.#bytes -= gone?.bytes.length ?? 0;
        session.updatedAt = Math.max(session.updatedAt, record.at);
        break;
      }
      case 'report': {
        const { type, score, comment, groupId, at } = record;
        session.reports.push({ type, score, comment, groupId, at });
        break;
      }
      case 'turn':
        session.turns.set(record.id, {
          id: record.id,
          files: record.files,
          options: record.options,
          said: [],
          answers: [],
        });
        break;
      case 'said':
        session.turns.get(record.turn)?.said.push(...record.ids);
        break;
      case 'answer':
        session.turns.get(record.turn)?.answers.push(record.value);
        break;
      case 'turnEnd':
        session.turns.delete(record.turn);
        break;
    }
  }

  #isExpired(session: StoredSession): boolean {
    return session.ttlSeconds !== undefined && this.#clock.now() >= session.updatedAt + session.ttlSeconds * 1000;
  }

  #expire(): void {
    if (this.#closed) return;
    for (const session of [...this.#sessions.values()]) {
      try {
        if (this.#isExpired(session)) this.remove(session);
      } catch {
        // A full disk: it is gone from memory, and expired again when the file is read.
      }
    }
  }

  /** One timer for the session that expires first; a session that was used meanwhile just gets a new one. */
  #scheduleExpiry(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#closed) return;
    let first = Infinity;
    for (const { updatedAt, ttlSeconds } of this.#sessions.values()) {
      if (ttlSeconds !== undefined) first = Math.min(first, updatedAt + ttlSeconds * 1000);
    }
    if (first === Infinity) return;
    this.#stopWaiting = this.#clock.after(first - this.#clock.now(), () => {
      this.#expire();
      this.#scheduleExpiry();
    });
  }
}

function placeOf({ user, id }: StoredSession): { user: string; session: string } {
  return { user, session: id };
}

function sizeOf(session: StoredSession): number {
  return session.files.reduce((sum, file) => sum + file.bytes.length, 0);
}

function fileRecord(session: StoredSession, { bytes, ...file }: StoredFile): JournalRecord {
  return { json: { t: 'file', ...placeOf(session), ...file }, blob: bytes };
}
