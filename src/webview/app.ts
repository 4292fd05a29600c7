/** The page: puts its parts together and turns gestures into requests. Everything it shows comes from the host; it decides nothing. */

import { type ErrorCode, SecGeminiError } from '../core/errors.ts';
import {
  type HostNotifications,
  type HostRequests,
  type PageRequestName,
  type PageRequests,
  type PanelStatus,
  PROTOCOL_VERSION,
} from '../panel/protocol.ts';
import { type Port, Rpc } from '../panel/rpc.ts';
import { labelText, visibleText } from '../core/visible-text.ts';
import { Announcer } from './announcer.ts';
import { Composer } from './composer.ts';
import { button, el, show } from './dom.ts';
import { FindBar } from './find-bar.ts';
import { Header } from './header.ts';
import { attachRowTools } from './row-tools.ts';
import { Transcript } from './transcript.ts';

/** What survives a reload of the page: nothing but the draft (the host keeps a copy) and the session the panel belongs to. */
export interface PageState {
  readonly draft?: string;
  readonly sessionId?: string;
}

export interface AppOptions {
  readonly port: Port;
  readonly loadState: () => PageState;
  readonly saveState: (state: PageState) => void;
}

/** The page asks; it has nothing to tell unasked. */
type NoNotes = Readonly<Record<string, never>>;

const DRAFT_MS = 400;

export class App {
  readonly element: HTMLElement;
  readonly #options: AppOptions;
  readonly #rpc: Rpc<HostRequests, PageRequests, NoNotes>;
  readonly #header = new Header();
  readonly #announcer = new Announcer();
  readonly #composer: Composer;
  readonly #transcript: Transcript;
  readonly #find: FindBar;
  readonly #notice: HTMLElement;
  readonly #empty: HTMLElement;
  #started = false;
  #state: PageState;
  #draftTimer = 0;
  #lastWord = '';
  #noticeDrawn = '';

