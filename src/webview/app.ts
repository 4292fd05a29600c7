/** The page: puts its parts together and turns gestures into requests. Everything it shows comes from the host; it decides nothing. */

import {
  type HostNotifications,
  type HostRequests,
  type PageRequests,
  type PanelStatus,
  PROTOCOL_VERSION,
} from '../panel/protocol.ts';
import { type Port, Rpc } from '../panel/rpc.ts';
import { labelText } from '../core/visible-text.ts';
import { Announcer } from './announcer.ts';
import { Composer } from './composer.ts';
import { button, el, show } from './dom.ts';
import { focusWhenHere } from './focus.ts';
import { FindBar } from './find-bar.ts';
import { Gestures } from './gestures.ts';
import { Header } from './header.ts';
import { noticeOf, words } from './notice.ts';
import { type Brought, readPasted } from './paste.ts';
import { Question } from './question.ts';
import { attachRowTools } from './row-tools.ts';
import type { Folds } from './folds.ts';
import { SideSection } from './side-section.ts';
import { Transcript } from './transcript.ts';
import type { Place } from './virtual-list.ts';

/** What survives a reload of the page: the draft (the host keeps a copy), the session the panel belongs to, and what is folded. */
export interface PageState {
  readonly draft?: string;
  readonly sessionId?: string;
  readonly folds?: Folds;
  /** Where the reader is; not set at the end, which is followed. */
  readonly place?: Place | undefined;
  /** Tasks, memory and skills are shown in full. */
  readonly sideOpen?: boolean;
}

export interface AppOptions {
  readonly port: Port;
  readonly loadState: () => PageState;
  readonly saveState: (state: PageState) => void;
}

/** The page asks; it has nothing to tell unasked. */
type NoNotes = Readonly<Record<string, never>>;

const DRAFT_MS = 400;
const PLACE_MS = 200;

