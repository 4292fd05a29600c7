/** A file as v1 wants it: base64 inside one JSON body, made while it is sent, so that no file is ever whole in memory (F28, T17). */

import { createHash } from 'node:crypto';
import type { Upload } from '../../core/client.ts';
import { SecGeminiError } from '../../core/errors.ts';
import type { BodySource } from './http.ts';

export interface AttachmentBody extends BodySource {
  /** SHA-256 of what was sent, lower-case hex; known once `chunks` has ended. */
  sha256(): string;
}

/** Bytes turned into base64 at once; a multiple of 3, so that no padding falls between two slices. */
const SLICE = 3 * 64 * 1024;

/** The body of POST /v1/session/attach_file, with its exact length. `onProgress` counts bytes of the file handed to the network. */
export function attachmentBody(
  sessionId: string,
  upload: Upload,
  onProgress: ((sentBytes: number) => void) | undefined,
): AttachmentBody {
  if (!Number.isSafeInteger(upload.size) || upload.size < 0)
    throw new SecGeminiError('invalidArgument', 'The size of the file is not known.');
  const fields = {
    session_id: sessionId,
    filename: upload.name,
    ...(upload.mimeType === undefined ? {} : { mime_type: upload.mimeType }),
  };
  const head = Buffer.from(`${JSON.stringify(fields).slice(0, -1)},"content":"`, 'utf8');
  const tail = Buffer.from('"}', 'utf8');
  const hash = createHash('sha256');
  let digest: string | undefined;
  return {
    length: head.length + Math.ceil(upload.size / 3) * 4 + tail.length,
    sha256: () => (digest ??= hash.digest('hex')),
    async *chunks() {
      yield head;
      let sent = 0;
      let rest: Buffer = Buffer.alloc(0);
      for await (const piece of upload.open()) {
        sent += piece.byteLength;
        if (sent > upload.size) throw changed();
        hash.update(piece);
        const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        // Only the one or two bytes over a multiple of three are carried along.
        let at = 0;
        if (rest.length > 0) {
          const needed = Math.min(3 - rest.length, bytes.length);
          rest = Buffer.concat([rest, bytes.subarray(0, needed)]);
          at = needed;
          if (rest.length < 3) continue;
          yield Buffer.from(rest.toString('base64'), 'latin1');
          rest = Buffer.alloc(0);
        }
        const whole = at + Math.floor((bytes.length - at) / 3) * 3;
        for (; at < whole; at += SLICE) {
          yield Buffer.from(bytes.toString('base64', at, Math.min(at + SLICE, whole)), 'latin1');
        }
        rest = Buffer.from(bytes.subarray(whole));
        onProgress?.(sent);
      }
      if (sent !== upload.size) throw changed();
      if (rest.length > 0) yield Buffer.from(rest.toString('base64'), 'latin1');
      yield tail;
      onProgress?.(sent);
    },
  };
}

function changed(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'The file changed while it was being sent; nothing was attached.', {
    action: 'Save the file and attach it again.',
  });
}