  constructor(options: AppOptions) {
    this.#options = options;
    this.#state = options.loadState();
    this.#rpc = new Rpc<HostRequests, PageRequests, NoNotes>(options.port, {
      handlers: { ping: () => ({}) },
      onNotification: (name, params, gap) => this.#onNotification(name, params, gap),
      // Whatever broke on the page, the host has the truth.
      onError: () => this.#resync(),
    });
    this.#transcript = new Transcript({
      load: (from, count) => this.#rpc.request('rows', { from, count }),
      onStatus: (status) => this.#onStatus(status),
      onFinished: (row) => this.#announcer.row(row),
      onSeen: () => this.#onSeen(),
    });
    this.#composer = new Composer({
      send: async (text) => {
        this.#transcript.toEnd();
        await this.#rpc.request('send', { text });
      },
      stop: () => this.#ask('stop', {}),
      attach: () => this.#ask('attach', {}),
      detach: (attachmentId) => this.#ask('detach', { attachmentId }),
      removeQueued: (promptId) => this.#ask('removeQueued', { promptId }),
      dropUris: (uris) => this.#ask('dropUris', { uris }),
      paste: ({ name, mimeType, blob }) => void this.#paste(name, mimeType, blob),
      complete: async (trigger, query) => (await this.#rpc.request('complete', { trigger, query })).items,
      earlier: () => this.#transcript.store.prompts(),
      onDraft: (text) => this.#onDraft(text),
      onHeight: () => this.#transcript.list.settle(),
    });
    this.#find = new FindBar({
      transcript: this.#transcript,
      find: (query, caseSensitive) => this.#rpc.request('find', { query, caseSensitive }),
      onClose: () => this.#transcript.log.focus(),
    });
    this.#notice = el('section', { class: 'notice', 'aria-label': 'What to do' });
    this.#empty = el('div', { class: 'empty' });
    this.#notice.hidden = true;
    this.#empty.hidden = true;
    this.#transcript.element.prepend(this.#find.element);
    this.#transcript.element.append(this.#empty);
    this.element = el(
      'div',
      { class: 'page' },
      this.#header.element,
      this.#transcript.element,
      this.#notice,
      this.#composer.element,
      this.#announcer.element,
    );
    this.element.addEventListener('click', (event) => this.#onClick(event));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    attachRowTools(this.#transcript.log, (element) => this.#transcript.view(element));
  }

  /** Says ready; the snapshot follows. */
  start(): void {
    const draft = this.#state.draft;
    this.#rpc
      .request('ready', { version: PROTOCOL_VERSION, ...(draft === undefined || draft === '' ? {} : { draft }) })
      .catch((error: unknown) => this.#composer.showProblem(words(error)));
  }

  #onNotification(name: string, params: unknown, gap: boolean): void {
    switch (name as keyof HostNotifications) {
      case 'snapshot': {
        const snapshot = params as HostNotifications['snapshot'];
        this.#transcript.reset(snapshot);
        this.#save({ sessionId: snapshot.status.sessionId });
        if (!this.#started) {
          this.#started = true;
          if (this.#composer.text === '') this.#composer.setText(snapshot.draft);
          this.element.classList.add('ready');
        }
        break;
      }
      case 'changes':
        if (!this.#started) break;
        if (gap || !this.#transcript.apply((params as HostNotifications['changes']).changes)) this.#resync();
        break;
      case 'focusComposer':
        this.#composer.focus((params as HostNotifications['focusComposer']).insert);
        break;
      case 'showFind':
        this.#find.open();
        break;
    }
    this.#showEmpty();
  }

  #resync(): void {
    this.#rpc.request('resync', {}).catch(() => undefined);
  }

  #ask<K extends PageRequestName>(name: K, params: PageRequests[K]['params']): void {
    this.#rpc.request(name, params).then(
      () => this.#composer.showProblem(''),
      (error: unknown) => this.#composer.showProblem(words(error)),
    );
  }

  #onStatus(status: PanelStatus): void {
    this.#header.update(status);
    this.#composer.update(status);
    this.#drawNotice(status);
    if (status.word !== this.#lastWord) {
      // The status region speaks its own words; the end of a turn has none there.
      if (this.#lastWord === 'Working' && status.phase === 'idle')
        this.#announcer.say(`Turn ${status.outcome ?? 'completed'}.`);
      this.#lastWord = status.word;
    }
    document.title = labelText(status.name, 120);
  }

  /** One line over the composer when something keeps the conversation from going on. */
  #drawNotice(status: PanelStatus): void {
    const { text, buttons } = noticeOf(status);
    const drawn = `${text}|${buttons.join()}`;
    if (drawn === this.#noticeDrawn) return;
    this.#noticeDrawn = drawn;
    const hadFocus = this.#notice.contains(document.activeElement);
    this.#notice.replaceChildren(
      el('p', {}, text),
      ...buttons.map(([label, action]) => button(label, 'retry', action, label)),
    );
    show(this.#notice, text !== '');
    if (hadFocus) (this.#notice.querySelector('button') ?? this.#composer.box).focus();
    this.#transcript.list.settle();
  }

  #showEmpty(): void {
    const status = this.#transcript.store.status;
    if (status === undefined) return;
    const empty = this.#transcript.store.length === 0;
    show(this.#empty, empty);
    if (!empty) return;
    const loading = status.history === 'loading';
    const what = loading ? 'Loading the conversation…' : 'Nothing asked yet';
    const how = loading
      ? ''
      : status.files.length === 0
        ? 'Attach the file you want looked at, then ask a question below. Nothing leaves this machine before you confirm it.'
        : 'The files are attached. Ask a question below, for example “What is suspicious here?”';
    const key = `${what}${how}`;
    if (this.#empty.dataset['shown'] === key) return;
    this.#empty.dataset['shown'] = key;
    const attach = button('Attach files…', 'attach', 'attach', 'Attach files…');
    this.#empty.replaceChildren(
      el('p', { class: 'empty-title' }, what),
      el('p', {}, how),
      ...(loading || status.files.length > 0 ? [] : [attach]),
    );
  }

  #onSeen(): void {
    const status = this.#transcript.store.status;
    if (document.visibilityState === 'visible' && status?.unreadFrom !== undefined)
      this.#rpc.request('seen', {}).catch(() => undefined);
  }

  #onDraft(text: string): void {
    this.#save({ draft: text });
    clearTimeout(this.#draftTimer);
    this.#draftTimer = window.setTimeout(
      () => this.#rpc.request('saveDraft', { text }).catch(() => undefined),
      DRAFT_MS,
    );
  }

  #save(change: PageState): void {
    this.#state = { ...this.#state, ...change };
    this.#options.saveState(this.#state);
  }

  async #paste(name: string, mimeType: string, blob: Blob): Promise<void> {
    if (blob.size > 12_000_000) {
      this.#composer.showProblem('What was pasted is too large for this way. Use "Attach files" instead.');
      return;
    }
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let binary = '';
    for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
    this.#ask('paste', { name: name.slice(0, 255), mimeType, base64: btoa(binary) });
  }

  #onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f') {
      event.preventDefault();
      this.#find.open();
      return;
    }
    const target = event.target instanceof HTMLElement ? event.target : null;
    if ((event.key === 'Enter' || event.key === ' ') && target?.matches('.link, .file') === true) {
      event.preventDefault();
      this.#openReference(target);
    }
  }

  #onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const reference = target?.closest<HTMLElement>('.link, .file');
    if (reference != null) {
      this.#openReference(reference);
      return;
    }
    const pressed = target?.closest<HTMLElement>('button[data-action]');
    if (pressed == null) return;
    const rowElement = pressed.closest('article');
    const rowId = rowElement?.dataset['row'] ?? '';
    const block = pressed.closest('.code')?.querySelector('code');
    const text = block?.textContent ?? '';
    switch (pressed.dataset['action']) {
      case 'jump':
        this.#transcript.toEnd();
        this.#composer.box.focus();
        break;
      case 'fold':
        if (rowElement !== null) this.#transcript.toggleFold(rowElement);
        break;
      case 'find':
        this.#find.open();
        break;
      case 'expand-all':
        this.#transcript.setAllFolded(!this.#header.toggleExpand());
        break;
      case 'transcript':
        this.#ask('openTranscript', {});
        break;
      case 'attach':
        // The composer's own button listens by itself; this is the one of the empty page.
        if (this.#empty.contains(pressed)) this.#ask('attach', {});
        break;
      case 'copy-code':
        this.#copied(pressed, this.#rpc.request('copyText', { text }));
        break;
      case 'insert-code':
        this.#ask('insertAtCursor', { text });
        break;
      case 'open-code':
        this.#ask('openInEditor', { text, language: /language-(\S+)/.exec(block?.className ?? '')?.[1] ?? '' });
        break;
      case 'copy-row':
        this.#copied(pressed, this.#rpc.request('copyRow', { rowId, turn: false }));
        break;
      case 'copy-turn':
        this.#copied(pressed, this.#rpc.request('copyRow', { rowId, turn: true }));
        break;
      case 'insert-row': {
        const row = rowElement === null ? undefined : this.#transcript.view(rowElement)?.row;
        this.#ask('insertAtCursor', { text: row?.content ?? '' });
        break;
      }
      case 'open-row':
        this.#ask('openRow', { rowId });
        break;
      case 'save-row':
        this.#ask('saveRow', { rowId });
        break;
      case 'send-again':
        this.#ask('sendAgain', { promptId: rowId });
        break;
      case 'continue':
        this.#composer.focus('Please continue where you stopped.');
        break;
      case 'review':
        this.#ask('reviewApproval', { rowId });
        break;
      case 'deny':
        this.#ask('denyApproval', { rowId });
        break;
      case 'set-key':
        this.#ask('setApiKey', {});
        break;
      case 'retry-now':
        this.#ask('retryNow', {});
        break;
      case 'reload-history':
        this.#ask('reloadHistory', {});
        break;
      default:
    }
  }

  #copied(pressed: HTMLElement, done: Promise<unknown>): void {
    done.then(
      () => {
        pressed.classList.add('done');
        this.#announcer.say('Copied.');
        window.setTimeout(() => pressed.classList.remove('done'), 1500);
      },
      (error: unknown) => this.#composer.showProblem(words(error)),
    );
  }

  #openReference(target: HTMLElement): void {
    const { href, file } = target.dataset;
    if (href !== undefined) this.#ask('openLink', { href });
    else if (file !== undefined) this.#ask('openFile', { reference: file });
  }
}

