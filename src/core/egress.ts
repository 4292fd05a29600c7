/**
 * The one gate through which files leave. Every way in (command, Explorer, tree, drop, tool) makes candidates; only the gate turns them into
 * `ClearedUpload`s, and SessionManager accepts nothing else, so a new way that goes round the gate does not compile.
 */

import { SecGeminiError } from './errors.ts';
import type { Upload } from './client.ts';
import { visibleText } from './visible-text.ts';

/** A file, buffer or selection that somebody wants to send. Nothing was read yet beyond what the size needed. */
export interface OutgoingFile {
  /** The name the service will see: a base name, made safe by `safeFileName`. */
  readonly name: string;
  /** Where it comes from, for the user's eyes: a path or `unsaved text of …`. */
  readonly origin: string;
  readonly size: number;
  readonly mimeType?: string | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/** What is about to happen, as the confirmation shows it. */
export interface EgressRequest {
  readonly sessionName: string;
  /** Scheme, host and port the bytes go to. */
  readonly destination: string;
  /** False: the service was asked not to log this session; undefined: not known. */
  readonly logging?: boolean | undefined;
  readonly files: readonly OutgoingFile[];
  readonly totalBytes: number;
}

export type EgressAnswer = 'send' | 'cancel' | { readonly only: readonly OutgoingFile[] };

export interface EgressPorts {
  /** Shows the native question "Send N files to Sec-Gemini?" with every name and size. Closing it is `cancel`. */
  confirm(request: EgressRequest): Promise<EgressAnswer>;
  /** Largest file in bytes that the setting and the protocol allow. */
  maxBytes(): number;
}

const CLEARED: unique symbol = Symbol('cleared by egress');

/** An upload that the user has seen and allowed. Only `Egress.clear` makes these. */
export interface ClearedUpload extends Upload {
  readonly [CLEARED]: true;
}

export class Egress {
  readonly #ports: EgressPorts;

  constructor(ports: EgressPorts) {
    this.#ports = ports;
  }

  /**
   * Checks the batch and asks the user once. Resolves with what may leave; an empty list when the user said no.
   * Rejects with `invalidArgument` for nothing to send and `tooLarge` (naming file, size and limit) before a byte is read.
   */
  async clear(
    files: readonly OutgoingFile[],
    about: Pick<EgressRequest, 'sessionName' | 'destination' | 'logging'>,
  ): Promise<readonly ClearedUpload[]> {
    if (files.length === 0)
      throw new SecGeminiError('invalidArgument', 'There is nothing to attach.', {
        action: 'Open or pick a file first.',
      });
    this.#refuseTooLarge(files);
    const answer = await this.#ports.confirm({ ...about, files, totalBytes: sum(files) });
    if (answer === 'cancel') return [];
    const allowed = answer === 'send' ? files : answer.only.filter((file) => files.includes(file));
    return allowed.map((file) => ({
      name: file.name,
      mimeType: file.mimeType,
      size: file.size,
      open: () => file.open(),
      [CLEARED]: true as const,
    }));
  }

  #refuseTooLarge(files: readonly OutgoingFile[]): void {
    const limit = this.#ports.maxBytes();
    for (const file of files) {
      if (file.size <= limit) continue;
      throw new SecGeminiError(
        'tooLarge',
        `${visibleText(file.name)} has ${formatBytes(file.size)}; the limit is ${formatBytes(limit)}. Nothing was read or sent.`,
        {
          action:
            'Attach a selection of it, or raise the setting "secGemini.attach.maxBytes" if the service allows it.',
        },
      );
    }
  }
}

function sum(files: readonly OutgoingFile[]): number {
  return files.reduce((total, file) => total + file.size, 0);
}

/** `1.5 MB`, `12 bytes`: decimal units, as services count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit] ?? 'TB'}`;
}

/**
 * A base name the wire can carry: no path, no control characters, at most 255 UTF-8 bytes with the extension kept. An empty result becomes
 * `file`. Header injection and path tricks end here (trust.md S33).
 */
export function safeFileName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const clean = base.replace(/[\u0000-\u001f\u007f-\u009f]/g, '').trim();
  if (clean === '' || clean === '.' || clean === '..') return 'file';
  const encoder = new TextEncoder();
  if (encoder.encode(clean).length <= 255) return clean;
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 16 ? clean.slice(dot) : '';
  const room = 255 - encoder.encode(extension).length;
  let stem = '';
  let used = 0;
  for (const character of clean.slice(0, clean.length - extension.length)) {
    used += encoder.encode(character).length;
    if (used > room) break;
    stem += character;
  }
  return stem + extension;
}
