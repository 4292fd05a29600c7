/** One file into one session, by chunks, at the speed of the network. A few chunks at most are held, whatever the file's size. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { AttachOptions, Upload } from '../../core/client.ts';
import { SecGeminiError, toSecGeminiError } from '../../core/errors.ts';
import { type GrpcCall, openCall } from './call.ts';
import { Connection } from './connection.ts';
import { type Context, TIMES } from './context.ts';
import { cancelled, lost } from './errors.ts';
import { UploadFileRequestSchema, UploadFileResponseSchema } from './gen/api_hub_pb.js';
import { identityHeaders } from './link.ts';

const PATH = '/secgemini.api_hub.ApiHub/UploadFile';
const CHUNK = 1_000_000;
const BACKLOG = 4 * CHUNK;

/** Field 2 of UploadFileRequest, length-delimited. */
const CHUNK_TAG = 0x12;

/** The name as the service gets it: only the last part of a path, no control characters, at most 255 bytes. */
export function uploadName(name: string): string {
  const base = (name.split(/[\\/]/).at(-1) ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '');
  let short = base;
  while (Buffer.byteLength(short, 'utf8') > 255) short = [...short].slice(0, -1).join('');
  if (short === '' || short === '.' || short === '..')
    throw new SecGeminiError('invalidArgument', 'The file has no name.', {
      action: 'Give it a name and attach it again.',
    });
  return short;
}

/**
 * Sends a file. Rejects with `invalidArgument` when the source yields another number of bytes than it said; nothing is attached then, and
 * neither after a cancel. `onStarted` is called when the service is about to hear of the file. Uses a connection of its own, so that a slow upload delays no answer.
 */
export async function uploadFile(
  context: Context,
  sessionId: string,
  name: string,
  upload: Upload,
  options: AttachOptions,
  onStarted: () => void,
): Promise<void> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const { signal } = options;
  if (context.closed.aborted || signal?.aborted === true) throw cancelled();
  context.closed.addEventListener('abort', abort, { once: true });
  signal?.addEventListener('abort', abort, { once: true });
  let connection: Connection | undefined;
  try {
    connection = await Connection.open(context, stop.signal);
    await transfer(context, connection, {
      sessionId,
      name,
      upload,
      onProgress: options.onProgress,
      signal: stop.signal,
      onStarted,
    });
  } catch (error) {
    throw stop.signal.aborted ? cancelled() : toSecGeminiError(error);
  } finally {
    context.closed.removeEventListener('abort', abort);
    signal?.removeEventListener('abort', abort);
    connection?.close();
  }
}

interface Transfer {
  readonly sessionId: string;
  readonly name: string;
  readonly upload: Upload;
  readonly onProgress: ((sentBytes: number) => void) | undefined;
  readonly signal: AbortSignal;
  readonly onStarted: () => void;
}

async function transfer(context: Context, connection: Connection, job: Transfer): Promise<void> {
  const answers: Uint8Array[] = [];
  const over = new AbortController();
  let onEnd: (error: SecGeminiError | undefined) => void = () => undefined;
  const ended = new Promise<SecGeminiError | undefined>((resolve) => {
    onEnd = resolve;
  });
  const call = openCall(connection, {
    path: PATH,
    headers: {
      ...identityHeaders(context),
      'sec-gemini-api-key': context.apiKey,
      'x-sec-gemini-env': 'public',
    },
    redact: context.redact,
    events: {
      onMessage: (payload) => {
        if (payload !== undefined) answers.push(payload.slice());
      },
      onOversize: () => undefined,
      onAlive: () => undefined,
      onEnd: (error) => {
        over.abort();
        onEnd(error);
      },
    },
  });
  const abort = (): void => call.cancel();
  job.signal.addEventListener('abort', abort, { once: true });
  const watch = stallWatch(context, call);
  try {
    if (job.signal.aborted) throw cancelled();
    await send(call, job, over.signal, watch.moved);
    const error = await ended;
    if (watch.stalled()) throw new SecGeminiError('timeout', 'The service took no more of the file.');
    if (error !== undefined) throw error;
  } finally {
    watch.stop();
    job.signal.removeEventListener('abort', abort);
    call.cancel();
  }
  const [answer] = answers;
  if (answer === undefined) throw lost('no answer to the upload');
  const { success, errorMessage } = fromBinary(UploadFileResponseSchema, answer);
  if (!success) throw refusal(context.redact(errorMessage));
}

