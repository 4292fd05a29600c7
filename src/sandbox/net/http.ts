/** The HTTP side of a request: its body within limits, its answer, and errors in the shape of the service (`{"detail": …}`). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type * as z from 'zod/mini';
import { inWords } from '../../core/zod-words.ts';
import { BODY_LIMITS, parseJson } from './json.ts';

/** Ends a request with this status and `{"detail": detail}`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, detail: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** One entry of a 422's `detail`. */
export interface FieldError {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(bytes);
}

/** Refuses an upgrade on the bare connection: there is no response object yet. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string, detail: string): void {
  const body = JSON.stringify({ detail });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

/** The whole body. Throws HttpError 413 as soon as it is known to be longer than `most` bytes. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const tooLarge = (): HttpError =>
    new HttpError(413, `Request body too large: at most ${most} bytes.`, { connection: 'close' });
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > most) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** The body as JSON of this shape. Throws HttpError 422 that names the wrong fields, as the service does. */
export async function readJson<T>(request: IncomingMessage, schema: z.ZodMiniType<T>, most: number): Promise<T> {
  const body = await readBody(request, most);
  if (body.length === 0)
    throw new HttpError(422, [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]);
  let json: unknown;
  try {
    json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body), BODY_LIMITS);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HttpError(422, [
      { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {}, ctx: { error: why } },
    ]);
  }
  return checked(json, schema, 'body');
}

/** `value` of this shape, else HttpError 422. `where` is the first part of each field's place: body or query. */
export function checked<T>(value: unknown, schema: z.ZodMiniType<T>, where: 'body' | 'query'): T {
  const result = schema.safeParse(value, inWords);
  if (result.success) return result.data;
  throw new HttpError(422, fieldErrors(result.error, value, where));
}

/** zod's issues in the service's words. */
export function fieldErrors(error: z.core.$ZodError, value: unknown, where: string): FieldError[] {
  return error.issues.map((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const loc = [where, ...path];
    if (at(value, path) === undefined) return { type: 'missing', loc, msg: 'Field required' };
    if (issue.code === 'invalid_type') {
      const wanted = issue.expected === 'int' ? 'integer' : issue.expected;
      return {
        type: `${TYPE_NAMES[issue.expected] ?? issue.expected}_type`,
        loc,
        msg: `Input should be a valid ${wanted}`,
      };
    }
    if (issue.code === 'invalid_value') {
      return { type: 'enum', loc, msg: `Input should be ${issue.values.map((one) => `'${String(one)}'`).join(', ')}` };
    }
    return { type: 'value_error', loc, msg: issue.message };
  });
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'int',
  number: 'float',
  boolean: 'bool',
  array: 'list',
  object: 'dict',
  record: 'dict',
};

function at(value: unknown, path: readonly (string | number)[]): unknown {
  let here: unknown = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}
