/**
 * The logs service of v1: a JSON-lines file goes up in chunks under the hash of its bytes, then a session is bound to the hash. There is no
 * resuming: an upload that was cut starts again under the same hash (protocol/v1.md).
 */

import { blake2s } from '@noble/hashes/blake2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { LogsOptions, LogsResult, Upload } from '../../core/client.ts';
import type { Endpoint } from '../../core/endpoint.ts';
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import type { Api } from './api.ts';
import { type Context, request } from './http.ts';
import { logsTableSchema, logsUploadSchema } from './wire.ts';

/** Bytes of lines in one request; the body is a little larger. */
const CHUNK_BYTES = 10_000_000;
/** A single line beyond this is no log line; it would have to be held in memory whole. */
const MAX_LINE_BYTES = CHUNK_BYTES;
const HASH_KEY = new TextEncoder().encode('secgemini');
/** Each try sends everything from the start. */
const TRIES = 3;
const CHUNK_RESPONSE_MS = 10 * 60_000;

/** BLAKE2s of the file, keyed with `secgemini`, lower-case hex. */
export async function logsHash(upload: Upload, signal?: AbortSignal): Promise<string> {
  const hash = blake2s.create({ key: HASH_KEY, dkLen: 32 });
  let size = 0;
  for await (const piece of upload.open()) {
    if (signal?.aborted === true) throw new SecGeminiError('cancelled', 'Cancelled.');
    hash.update(piece);
    size += piece.byteLength;
  }
  if (size !== upload.size)
    throw new SecGeminiError('invalidArgument', 'The log changed while it was being read.', { action: 'Try again.' });
  return bytesToHex(hash.digest());
}

/** Sends the log if the service does not hold it yet, and binds it to the session. */
export async function uploadLogs(
  context: Context,
  api: Api,
  service: Endpoint,
  session: { readonly id: string; readonly canLog: boolean },
  upload: Upload,
  options: LogsOptions,
): Promise<LogsResult> {
  const { signal } = options;
  const hash = await logsHash(upload, signal);
  const table = await request(context, {
    method: 'POST',
    path: '/create_logs_table',
    query: { logs_hash: hash, can_log: String(session.canLog) },
    endpoint: service,
    signal,
  });
  const created = api.check(logsTableSchema, table, 'the logs table').table_created;
  let lines = 0;
  if (created) lines = await uploadAll(context, api, service, { hash, canLog: session.canLog }, upload, options);
  await api.operation({
    method: 'POST',
    path: '/v1/session/attach_logs',
    query: { session_id: session.id, logs_hash: hash },
    signal,
  });
  return { hash, insertedLines: lines, alreadyThere: !created };
}

async function uploadAll(
  context: Context,
  api: Api,
  service: Endpoint,
  table: { readonly hash: string; readonly canLog: boolean },
  upload: Upload,
  options: LogsOptions,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      let lines = 0;
      let sent = 0;
      for await (const chunk of chunksOfLines(upload)) {
        const answer = await request(context, {
          method: 'POST',
          path: '/upload_logs',
          json: {
            logs_hash: table.hash,
            can_log: table.canLog,
            log_lines: chunk.lines,
            ...(options.fieldsMapping === undefined ? {} : { custom_fields_mapping: options.fieldsMapping }),
          },
          endpoint: service,
          signal: options.signal,
          responseMs: CHUNK_RESPONSE_MS,
        });
        lines += api.check(logsUploadSchema, answer, 'the uploaded lines').inserted_log_lines ?? 0;
        sent += chunk.bytes;
        options.onProgress?.(sent);
      }
      return lines;
    } catch (error) {
      const cut = isSecGeminiError(error, 'unavailable') || isSecGeminiError(error, 'timeout');
      if (!cut || attempt >= TRIES) throw error;
      context.log('warn', `The upload of ${upload.name} was cut; it starts again under the same hash.`);
      options.onRestart?.(attempt + 1);
      options.onProgress?.(0);
    }
  }
}

interface Chunk {
  readonly lines: readonly string[];
  /** Bytes of the file that these lines stand for. */
  readonly bytes: number;
}

/** Cuts a stream of bytes into groups of whole lines. Empty lines are left out, a missing last newline is fine, CRLF counts as one end. */
export async function* chunksOfLines(upload: Upload, limit = CHUNK_BYTES): AsyncGenerator<Chunk, void, void> {
  let lines: string[] = [];
  let held = 0;
  let seen = 0;
  let partial: Buffer[] = [];
  let partialBytes = 0;
  const take = (bytes: Buffer): void => {
    const line = bytes.toString('utf8').replace(/\r$/, '');
    if (line.trim() !== '') lines.push(line);
  };
  for await (const piece of upload.open()) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let from = 0;
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
      const end = bytes.subarray(from, at);
      take(partial.length === 0 ? end : Buffer.concat([...partial, end]));
      held += partialBytes + end.length + 1;
      partial = [];
      partialBytes = 0;
      from = at + 1;
      if (held >= limit) {
        seen += held;
        yield { lines, bytes: held };
        lines = [];
        held = 0;
      }
    }
    if (from < bytes.length) {
      // A copy: the source may use its buffer again.
      partial.push(Buffer.from(bytes.subarray(from)));
      partialBytes += bytes.length - from;
      if (partialBytes > MAX_LINE_BYTES)
        throw new SecGeminiError(
          'invalidArgument',
          `${upload.name} is no log of JSON lines: a line is larger than 10 MB.`,
        );
    }
  }
  if (partialBytes > 0) take(Buffer.concat(partial));
  held += partialBytes;
  seen += held;
  if (seen !== upload.size)
    throw new SecGeminiError('invalidArgument', 'The log changed while it was being sent.', { action: 'Try again.' });
  if (lines.length > 0) yield { lines, bytes: held };
}
