/** Which account's sessions are kept where, so that they can be shown before (or without) an answer of the service. */

import * as vscode from 'vscode';
import { DEFAULT_ENDPOINT, type ConnectionStatus } from '../core/connection.ts';
import { describeError } from '../core/errors.ts';
import type { KeptSessions } from '../core/session-keeper.ts';
import type { HostLog } from './log.ts';
import { endpointSetting } from './settings.ts';
import { openKeptSessions } from './storage/kept-sessions.ts';

const LAST = 'secGemini.lastAccounts';

interface LastAccount {
  readonly origin: string;
  readonly userId: string;
}

export class KeptAccounts {
  readonly #context: vscode.ExtensionContext;
  readonly #log: HostLog;

  constructor(context: vscode.ExtensionContext, log: HostLog) {
    this.#context = context;
    this.#log = log;
  }

  /** What is kept of the account that is signed in now; it becomes the last one of its place. */
  of(status: Extract<ConnectionStatus, { kind: 'connected' }>): KeptSessions {
    const account: LastAccount = { origin: status.origin, userId: status.account.userId };
    const place = placeOf(status.target === 'sandbox');
    void this.#context.globalState.update(LAST, { ...this.#all(), [place]: account });
    return this.#open(account);
  }

  /** What is kept of the account that was signed in last at the configured place; undefined when there was none. */
  last(sandbox: boolean): KeptSessions | undefined {
    const account = this.#all()[placeOf(sandbox)];
    return account === undefined ? undefined : this.#open(account);
  }

  #all(): Record<string, LastAccount> {
    return this.#context.globalState.get<Record<string, LastAccount>>(LAST) ?? {};
  }

  #open({ origin, userId }: LastAccount): KeptSessions {
    return openKeptSessions({
      root: vscode.Uri.joinPath(this.#context.globalStorageUri, 'sessions').fsPath,
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
