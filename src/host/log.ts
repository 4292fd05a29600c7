/** The LogOutputChannel behind one redactor: no line reaches it with a key or a hidden character in it. */

import * as vscode from 'vscode';
import { toSecGeminiError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { type Redactor, createRedactor } from '../core/redact.ts';
import { visibleText } from '../core/visible-text.ts';

export class HostLog implements Log, vscode.Disposable {
  readonly redactor: Redactor = createRedactor();
  readonly #channel: vscode.LogOutputChannel;

  constructor() {
    this.#channel = vscode.window.createOutputChannel('Sec-Gemini', { log: true });
  }

  /** For rooms that name the level by a word. */
  write(level: 'trace' | 'info' | 'warn' | 'error', message: string): void {
    this[level](message);
  }

  trace(message: string): void {
    this.#channel.trace(this.#clean(message));
  }

  info(message: string): void {
    this.#channel.info(this.#clean(message));
  }

  warn(message: string): void {
    this.#channel.warn(this.#clean(message));
  }

  error(message: string, error?: unknown): void {
    const detail =
      error instanceof Error
        ? (error.stack ?? error.message)
        : error === undefined
          ? ''
          : toSecGeminiError(error).message;
    this.#channel.error(this.#clean(detail === '' ? message : `${message}: ${detail}`));
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }

  #clean(text: string): string {
    return visibleText(this.redactor.redact(text));
  }
}
