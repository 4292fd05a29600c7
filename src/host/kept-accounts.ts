/** Which account's sessions are kept where, so that they can be shown before (or without) an answer of the service. */

import * as vscode from 'vscode';
import { DEFAULT_ENDPOINT, type ConnectionStatus } from '../core/connection.ts';
import type { SecretMapStore } from '../core/egress-model.ts';
import { SecGeminiError, describeError } from '../core/errors.ts';
import { keptWithImports } from '../core/kept-with-imports.ts';
import type { KeptSessions } from '../core/session-keeper.ts';
import type { HostLog } from './log.ts';
import type { SessionManager } from '../core/session-manager.ts';
import { endpointSetting, readSetting } from './settings.ts';
import { type OpenedSessions, openKeptSessions } from './storage/kept-sessions.ts';
import { pruneSent } from './storage/prune-sent.ts';
import { SessionFiles } from './storage/session-files.ts';

const LAST = 'secGemini.lastAccounts';
const PRUNE_PAUSE_MS = 10_000;

interface LastAccount {
  readonly origin: string;
  readonly userId: string;
}

export class KeptAccounts {
  readonly #context: vscode.ExtensionContext;
  readonly #log: HostLog;

  /** Whose sessions are open now: the sandbox's are not a key's and stay when one is deleted. */
  #openPlace: 'sandbox' | 'service' | undefined;
  /** Sessions that came from files; shown beside those of every account, and without one. */
  #imports: KeptSessions | undefined;
  /** The account that is open now. */
  #opened: OpenedSessions | undefined;
  #pruned = Number.NEGATIVE_INFINITY;

  constructor(context: vscode.ExtensionContext, log: HostLog) {
    this.#context = context;
    this.#log = log;
  }

  /** What is kept of the account that is signed in now; it becomes the last one of its place. */
  of(status: Extract<ConnectionStatus, { kind: 'connected' }>): KeptSessions {
    const account: LastAccount = { origin: status.origin, userId: status.account.userId };
    const place = placeOf(status.target === 'sandbox');
    this.#openPlace = status.target;
    void this.#context.globalState.update(LAST, { ...this.#all(), [place]: account });
    this.#opened = this.#open(account);
    return keptWithImports(this.#opened, this.imports());
  }

  /** What was imported from files. */
  imports(): KeptSessions {
    this.#imports ??= this.#open({ origin: 'imported', userId: 'this machine' });
    return this.#imports;
  }

  /** What is kept of the account that was signed in last at the configured place; only what was imported when there was none. */
  last(sandbox: boolean): KeptSessions {
    const account = this.#all()[placeOf(sandbox)];
    this.#openPlace = account === undefined ? undefined : sandbox ? 'sandbox' : 'service';
    this.#opened = account === undefined ? undefined : this.#open(account);
    return keptWithImports(this.#opened, this.imports());
  }

  /** Deletes the transcripts and files kept for the account whose key was deleted. */
  async signOut(sessions: SessionManager): Promise<void> {
    const place = this.#openPlace;
    this.#openPlace = undefined;
    this.#opened = undefined;
    if (place !== 'service') return;
    try {
      await sessions.clearKept();
    } catch (error) {
      this.#log.error('The kept transcripts could not be deleted', error);
      void vscode.window.showWarningMessage(`Some kept transcripts could not be deleted. ${describeError(error)}`);
    }
  }

  /** What the placeholders of the open account's sessions stand for; nothing can be redacted without one. */
  get secretMaps(): SecretMapStore {
    return {
      load: async (sessionId) => (await this.#opened?.secretMaps.load(sessionId)) ?? {},
      update: async (sessionId, change) => {
        if (this.#opened === undefined)
          throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.', { action: 'Connect and try again.' });
        await this.#opened.secretMaps.update(sessionId, change);
      },
    };
  }

  /**
   * Deletes the oldest copies of sent files that do not fit into the setting's room, over all accounts. Soon after the last time it does
   * nothing: a batch of hundreds ends hundreds of uploads.
   */
  async pruneSent(): Promise<void> {
    const now = performance.now();
    if (now - this.#pruned < PRUNE_PAUSE_MS) return;
    this.#pruned = now;
    const megabytes = readSetting('secGemini.keptFilesMegabytes') ?? 500;
    const report = (error: unknown): void => this.#log.error('Old copies of sent files could not be deleted', error);
    const freed = await pruneSent(this.#root, { maxBytes: megabytes * 1_000_000, report });
    if (freed > 0)
      this.#log.info(`${freed} bytes of old copies of sent files were deleted (secGemini.keptFilesMegabytes).`);
  }

  /** Deletes what was not used for as long as the setting says. Quiet: the next start tries again. */
  async prune(): Promise<void> {
    const days = readSetting('secGemini.retentionDays') ?? 30;
    try {
      await new SessionFiles({ root: this.#root, origin: '', userId: '', log: this.#log }).prune({
        olderThanMs: days * 86_400_000,
        now: Date.now(),
      });
    } catch (error) {
      this.#log.error('Old transcripts could not be deleted', error);
    }
  }

  get #root(): string {
    return vscode.Uri.joinPath(this.#context.globalStorageUri, 'sessions').fsPath;
  }

  #all(): Record<string, LastAccount> {
    return this.#context.globalState.get<Record<string, LastAccount>>(LAST) ?? {};
  }

  #open({ origin, userId }: LastAccount): OpenedSessions {
    return openKeptSessions({
      root: this.#root,
      origin,
      userId,
      log: this.#log,
      keys: this.#context.secrets,
      onProblem: (error) =>
        void vscode.window.showWarningMessage(`Sec-Gemini cannot keep your sessions. ${describeError(error)}`),
    });
  }
}

function placeOf(sandbox: boolean): string {
  return sandbox ? 'sandbox' : endpointSetting() || DEFAULT_ENDPOINT;
}