function refusal(said: string): SecGeminiError {
  const code = /session/i.test(said) && /not found|unknown|expired/i.test(said) ? 'notFound' : 'invalidArgument';
  return new SecGeminiError(code, `The service did not take the file${said === '' ? '.' : `: ${said.slice(0, 300)}`}`, {
    action: 'Check the session and the file, then attach it again.',
  });
}

/** Writes metadata and chunks; ends early when the call is over. */
async function send(call: GrpcCall, job: Transfer, over: AbortSignal, moved: () => void): Promise<void> {
  const { upload, sessionId, name } = job;
  const metadata = create(UploadFileRequestSchema, {
    payload: {
      case: 'metadata',
      value: { filename: name, contentType: upload.mimeType ?? 'application/octet-stream', sessionId },
    },
  });
  // Not before the first chunk is whole: a small file that is not what it said leaves no trace at all.
  let introduced = false;
  const introduce = (): void => {
    if (introduced) return;
    introduced = true;
    job.onStarted();
    call.write(toBinary(UploadFileRequestSchema, metadata));
  };
  let sent = 0;
  // What the network has taken is filled again: new memory for every chunk costs more than the copying.
  const spare: Buffer[] = [];
  const flush = async (chunk: Buffer): Promise<void> => {
    introduce();
    call.writeParts(chunkHead(chunk.length), chunk, () => {
      if (chunk.length === CHUNK) spare.push(chunk);
    });
    // A few chunks on their way keep the line busy while the next one is read.
    if (call.backlog >= BACKLOG) await call.drained();
    sent += chunk.length;
    moved();
    if (!over.aborted) job.onProgress?.(sent);
  };
  for await (const chunk of chunksOf(upload.open(), upload.size, spare)) {
    // A cancel counts at once; that the call is over comes a moment later.
    if (over.aborted || job.signal.aborted) return;
    await flush(chunk);
  }
  if (over.aborted || job.signal.aborted) return;
  introduce();
  call.end();
}

/** Cuts what the source yields into chunks of one size, in `spare` memory where there is some. Throws when it yields another number of bytes than it said. */
async function* chunksOf(
  source: AsyncIterable<Uint8Array>,
  size: number,
  spare: Buffer[],
): AsyncGenerator<Buffer, void, void> {
  let total = 0;
  let buffer: Buffer | undefined;
  let filled = 0;
  for await (const piece of source) {
    total += piece.length;
    if (total > size) throw changed();
    let rest = piece;
    while (rest.length > 0) {
      // Memory of its own: the network still reads the chunk before.
      const wanted = Math.min(CHUNK, size - (total - rest.length) + filled);
      buffer ??= (wanted === CHUNK ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(wanted);
      const taken = rest.subarray(0, buffer.length - filled);
      buffer.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < buffer.length) continue;
      yield buffer;
      buffer = undefined;
      filled = 0;
    }
  }
  if (total !== size) throw changed();
}

function chunkHead(length: number): Uint8Array {
  const bytes = [CHUNK_TAG];
  let rest = length;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

function changed(): SecGeminiError {
  return new SecGeminiError('invalidArgument', 'The file changed while it was being sent; nothing was attached.', {
    action: 'Save the file and attach it again.',
  });
}

/** Ends the call when nothing moved for a minute: a hung service must not hold the file for ever. */
function stallWatch(context: Context, call: GrpcCall): { moved: () => void; stalled: () => boolean; stop: () => void } {
  let movedAt = context.clock.now();
  let stalled = false;
  let cancel = (): void => undefined;
  const arm = (ms: number): void => {
    cancel = context.clock.after(ms, () => {
      const left = movedAt + TIMES.request - context.clock.now();
      if (left > 0) return arm(left);
      stalled = true;
      call.cancel();
    });
  };
  arm(TIMES.request);
  return {
    moved: () => {
      movedAt = context.clock.now();
    },
    stalled: () => stalled,
    stop: () => cancel(),
  };
}
