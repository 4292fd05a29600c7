/** The host half of a chat panel, without `vscode`: one session, one page. Reads the session model, never changes state itself. */

import { type Disposable, DisposableStore, toDisposable } from '../core/disposable.ts';
import type { SessionModel } from '../core/session-model.ts';
import type { SessionState } from '../core/session-state.ts';
import { rowChanges } from './changes.ts';
import type { ChatHost } from './chat-host.ts';
import { pageHandlers } from './page-handlers.ts';
import {
  type Change,
  type HostNotifications,
  type HostRequests,
  LIMITS,
  type PageRequests,
  type PanelEnvironment,
  type PanelStatus,
  PROTOCOL_VERSION,
  type Row,
} from './protocol.ts';
import { parseRequest } from './requests.ts';
import { RowList } from './rows.ts';
import { type Port, Rpc, type RpcCounts } from './rpc.ts';
import { panelStatus, showsReasoning } from './status.ts';

/** Time, injected so that tests need not wait. Milliseconds. */
export interface Timer {
  after(ms: number, run: () => void): Disposable;
}

export interface ChatControllerOptions {
  readonly model: SessionModel;
  readonly sessionId: string;
  /** `webview.postMessage` and `webview.onDidReceiveMessage`. */
  readonly port: Port;
  readonly host: ChatHost;
  readonly environment: PanelEnvironment;
  readonly timer?: Timer;
  readonly onError?: (error: unknown) => void;
  /** The page is of another version, or did not answer a heartbeat: offer "Reload panel". */
  readonly onBroken?: (reason: 'version' | 'silent') => void;
}

/** One flush per frame of a 60 Hz screen (trust.md F20: at most 60 a second). */
const FLUSH_MS = 17;
/** Rows of a snapshot: enough for a tall window and a screen of scrolling back. */
const WINDOW = 60;
/** A difference bigger than this is told as a snapshot. */
const MAX_SPLICE = 400;
const PING_MS = 15_000;
const PONG_MS = 10_000;

const wallTimer: Timer = {
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return toDisposable(() => clearTimeout(handle));
  },
};

export class ChatController implements Disposable {
  readonly #options: ChatControllerOptions;
  readonly #timer: Timer;
  readonly #store = new DisposableStore();
  readonly #rpc: Rpc<PageRequests, HostRequests, HostNotifications>;
  readonly #rows = new RowList();
  /** The last state known: a session that the model forgot stays readable. */
  #state: SessionState | undefined;
  #environment: PanelEnvironment;
  #placeholders: Readonly<Record<string, string>> | undefined;
  /** What the page has; undefined until it is ready and after it was hidden. */
  #sent: { readonly rows: readonly Row[]; readonly state: SessionState; readonly status: string } | undefined;
  #ready = false;
  #visible = true;
  #flush: Disposable | undefined;
  #heartbeat: Disposable | undefined;
  #unreadFrom: number | undefined;
  #pendingFind = false;
  #pendingFocus: { readonly insert?: string | undefined } | undefined;

