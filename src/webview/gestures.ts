/** What presses and clicks mean. One listener for the page: rows come and go, their buttons need none of their own. */

import type { PageRequestName, PageRequests } from '../panel/protocol.ts';
import type { Announcer } from './announcer.ts';
import type { Composer } from './composer.ts';
import { copySelections } from './copy.ts';
import type { FindBar } from './find-bar.ts';
import type { Header } from './header.ts';
import { sortByColumn, tableAsCsv } from './markdown/table.ts';
import { toMarkdown } from './markdown/to-markdown.ts';
import { words } from './notice.ts';
import type { Transcript } from './transcript.ts';

export interface GestureOptions {
  readonly transcript: Transcript;
  readonly composer: Composer;
  readonly header: Header;
  readonly find: FindBar;
  readonly announcer: Announcer;
  readonly request: <K extends PageRequestName>(
    name: K,
    params: PageRequests[K]['params'],
  ) => Promise<PageRequests[K]['result']>;
}

/** What a pressed button stands in. */
interface Pressed {
  readonly button: HTMLElement;
  readonly row: HTMLElement | null;
  readonly rowId: string;
}

type Action = (pressed: Pressed) => void;

const REFERENCE = '.link, .file, .symbol';

export class Gestures {
  readonly #options: GestureOptions;
  readonly #actions: Readonly<Record<string, Action>>;

  constructor(options: GestureOptions) {
    this.#options = options;
    this.#actions = { ...this.#pageActions(), ...this.#rowActions(), ...this.#blockActions() };
    copySelections({
      transcript: options.transcript,
      copy: (text) =>
        this.#copied(
          undefined,
          text.then((all) => options.request('copyText', { text: all })),
        ),
    });
  }

  /** Asks the host; what fails is told over the composer. */
  ask<K extends PageRequestName>(name: K, params: PageRequests[K]['params']): void {
    const { request, composer } = this.#options;
    request(name, params).then(
      () => composer.showProblem(''),
      (error: unknown) => composer.showProblem(words(error)),
    );
  }

  onClick(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const reference = target?.closest<HTMLElement>(REFERENCE);
    if (reference != null) {
      this.#openReference(reference);
      return;
    }
    const button = target?.closest<HTMLElement>('button[data-action]');
    if (button != null) {
      const row = button.closest('article');
      this.#actions[button.dataset['action'] ?? '']?.({ button, row, rowId: row?.dataset['row'] ?? '' });
    }
  }

  onKey(event: KeyboardEvent): void {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if ((event.key !== 'Enter' && event.key !== ' ') || target?.matches(REFERENCE) !== true) return;
    event.preventDefault();
    this.#openReference(target);
  }

  #pageActions(): Record<string, Action> {
    const { transcript, composer, header, find } = this.#options;
    return {
      jump: () => {
        transcript.toEnd();
        composer.box.focus();
      },
      find: () => find.open(),
      'expand-all': () => transcript.setAllFolded(header.isExpanded),
      transcript: () => this.ask('openTranscript', {}),
      attach: ({ button }) => {
        // The composer's own button listens by itself; this is the one of the empty page.
        if (button.closest('.empty') !== null) this.ask('attach', {});
      },
      'shows-log': ({ button }) => this.ask('setShowsLog', { shows: !isPressed(button) }),
      'shows-reasoning': ({ button }) => this.ask('setShowsReasoning', { shows: !isPressed(button) }),
      'asks-always': ({ button }) => this.ask('setAsksAlways', { always: !isPressed(button) }),
      continue: () => composer.focus('Please continue where you stopped.'),
      'set-key': () => this.ask('setApiKey', {}),
      'retry-now': () => this.ask('retryNow', {}),
      'reload-history': () => this.ask('reloadHistory', {}),
    };
  }

  #rowActions(): Record<string, Action> {
    const { transcript, composer, request } = this.#options;
    return {
      fold: ({ row }) => {
        if (row !== null) transcript.toggleFold(row);
      },
      'copy-row': ({ button, rowId }) => this.#copied(button, request('copyRow', { rowId, turn: false })),
      'copy-turn': ({ button, rowId }) => this.#copied(button, request('copyRow', { rowId, turn: true })),
      'insert-row': ({ row }) => {
        const text = row === null ? '' : (transcript.view(row)?.row.content ?? '');
        this.ask('insertAtCursor', { text });
      },
      'open-row': ({ rowId }) => this.ask('openRow', { rowId }),
      'fork-row': ({ rowId }) => this.ask('forkRow', { rowId }),
      'rewind-row': ({ rowId }) => this.ask('rewindRow', { rowId, before: false }),
      'rate-up': ({ rowId }) => this.ask('rateRow', { rowId, up: true }),
      'rate-down': ({ rowId }) => this.ask('rateRow', { rowId, up: false }),
      'report-row': ({ rowId }) => this.ask('reportRow', { rowId }),
      'edit-row': ({ rowId }) => this.ask('rewindRow', { rowId, before: true }),
      'save-row': ({ rowId }) => this.ask('saveRow', { rowId }),
      'ask-again': ({ rowId }) => {
        transcript.toEnd();
        composer.focus();
        this.ask('askAgain', { rowId });
      },
      'send-again': ({ rowId }) => this.ask('sendAgain', { promptId: rowId }),
      review: ({ rowId }) => this.ask('reviewApproval', { rowId }),
      deny: ({ rowId }) => this.ask('denyApproval', { rowId }),
    };
  }

  #blockActions(): Record<string, Action> {
    const { transcript, request, announcer } = this.#options;
    return {
      'copy-code': ({ button }) => this.#copied(button, request('copyText', { text: codeOf(button).text })),
      'insert-code': ({ button }) => this.ask('insertAtCursor', { text: codeOf(button).text }),
      'compare-code': ({ button }) => this.ask('compareCode', codeOf(button)),
      'open-code': ({ button }) => this.ask('openInEditor', codeOf(button)),
      'copy-csv': ({ button }) => {
        const table = tableOf(button);
        if (table !== null) this.#copied(button, request('copyText', { text: tableAsCsv(table) }));
      },
      'copy-table': ({ button }) => {
        const table = tableOf(button);
        if (table !== null) this.#copied(button, request('copyText', { text: `${toMarkdown(table)}\n` }));
      },
      sort: ({ button }) => {
        announcer.say(sortByColumn(button));
        transcript.list.settle();
      },
    };
  }

  #copied(button: HTMLElement | undefined, done: Promise<unknown>): void {
    const { announcer, composer } = this.#options;
    done.then(
      () => {
        button?.classList.add('done');
        announcer.say('Copied.');
        window.setTimeout(() => button?.classList.remove('done'), 1500);
      },
      (error: unknown) => composer.showProblem(words(error)),
    );
  }

  #openReference(target: HTMLElement): void {
    const { href, file, symbol } = target.dataset;
    if (href !== undefined) this.ask('openLink', { href });
    else if (file !== undefined) this.ask('openFile', { reference: file });
    else if (symbol !== undefined) this.ask('openSymbol', { name: symbol });
  }
}

function isPressed(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}

function codeOf(button: HTMLElement): { readonly text: string; readonly language: string } {
  const code = button.closest('.code')?.querySelector('code');
  return { text: code?.textContent ?? '', language: /language-(\S+)/.exec(code?.className ?? '')?.[1] ?? '' };
}

function tableOf(button: HTMLElement): HTMLTableElement | null {
  return button.closest('.table-block')?.querySelector('table') ?? null;
}
