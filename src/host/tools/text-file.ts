/** A file's text by lines, read through the gate once for a call. */

import { formatBytes } from '../../core/format.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { FileIdentity, ToolOutput } from '../../core/tools/tool.ts';
import { decodeText, looksLikeText } from '../../scan/text.ts';
import type { ReadResult, WorkspaceFiles } from '../workspace-files.ts';

/** Of one file; what stands behind it is not looked at, and the result says so. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

export interface TextFile extends ReadResult {
  readonly lines: readonly string[];
}

/** Reads files for one call and remembers which: they are what an approval is bound to. */
export class CallFiles {
  readonly #files: WorkspaceFiles;
  readonly #read = new Map<string, Promise<TextFile>>();
  readonly #identities = new Map<string, FileIdentity>();
  readonly #notes = new Set<string>();

  constructor(files: WorkspaceFiles) {
    this.#files = files;
  }

  /** Throws ToolRefusal, and SecGeminiError for what is no text. */
  text(path: string): Promise<TextFile> {
    let reading = this.#read.get(path);
    if (reading === undefined) {
      reading = this.#load(path);
      this.#read.set(path, reading);
    }
    return reading;
  }

  /** The line, trimmed at its end; '' when it is not there or the file is kept here. Never rejects. */
  async line(path: string, number: number): Promise<string> {
    const file = await this.text(path).catch(() => undefined);
    return clip(file?.lines[number - 1] ?? '');
  }

  /** A result with everything that was read for it. */
  output(text: string, notes: readonly string[] = []): ToolOutput {
    return { text, files: [...this.#identities.values()], notes: [...this.#notes, ...notes] };
  }

  async #load(path: string): Promise<TextFile> {
    const read = await this.#files.read(path, MAX_FILE_BYTES);
    if (!looksLikeText(read.bytes.subarray(0, 64 * 1024)))
      throw new SecGeminiError('invalidArgument', `${read.shown} is no text (${formatBytes(read.size)}).`, {
        action: 'Ask the user to attach it.',
      });
    this.#identities.set(read.identity.realPath, read.identity);
    for (const note of read.notes) this.#notes.add(note);
    const lines = decodeText(read.bytes).split(/\r\n|\n|\r/);
    if (lines.at(-1) === '') lines.pop();
    return { ...read, lines };
  }
}

/** A line of minified code must not fill the result. */
export function clip(line: string, max = 400): string {
  const trimmed = line.trimEnd();
  return trimmed.length <= max ? trimmed : `${trimmed.slice(0, max)} [line cut: ${trimmed.length} characters]`;
}