  constructor(options: ChatControllerOptions) {
    this.#options = options;
    this.#timer = options.timer ?? wallTimer;
    this.#environment = options.environment;
    this.#rpc = this.#store.add(
      new Rpc<PageRequests, HostRequests, HostNotifications>(options.port, {
        handlers: pageHandlers({
          sessionId: options.sessionId,
          model: options.model,
          host: options.host,
          transcript: {
            rows: () => this.#rows.update(this.#state?.messages ?? []),
            message: (index) => this.#rows.message(index),
          },
          page: {
            ready: (version) => this.#onReady(version),
            resync: () => this.#snapshot(),
          },
        }),
        parse: (name, params) => parseRequest(name, params) as never,
        bounds: LIMITS,
        onError: (error) => options.onError?.(error),
      }),
    );
    this.#store.add(
      options.model.onDidChange((change) => {
        if (change.sessionId === options.sessionId) this.#take(change.state);
      }),
    );
    this.#store.add(options.host.onDidChangeApproval(() => this.#schedule()));
    this.#store.add(toDisposable(() => this.#flush?.dispose()));
    this.#store.add(toDisposable(() => this.#heartbeat?.dispose()));
    this.#take(options.model.state(options.sessionId));
  }

  /** Messages of the page that were ignored, for the log and for tests. */
  get ignored(): RpcCounts {
    return this.#rpc.counts;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Loads the session (again after the model got another client). Errors end up in the state. */
  async open(): Promise<void> {
    await this.#options.model.open(this.#options.sessionId);
    this.#take(this.#options.model.state(this.#options.sessionId));
  }

  /** From `onDidChangeViewState`. Hidden pages get nothing; on becoming visible they get a snapshot. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (visible) this.cameBack();
    if (!visible) {
      this.#unreadFrom = undefined;
      this.#sent = undefined;
      this.#flush?.dispose();
      this.#flush = undefined;
      this.#heartbeat?.dispose();
      this.#heartbeat = undefined;
    } else if (this.#ready) {
      this.#snapshot();
      this.#beat();
    }
  }

  /**
   * The reader is here again (the panel, or its window): what came meanwhile gets a divider. To be called before it counts as seen. The
   * divider stays until the reader asks something or leaves.
   */
  cameBack(): void {
    const state = this.#state;
    if (state !== undefined && state.unread > 0)
      this.#unreadFrom = firstUnread(this.#rows.update(state.messages), state.unread);
    this.#schedule();
  }

  setEnvironment(environment: PanelEnvironment): void {
    this.#environment = environment;
    if (this.#state !== undefined) this.#take(this.#state);
    this.#schedule();
  }

  /** What the session's placeholders stand for; the page shows it where a person reads, see `webview/restore.ts`. */
  setPlaceholders(map: Readonly<Record<string, string>>): void {
    this.#placeholders = Object.keys(map).length === 0 ? undefined : map;
    this.#schedule();
  }

  /** Puts the cursor into the composer, now or as soon as the page is there; `insert` is added to the draft. */
  focusComposer(insert?: string): void {
    this.#pendingFocus = { insert };
    this.#tellFocus();
  }

  /** Opens the find bar, now or as soon as the page is there. */
  showFind(): void {
    this.#pendingFind = true;
    this.#tellFocus();
  }

  dispose(): void {
    this.#store.dispose();
  }

  #onReady(version: number): void {
    if (version !== PROTOCOL_VERSION) this.#options.onBroken?.('version');
    this.#ready = true;
    this.cameBack();
    this.#snapshot();
    this.#beat();
  }

  #take(state: SessionState | undefined): void {
    if (state === undefined) return;
    this.#state = state;
    this.#rows.show({
      log: this.#environment.showsLog ?? false,
      reasoning: showsReasoning(state, this.#environment),
    });
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#ready || !this.#visible || this.#flush !== undefined || this.#store.isDisposed) return;
    this.#flush = this.#timer.after(FLUSH_MS, () => {
      this.#flush = undefined;
      this.#sendChanges();
    });
  }

  #sendChanges(): void {
    const state = this.#state;
    const sent = this.#sent;
    if (state === undefined || !this.#visible) return;
    if (sent === undefined) {
      this.#snapshot();
      return;
    }
    const rows = this.#rows.update(state.messages);
    const asked = rows.findLastIndex(({ kind }) => kind === 'you');
    if (this.#unreadFrom !== undefined && asked > this.#unreadFrom) this.#unreadFrom = undefined;
    const changes = rowChanges(sent.rows, rows);
    if (changes.some((change) => change.type === 'splice' && change.rows.length > MAX_SPLICE)) {
      this.#snapshot();
      return;
    }
    const status = this.#status(state);
    const statusText = JSON.stringify(status);
    if (statusText !== sent.status) changes.push({ type: 'status', status } satisfies Change);
    this.#sent = { rows, state, status: statusText };
    if (changes.length > 0) this.#rpc.notify('changes', { changes });
  }

  #status(state: SessionState): PanelStatus {
    const status = panelStatus(state, this.#environment, {
      unreadFrom: this.#unreadFrom,
      side: this.#rows.side,
      severalAgents: this.#rows.severalAgents,
      approval: this.#options.host.approval(this.#options.sessionId),
      approvalEnds: this.#options.host.approvalEnds(this.#options.sessionId),
    });
    return this.#placeholders === undefined ? status : { ...status, placeholders: this.#placeholders };
  }

  #snapshot(): void {
    const state = this.#state;
    if (state === undefined || !this.#ready || !this.#visible) return;
    const rows = this.#rows.update(state.messages);
    const from = Math.max(0, rows.length - WINDOW);
    const status = this.#status(state);
    this.#sent = { rows, state, status: JSON.stringify(status) };
    this.#rpc.notify('snapshot', {
      version: PROTOCOL_VERSION,
      total: rows.length,
      from,
      rows: rows.slice(from),
      status,
      draft: this.#options.host.loadDraft(this.#options.sessionId),
    });
    this.#tellFocus();
  }

  #tellFocus(): void {
    if (!this.#ready || !this.#visible || this.#sent === undefined) return;
    const focus = this.#pendingFocus;
    const find = this.#pendingFind;
    this.#pendingFocus = undefined;
    this.#pendingFind = false;
    if (focus !== undefined) this.#rpc.notify('focusComposer', focus);
    if (find) this.#rpc.notify('showFind', {});
  }

  /** Asks now and then whether the page still answers; a crashed one is told to the owner once. */
  #beat(): void {
    this.#heartbeat?.dispose();
    this.#heartbeat = this.#timer.after(PING_MS, () => {
      const answered = new AbortController();
      this.#heartbeat = this.#timer.after(PONG_MS, () => {
        answered.abort();
        this.#options.onBroken?.('silent');
      });
      this.#rpc
        .request('ping', {}, answered.signal)
        .then(() => this.#visible && !this.#store.isDisposed && this.#beat())
        .catch(() => undefined);
    });
  }
}

/** Index of the row before which the divider stands: `unread` answers counted from the end. */
function firstUnread(rows: readonly Row[], unread: number): number | undefined {
  let left = unread;
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const kind = rows[index]?.kind;
    if (kind === 'agent' || kind === 'error' || kind === 'approval' || kind === 'clarification') left -= 1;
    if (left === 0) return index;
  }
  return undefined;
}
