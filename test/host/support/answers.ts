// The user's answers to native questions, so that a test reads like a conversation. The suite and the extension share one `vscode`.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Expected {
  readonly question: RegExp;
  readonly answer: string | undefined;
}

/** Answers in the order of the questions; an unexpected question is closed and told by `done`. */
export class Answers {
  readonly asked: string[] = [];
  readonly #expected: Expected[] = [];
  readonly #surprises: string[] = [];
  readonly #restore: (() => void)[] = [];

  constructor() {
    const window = vscode.window as unknown as Record<string, unknown>;
    for (const name of ['showInformationMessage', 'showWarningMessage', 'showErrorMessage']) {
      const original = window[name];
      window[name] = async (message: string, ...rest: unknown[]): Promise<unknown> => {
        const [options] = rest;
        const isModal = typeof options === 'object' && options !== null && 'modal' in options;
        return isModal ? this.#answer(`${message}\n${String((options as { detail?: string }).detail)}`) : undefined;
      };
      this.#restore.push(() => (window[name] = original));
    }
    const pick = window['showQuickPick'];
    window['showQuickPick'] = async (
      rows: readonly { label: string }[],
      options?: { title?: string },
    ): Promise<unknown> => {
      const label = this.#answer(options?.title ?? '');
      return (await Promise.resolve(rows)).find((row) => row.label === label);
    };
    this.#restore.push(() => (window['showQuickPick'] = pick));
    const input = window['showInputBox'];
    window['showInputBox'] = async (options?: { title?: string }): Promise<unknown> =>
      this.#answer(options?.title ?? '');
    this.#restore.push(() => (window['showInputBox'] = input));
  }

  /** The next question must match and is answered so; undefined closes it. */
  expect(question: RegExp, answer: string | undefined): void {
    this.#expected.push({ question, answer });
  }

  /** Every expected question came, and no other. */
  done(): void {
    const open = this.#expected.splice(0).map(({ question }) => question.source);
    assert.deepEqual({ open, surprises: this.#surprises.splice(0) }, { open: [], surprises: [] });
  }

  dispose(): void {
    for (const undo of this.#restore) undo();
  }

  #answer(question: string): string | undefined {
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