export class App {
  readonly element: HTMLElement;
  readonly #options: AppOptions;
  readonly #rpc: Rpc<HostRequests, PageRequests, NoNotes>;
  readonly #header = new Header();
  readonly #announcer = new Announcer();
  readonly #composer: Composer;
  readonly #transcript: Transcript;
  readonly #find: FindBar;
  readonly #gestures: Gestures;
  readonly #rowTools: ReturnType<typeof attachRowTools>;
  readonly #notice: HTMLElement;
  readonly #side: SideSection;
  readonly #question = new Question();
  readonly #empty: HTMLElement;
  #started = false;
  #state: PageState;
  #draftTimer = 0;
  #placeTimer = 0;
  /** Where the reader was with the last scrolling; undefined at the end. */
  #place: Place | undefined;
  /** Since it was kept. */
  #hasMoved = false;
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
      folds: this.#state.folds,
      place: this.#state.place,
      onLoaded: () => this.#onScroll(),
      onFolds: (folds) => {
        this.#header.setExpanded(folds.all);
        this.#save({ folds });
      },
    });
    this.#composer = new Composer({
      send: async (text, asked) => {
        this.#transcript.toEnd();
        await this.#rpc.request('send', { text, ...asked });
      },
      stop: () => this.#gestures.ask('stop', {}),
      pause: () => this.#gestures.ask('pause', {}),
      resume: () => this.#gestures.ask('continue', {}),
      attach: () => this.#gestures.ask('attach', {}),
      detach: (attachmentId) => this.#gestures.ask('detach', { attachmentId }),
      removeQueued: (promptId) => this.#gestures.ask('removeQueued', { promptId }),
      editQueued: async (promptId) => (await this.#rpc.request('editQueued', { promptId })).text,
      sendQueued: (promptId) => this.#gestures.ask('sendQueued', { promptId }),
      mention: (mention) => this.#gestures.ask('mention', mention),
      dropUris: (uris) => this.#gestures.ask('dropUris', { uris }),
      paste: (files) => void this.#paste(files),
      complete: async (trigger, query) => (await this.#rpc.request('complete', { trigger, query })).items,
      earlier: async () => (await this.#rpc.request('prompts', {})).prompts,
      onDraft: (text) => this.#onDraft(text),
      onHeight: () => this.#transcript.list.settle(),
    });
    this.#find = new FindBar({
      transcript: this.#transcript,
      find: (query, caseSensitive) => this.#rpc.request('find', { query, caseSensitive }),
      // The keyboard goes on where the reader looks.
      onClose: (row) => this.#transcript.focusSeen(row),
    });
    this.#gestures = new Gestures({
      transcript: this.#transcript,
      composer: this.#composer,
      header: this.#header,
      find: this.#find,
      announcer: this.#announcer,
      request: (name, params) => this.#rpc.request(name, params),
    });
    this.#header.setExpanded(this.#state.folds?.all ?? false);
    this.#notice = el('section', { class: 'notice', 'aria-label': 'What to do' });
    this.#empty = el('div', { class: 'empty' });
    this.#side = new SideSection(this.#state.sideOpen ?? false, (sideOpen) => {
      this.#save({ sideOpen });
      this.#transcript.list.settle();
    });
    this.#notice.hidden = true;
    this.#empty.hidden = true;
    this.#transcript.element.prepend(this.#find.element);
    this.#transcript.element.append(this.#empty);
    this.element = el(
      'div',
      { class: 'page' },
      this.#header.element,
      this.#side.element,
      this.#transcript.element,
      this.#notice,
      this.#question.element,
      this.#composer.element,
      this.#announcer.element,
    );
    this.element.addEventListener('click', (event) => this.#gestures.onClick(event));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.#rowTools = attachRowTools(this.#transcript.log, (element) => this.#transcript.view(element));
  }

  /** Says ready; the snapshot follows. */
  start(): void {
    const draft = this.#state.draft;
    // At once: the first snapshot may leave the host before it has heard of this draft.
    if (draft !== undefined) this.#composer.setText(draft);
    document.addEventListener('visibilitychange', () => {
      this.#flushDraft();
      this.#flushPlace();
    });
    this.#transcript.log.addEventListener('scroll', () => this.#onScroll(), { passive: true });
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

  #onStatus(status: PanelStatus): void {
    this.#header.update(status);
    this.#composer.update(status);
    this.#rowTools.setRatings(status.ratings);
    this.#drawNotice(status);
    const moved = [this.#side.update(status.side), this.#question.update(status.question, this.#composer.box)];
    if (moved.includes(true)) this.#transcript.list.settle();
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
    if (hadFocus) focusWhenHere(this.#notice.querySelector('button') ?? this.#composer.box);
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
        ? 'Attach the file you want looked at (or hold Shift and drop it here), then ask a question below. Nothing leaves this machine before you confirm it.'
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
    this.#draftTimer = window.setTimeout(() => this.#flushDraft(), DRAFT_MS);
  }

  /** What waits to be told to the host goes now: a hidden page is thrown away. */
  #flushDraft(): void {
    if (this.#draftTimer === 0) return;
    clearTimeout(this.#draftTimer);
    this.#draftTimer = 0;
    this.#rpc.request('saveDraft', { text: this.#composer.text }).catch(() => undefined);
  }

  /** The place is kept at once, and then as long as the reader moves: VS Code takes a hidden page away without waiting for its last words. */
  #onScroll(): void {
    // A page that is being hidden has no size, and no place: what is kept then is what stood before.
    if (!this.#started || this.#transcript.log.clientHeight === 0) return;
    this.#place = this.#transcript.list.place;
    if (this.#placeTimer !== 0) {
      this.#hasMoved = true;
      return;
    }
    this.#save({ place: this.#place });
    this.#placeTimer = window.setTimeout(() => this.#flushPlace(), PLACE_MS);
  }

  #flushPlace(): void {
    clearTimeout(this.#placeTimer);
    this.#placeTimer = 0;
    if (this.#hasMoved) this.#save({ place: this.#place });
    this.#hasMoved = false;
  }

  #save(change: PageState): void {
    this.#state = { ...this.#state, ...change };
    this.#options.saveState(this.#state);
  }

  async #paste(files: readonly Brought[]): Promise<void> {
    const read = await readPasted(files).catch(() => undefined);
    if (read !== undefined) this.#gestures.ask('paste', { files: read });
    else this.#composer.showProblem('What was pasted is too large for this way. Use "Attach files" instead.');
  }

  #onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f') {
      event.preventDefault();
      this.#find.open();
      return;
    }
    this.#gestures.onKey(event);
  }
}
