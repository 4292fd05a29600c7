/** The composer: text box, chips, queue, Send and Stop. Enter sends unless an input method is at work. */

import { formatBytes } from '../core/format.ts';
import type { PromptExtras } from '../core/prompt-extras.ts';
import { labelText, visibleText } from '../core/visible-text.ts';
import type { Completion, FileChip, Mention, PanelStatus } from '../panel/protocol.ts';
import { CompletionList } from './completion.ts';
import { button, el, setText, show } from './dom.ts';
import { focusWhenHere } from './focus.ts';
import { countText, hintText, placeholderText } from './hint.ts';
import { icon } from './icons.ts';
import { words } from './notice.ts';
import { type Brought, broughtFiles, pasted } from './paste.ts';
import { PromptExtrasControls } from './prompt-extras.ts';
import { TurnButtons } from './turn-buttons.ts';

export interface ComposerOptions {
  readonly send: (text: string, asked: PromptExtras) => Promise<void>;
  readonly stop: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly attach: () => void;
  readonly detach: (id: string) => void;
  readonly removeQueued: (id: string) => void;
  /** Takes the prompt out of the queue and gives its text. */
  readonly editQueued: (id: string) => Promise<string>;
  readonly sendQueued: (id: string) => void;
  readonly mention: (mention: Mention) => void;
  readonly dropUris: (uris: readonly string[]) => void;
  readonly paste: (files: readonly Brought[]) => void;
  readonly complete: (trigger: '#' | '/', query: string) => Promise<readonly Completion[]>;
  /** Prompts of this session, oldest first, for the Up key: also of rows that the page does not have. */
  readonly earlier: () => Promise<readonly string[]>;
  /** The draft changed; kept by the page and by the host. */
  readonly onDraft: (text: string) => void;
  readonly onHeight: () => void;
}

