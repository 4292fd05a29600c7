/** Which account's sessions are kept where, so that they can be shown before (or without) an answer of the service. */

import * as vscode from 'vscode';
import { DEFAULT_ENDPOINT, type ConnectionStatus } from '../core/connection.ts';
import { describeError } from '../core/errors.ts';
import { keptWithImports } from '../core/kept-with-imports.ts';
import type { KeptSessions } from '../core/session-keeper.ts';
import type { HostLog } from './log.ts';
import type { SessionManager } from '../core/session-manager.ts';
import { endpointSetting, readSetting } from './settings.ts';
import { openKeptSessions } from './storage/kept-sessions.ts';
import { SessionFiles } from './storage/session-files.ts';

const LAST = 'secGemini.lastAccounts';

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
    return keptWithImports(this.#open(account), this.imports());
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
    return keptWithImports(account === undefined ? undefined : this.#open(account), this.imports());
  }

  /** Deletes the transcripts and files kept for the account whose key was deleted. */
  async signOut(sessions: SessionManager): Promise<void> {
    const place = this.#openPlace;
    this.#openPlace = undefined;
    if (place !== 'service') return;
    try {
      await sessions.clearKept();
    } catch (error) {
      this.#log.error('The kept transcripts could not be deleted', error);
      void vscode.window.showWarningMessage(`Some kept transcripts could not be deleted. ${describeError(error)}`);
    }
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

  #open({ origin, userId }: LastAccount): KeptSessions {
    return openKeptSessions({
      root: this.#root,
      origin,
      userId,
      log: this.#log,
      onProblem: (error) =>
        void vscode.window.showWarningMessage(`Sec-Gemini cannot keep your sessions. ${describeError(error)}`),
    });
  }
}

function placeOf(sandbox: boolean): string {
  return sandbox ? 'sandbox' : endpointSetting() || DEFAULT_ENDPOINT;
}
