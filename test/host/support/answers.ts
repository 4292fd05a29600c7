// The user's answers to native questions, so that a test reads like a conversation. The suite and the extension share one `vscode`.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** A label or a text; several where any number can be ticked; undefined closes the question. */
type Answer = string | readonly string[] | undefined;

interface Expected {
  readonly question: RegExp;
  readonly answer: Answer;
}

/** Answers in the order of the questions; an unexpected question is closed and told by `done`. */
export class Answers {
  readonly asked: string[] = [];
  readonly #expected: Expected[] = [];
  readonly #surprises: string[] = [];
  readonly #restore: (() => void)[] = [];
  readonly #buttons: { readonly words: RegExp; readonly button: string }[] = [];
  readonly #told: string[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor() {
    const window = vscode.window as unknown as Record<string, unknown>;
    for (const name of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage']) {
      const original = window[name];
      window[name] = async (message: string, ...rest: unknown[]): Promise<unknown> => {
        const [options] = rest;
        const isModal = typeof options === 'object' && options !== null && 'modal' in options;
        if (isModal) return this.#answer(`${message}\n${String((options as { detail?: string }).detail)}`);
        this.#hear(message);
        const at = this.#buttons.findIndex(({ words }) => words.test(message));
        return at === -1 ? undefined : this.#buttons.splice(at, 1)[0]?.button;
      };
      this.#restore.push(() => (window[name] = original));
    }
    const pick = window['showQuickPick'];
    window['showQuickPick'] = async (
      rows: readonly { label: string }[],
      options?: { title?: string },
    ): Promise<unknown> => {
      const answer = this.#answer(options?.title ?? '');
      const shown = await Promise.resolve(rows);
      if (Array.isArray(answer)) return shown.filter(({ label }) => answer.includes(label));
      return shown.find((row) => row.label === answer);
    };
    this.#restore.push(() => (window['showQuickPick'] = pick));
    const input = window['showInputBox'];
    window['showInputBox'] = async (options?: { title?: string }): Promise<unknown> =>
      this.#answer(options?.title ?? '');
    this.#restore.push(() => (window['showInputBox'] = input));
  }

  /** The next question must match and is answered so; undefined closes it. */
  expect(question: RegExp, answer: Answer): void {
    this.#expected.push({ question, answer });
  }

  /** The next notification with these words gets this button pressed. */
  press(words: RegExp, button: string): void {
    this.#buttons.push({ words, button });
  }

  /** Resolves when a notification with these words was shown, or was shown in this test already. */
  async told(words: RegExp): Promise<void> {
    while (!this.#told.some((message) => words.test(message)))
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
  }

  /** Every expected question came, and no other. */
  done(): void {
    this.#told.length = 0;
    const open = [
      ...this.#expected.splice(0).map(({ question }) => question.source),
      ...this.#buttons.splice(0).map(({ words }) => words.source),
    ];
    assert.deepEqual({ open, surprises: this.#surprises.splice(0) }, { open: [], surprises: [] });
  }

  dispose(): void {
    for (const undo of this.#restore) undo();
  }

  #hear(message: string): void {
    this.#told.push(message);
    for (const listener of this.#listeners.splice(0)) listener();
  }

  #answer(question: string): Answer {
    this.asked.push(question);
    const next = this.#expected[0];
    if (next === undefined || !next.question.test(question)) {
      this.#surprises.push(question);
      return undefined;
    }
    this.#expected.shift();
    return next.answer;
  }
}