/** What stands over the composer: text, and buttons as [label, action]. */
function noticeOf(status: PanelStatus): {
  readonly text: string;
  readonly buttons: readonly (readonly [string, string])[];
} {
  if (status.sessionStatus === 'deleted')
    return { text: 'This session was deleted on the service. What is shown stays readable here.', buttons: [] };
  if (status.sessionStatus === 'expired')
    return { text: 'The service no longer keeps this session. Start a new one to go on.', buttons: [] };
  if (status.historyError !== undefined && status.history === 'failed')
    return {
      text: `The conversation could not be loaded: ${sentence(status.historyError)}`,
      buttons: keyButton(status.historyError.code, ['Load again', 'reload-history']),
    };
  if (status.connection === 'reconnecting') {
    const seconds = Math.ceil((status.retryInMs ?? 0) / 1000);
    const when = seconds > 0 ? ` Next try in ${seconds.toString()} s.` : '';
    return { text: `The connection was lost.${when} Nothing is sent twice.`, buttons: [['Retry now', 'retry-now']] };
  }
  if (status.connection === 'offline' && status.connectionError !== undefined)
    return {
      text: sentence(status.connectionError),
      buttons: keyButton(status.connectionError.code, ['Retry now', 'retry-now']),
    };
  if (!status.environment.ready)
    return {
      text: 'Not connected. Set an API key, or start the local sandbox.',
      buttons: [['Set API key', 'set-key']],
    };
  return { text: '', buttons: [] };
}

function keyButton(code: ErrorCode, otherwise: readonly [string, string]): readonly (readonly [string, string])[] {
  return code === 'unauthenticated' ? [['Set API key', 'set-key'], otherwise] : [otherwise];
}

function sentence(error: { readonly message: string; readonly action: string }): string {
  return visibleText(`${/[.!?…]$/.test(error.message) ? error.message : `${error.message}.`} ${error.action}`);
}

function words(error: unknown): string {
  return error instanceof SecGeminiError ? sentence(error) : String(error);
}