export class Composer {
  readonly element: HTMLElement;
  readonly box: HTMLTextAreaElement;
  readonly #options: ComposerOptions;
  readonly #chips: HTMLElement;
  readonly #queue: HTMLElement;
  readonly #send: HTMLButtonElement;
  readonly #turn: TurnButtons;
  readonly #extras = new PromptExtrasControls();
  readonly #attach: HTMLButtonElement;
  readonly #count: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #problem: HTMLElement;
  #status: PanelStatus | undefined;
  #chipsDrawn = '';
  #queueDrawn = '';
  #composing = false;
  #sending = false;
  #historyAt = -1;
  #history: readonly string[] = [];
  #recalling: Promise<void> = Promise.resolve();
  #width = 0;
  readonly #completion: CompletionList;

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#queue = el('ul', { class: 'queue', 'aria-label': 'Waiting to be sent' });
    this.#chips = el('ul', { class: 'chips', 'aria-label': 'Attached files' });
    this.#problem = el('p', { class: 'problem', role: 'alert' });
    this.box = el('textarea', {
      'aria-label': 'Message Sec-Gemini',
      rows: '1',
      spellcheck: 'false',
    });
    this.#hint = el('span', { class: 'hint' });
    this.#count = el('span', { class: 'count', 'aria-live': 'off' });
    this.#send = button('Send', 'send', 'send');
    this.#send.classList.add('primary');
    this.#turn = new TurnButtons({ ...options, onLost: () => focusWhenHere(this.box) });
    const attach = (this.#attach = button('Attach files', 'attach', 'attach'));
    const bar = el(
      'div',
      { class: 'composer-bar' },
      attach,
      this.#extras.detailed,
      this.#hint,
      el('span', { class: 'space' }),
      this.#count,
      this.#turn.element,
      this.#send,
    );
    const frame = el('div', { class: 'composer-frame' }, this.#chips, this.box, bar);
    this.element = el('footer', { class: 'composer', 'aria-label': 'Composer' }, this.#queue, this.#problem, frame);
    for (const part of [this.#queue, this.#chips, this.#problem]) part.hidden = true;
    this.#completion = new CompletionList({
      box: this.box,
      complete: options.complete,
      onMention: options.mention,
      onChanged: () => this.#changed(),
    });
    frame.prepend(this.#completion.element);
    this.#listen(frame, attach);
    // Another width breaks the lines elsewhere. The observer tells the first width, too: a draft is there before the page is.
    new ResizeObserver(() => this.#onWidth()).observe(frame);
    window.addEventListener('resize', () => this.#refresh());
  }

  get text(): string {
    return this.box.value;
  }

  /** Sets the draft without telling anyone. */
  setText(text: string): void {
    this.box.value = text;
    this.#refresh();
  }

  /** Puts the cursor behind the draft, with `insert` added to it. Who has gone on elsewhere in the meantime keeps the keyboard there. */
  focus(insert?: string): void {
    if (insert !== undefined && insert !== '') {
      const before = this.box.value.trimEnd();
      this.box.value = before === '' ? `${insert} ` : `${before} ${insert} `;
      this.#changed();
    }
    focusWhenHere(this.box);
    this.box.setSelectionRange(this.box.value.length, this.box.value.length);
  }

  showProblem(text: string): void {
    setText(this.#problem, text);
    show(this.#problem, text !== '');
    this.#options.onHeight();
  }

  update(status: PanelStatus): void {
    this.#status = status;
    this.#extras.update(status);
    const files = JSON.stringify([status.files, status.pending, status.readOnly]);
    if (files !== this.#chipsDrawn) {
      this.#chipsDrawn = files;
      this.#drawChips(status);
    }
    const queue = JSON.stringify([status.queue, status.phase === 'idle']);
    if (queue !== this.#queueDrawn) {
      this.#queueDrawn = queue;
      this.#drawQueue(status);
    }
    this.box.disabled = status.readOnly !== undefined;
    this.#attach.disabled = this.box.disabled;
    const works = status.phase === 'working' || status.phase === 'stopping';
    this.#turn.update(status);
    this.box.placeholder = placeholderText(status);
    setText(this.#hint, hintText(status, works));
    // What the queue above says by itself gives way where there is no room.
    this.#hint.classList.toggle('spare', works && status.environment.ready && status.readOnly === undefined);
    this.#refresh();
  }

  #drawChips(status: PanelStatus): void {
    const focused = this.#chips.contains(document.activeElement);
    const chips = [
      ...status.files.map((file) => this.#chip(file, false)),
      ...status.pending.map((file) => this.#chip(file, true)),
    ];
    this.#chips.replaceChildren(...chips);
    show(this.#chips, chips.length > 0);
    // The chip that was removed had the focus: it goes to the next, or to the box.
    if (focused) focusWhenHere(this.#chips.querySelector('button') ?? this.box);
    this.#options.onHeight();
  }

  #chip(file: FileChip, pending: boolean): HTMLElement {
    const name = labelText(file.name, 80);
    const size = file.size === undefined ? '' : formatBytes(file.size);
    const readOnly = this.#status?.readOnly !== undefined;
    const chip = el(
      'li',
      {
        class: pending ? 'chip pending' : readOnly ? 'chip still' : 'chip',
        title: size === '' ? name : `${name}, ${size}`,
      },
      icon('file'),
      el('span', { class: 'chip-name' }, name),
    );
    if (pending) {
      const percent =
        file.size === undefined || file.size === 0
          ? 0
          : Math.min(100, Math.floor(((file.sentBytes ?? 0) / file.size) * 100));
      chip.append(
        el('progress', { max: '100', value: percent.toString(), 'aria-label': `Sending ${name}` }),
        el('span', { class: 'chip-size' }, `${percent.toString()} %`),
      );
      return chip;
    }
    if (size !== '') chip.append(el('span', { class: 'chip-size' }, size));
    if (readOnly) return chip;
    const remove = button(`Remove ${name}`, 'remove', 'detach');
    remove.dataset['id'] = file.id;
    chip.append(this.#extras.pin(file.id, name), remove);
    return chip;
  }

  #drawQueue(status: PanelStatus): void {
    const items = status.queue.map((prompt) => {
      const text = labelText(prompt.text, 160);
      const short = labelText(prompt.text, 40);
      const now = status.phase === 'idle' ? 'Send now' : 'Stop and send now';
      const buttons = [
        button(`${now}: ${short}`, 'send', 'send-queued'),
        button(`Edit: ${short}`, 'edit', 'edit-queued'),
        button(`Remove from queue: ${short}`, 'remove', 'remove-queued'),
      ];
      for (const each of buttons) each.dataset['id'] = prompt.id;
      return el(
        'li',
        {},
        el('span', { class: 'queue-word' }, status.phase === 'idle' ? 'Not sent' : 'Next'),
        el('span', { class: 'queue-text', title: text }, text),
        ...(prompt.reason === undefined ? [] : [el('span', { class: 'queue-reason' }, visibleText(prompt.reason))]),
        ...buttons,
      );
    });
    const focused = this.#queue.contains(document.activeElement);
    this.#queue.replaceChildren(...items);
    show(this.#queue, items.length > 0);
    if (focused) focusWhenHere(this.#queue.querySelector('button') ?? this.box);
    this.#options.onHeight();
  }

  #listen(frame: HTMLElement, attach: HTMLElement): void {
    const { box } = this;
    attach.addEventListener('click', () => this.#options.attach());
    this.#send.addEventListener('click', () => {
      box.focus();
      void this.#submit();
    });
    box.addEventListener('input', () => this.#changed());
    box.addEventListener('compositionstart', () => (this.#composing = true));
    box.addEventListener('compositionend', () => (this.#composing = false));
    box.addEventListener('keydown', (event) => this.#onKey(event));
    box.addEventListener('paste', (event) => this.#onPaste(event));
    frame.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.element.classList.add('drop');
      // VS Code gives a drop to the page only while Shift is held; say so instead of failing silently.
      setText(this.#hint, event.shiftKey ? 'Drop to attach' : 'Hold Shift to drop files here');
    });
    frame.addEventListener('dragleave', () => this.#endDrag());
    frame.addEventListener('drop', (event) => this.#onDrop(event));
    for (const list of [this.#chips, this.#queue])
      list.addEventListener('click', (event) => {
        const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-id]') : null;
        const id = pressed?.dataset['id'];
        if (id === undefined) return;
        switch (pressed?.dataset['action']) {
          case 'detach':
            this.#options.detach(id);
            break;
          case 'edit-queued':
            void this.#editQueued(id);
            break;
          case 'send-queued':
            this.#options.sendQueued(id);
            break;
          default:
            this.#options.removeQueued(id);
        }
      });
  }

  /** The prompt comes back into the box, before what stands there: nothing typed is lost. */
  async #editQueued(id: string): Promise<void> {
    try {
      const text = await this.#options.editQueued(id);
      this.box.value = this.text.trim() === '' ? text : `${text}\n\n${this.text}`;
      this.#changed();
      this.focus();
      this.showProblem('');
    } catch (error) {
      this.showProblem(words(error));
    }
  }

  #onKey(event: KeyboardEvent): void {
    // 229 is what some input methods send while they are composing; Safari ends the composition before the key.
    const composing = this.#composing || event.isComposing || event.keyCode === 229;
    if (composing || this.#completion.onKey(event)) return;
    const enterSends = this.#status?.environment.enterSends ?? true;
    if (event.key === 'Enter' && (enterSends ? !event.shiftKey && !event.altKey : event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void this.#submit();
    } else if (event.key === 'ArrowUp' && (this.text === '' || (this.#historyAt >= 0 && !this.#hasLine('above')))) {
      this.#recall(1, event);
    } else if (event.key === 'ArrowDown' && this.#historyAt >= 0 && !this.#hasLine('below')) {
      this.#recall(-1, event);
    }
  }

  /** In a recalled message of several lines the arrows first walk its lines. */
  #hasLine(where: 'above' | 'below'): boolean {
    const { value, selectionStart, selectionEnd } = this.box;
    return (where === 'above' ? value.slice(0, selectionStart) : value.slice(selectionEnd)).includes('\n');
  }

  /** One key after another, in the order in which they were pressed. */
  #recall(step: 1 | -1, event: Event): void {
    event.preventDefault();
    this.#recalling = this.#recalling.then(() => this.#recallNow(step));
  }

  async #recallNow(step: 1 | -1): Promise<void> {
    if (this.#historyAt < 0) this.#history = await this.#options.earlier().catch(() => []);
    const history = this.#history;
    // What was typed while the host was asked stays.
    if (history.length === 0 || (this.#historyAt < 0 && this.text !== '')) return;
    const at = Math.min(this.#historyAt + step, history.length - 1);
    this.#historyAt = at;
    this.box.value = at < 0 ? '' : (history[history.length - 1 - at] ?? '');
    this.#refresh();
    this.#options.onDraft(this.text);
  }

  async #submit(): Promise<void> {
    const text = this.text;
    if (text.trim() === '' || this.#sending) return;
    this.#sending = true;
    // The box is emptied at once, so that typing goes on; what could not be sent comes back into it.
    this.setText('');
    this.#historyAt = -1;
    this.showProblem('');
    try {
      await this.#options.send(text, this.#extras.asked);
      if (this.#extras.sent() && this.#status !== undefined) this.#drawChips(this.#status);
      this.#options.onDraft(this.text);
    } catch (error) {
      this.setText(this.text === '' ? text : `${text}\n${this.text}`);
      this.#options.onDraft(this.text);
      this.showProblem(words(error));
    } finally {
      this.#sending = false;
      this.#refresh();
    }
  }

  #onPaste(event: ClipboardEvent): void {
    const files = pasted(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    this.#options.paste(files);
  }

  #onDrop(event: DragEvent): void {
    event.preventDefault();
    this.#endDrag();
    const list =
      event.dataTransfer?.getData('application/vnd.code.uri-list') ||
      event.dataTransfer?.getData('text/uri-list') ||
      '';
    const uris = list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    const files = broughtFiles(event.dataTransfer);
    if (uris.length > 0) this.#options.dropUris(uris.slice(0, 100));
    else if (files.length > 0) this.#options.paste(files);
  }

  #endDrag(): void {
    this.element.classList.remove('drop');
    if (this.#status !== undefined) this.update(this.#status);
  }

  #changed(): void {
    this.#historyAt = -1;
    this.#refresh();
    this.#options.onDraft(this.text);
  }

  #onWidth(): void {
    if (this.box.clientWidth === this.#width) return;
    this.#width = this.box.clientWidth;
    this.#refresh();
  }

  #refresh(): void {
    const { box } = this;
    const before = box.clientHeight;
    box.style.setProperty('height', 'auto');
    box.style.setProperty('height', `${Math.min(box.scrollHeight, mostHeight(window.innerHeight)).toString()}px`);
    if (box.clientHeight !== before) this.#options.onHeight();
    const ready = (this.#status?.environment.ready ?? false) && this.#status?.readOnly === undefined;
    this.#send.disabled = !ready || this.text.trim() === '' || this.#sending;
    setText(this.#count, countText(this.#status, this.text.length));
  }
}

/** How tall the box may become: in half a window at 200 % zoom something of the conversation has to stay in view. */
function mostHeight(panel: number): number {
  return panel < 420 ? Math.max(52, panel * 0.22) : Math.max(80, panel * 0.35);
}
