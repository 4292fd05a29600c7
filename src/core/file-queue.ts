/** One question asked about many files, one file after another: can be paused between two files and cancelled at any time. Pure. */

import { SecGeminiError, isSecGeminiError, toSecGeminiError } from './errors.ts';
import type { Attachment } from './model.ts';

/** More than a person reads, and a bound for what one click may cost. */
export const MAX_QUEUED_FILES = 100;

export interface FileAnswer {
  readonly name: string;
  readonly sha256?: string | undefined;
  /** As of HTTP: 200 = answered. 499 = cancelled, also for those that were never asked. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly text: string;
  readonly tokens?: number | undefined;
}

export type AskAboutFile = (file: Attachment, signal: AbortSignal) => Promise<Omit<FileAnswer, 'name' | 'sha256'>>;

/** The question as it is sent for one file. Backticks in a name would end its code. */
export function questionAbout(name: string, question: string): string {
  return `About the attached file \`${name.replaceAll('`', "'")}\` only, not about the others:\n\n${question.trim()}`;
}

export interface FileQueueOptions {
  readonly files: readonly Attachment[];
  readonly ask: AskAboutFile;
  /** Before each question, after each answer and at each pause. */
  readonly onProgress: (queue: FileQueue) => void;
}

export class FileQueue {
  readonly #options: FileQueueOptions;
  readonly #abort = new AbortController();
  readonly #answers: FileAnswer[] = [];
  #continue: (() => void) | undefined;
  #pausing: Promise<void> | undefined;
  #current: string | undefined;

  /** Throws `invalidArgument` for more files than may be asked about at once. */
  constructor(options: FileQueueOptions) {
    if (options.files.length > MAX_QUEUED_FILES)
      throw new SecGeminiError(
        'invalidArgument',
        `One question goes to at most ${MAX_QUEUED_FILES} files; ${options.files.length} were chosen.`,
        { action: 'Choose fewer files. Nothing was asked.' },
      );
    this.#options = options;
  }

  get answers(): readonly FileAnswer[] {
    return this.#answers;
  }

  get total(): number {
    return this.#options.files.length;
  }

  /** The name of the file that is asked about now. */
  get current(): string | undefined {
    return this.#current;
  }

  get isPaused(): boolean {
    return this.#pausing !== undefined;
  }

  /** The question under way is still answered; the next one waits. */
  pause(): void {
    if (this.#pausing !== undefined) return;
    this.#pausing = new Promise((resolve) => {
      this.#continue = resolve;
    });
    this.#options.onProgress(this);
  }

  resume(): void {
    this.#pausing = undefined;
    this.#continue?.();
    this.#continue = undefined;
    this.#options.onProgress(this);
  }

  /** Ends the question under way, too. What was answered stays. */
  cancel(): void {
    this.#abort.abort();
    this.resume();
  }

  /** Never rejects: each file has its own outcome. */
  async run(): Promise<readonly FileAnswer[]> {
    const { files, ask, onProgress } = this.#options;
    const { signal } = this.#abort;
    for (const file of files) {
      await this.#pausing;
      const { name, sha256 } = file;
      if (signal.aborted) {
        this.#answers.push({ name, sha256, statusCode: 499, statusMessage: 'not asked', text: '' });
        continue;
      }
      this.#current = name;
      onProgress(this);
      this.#answers.push({ name, sha256, ...(await outcome(ask, file, signal)) });
      this.#current = undefined;
      onProgress(this);
    }
    return this.#answers;
  }
}

async function outcome(
  ask: AskAboutFile,
  file: Attachment,
  signal: AbortSignal,
): Promise<Omit<FileAnswer, 'name' | 'sha256'>> {
  try {
    return await ask(file, signal);
  } catch (error) {
    if (signal.aborted || isSecGeminiError(error, 'cancelled'))
      return { statusCode: 499, statusMessage: 'cancelled', text: '' };
    const { message, action } = toSecGeminiError(error);
    return { statusCode: 500, statusMessage: `${message} ${action}`.trim(), text: '' };
  }
}
