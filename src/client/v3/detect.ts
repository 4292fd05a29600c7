/**
 * Finds out what an origin speaks, without a key: an empty call to the hub (v3), then a question of v1 that is refused without a key. Only
 * for an origin that the user has agreed to; the answer is worth remembering.
 */

// The bare names: VS Code's extension host patches exactly these for proxies and certificates (see ../transport.ts).
/* oxlint-disable unicorn/prefer-node-protocol */
import http from 'http';
import https from 'https';
/* oxlint-enable unicorn/prefer-node-protocol */
import { SecGeminiError, isSecGeminiError } from '../../core/errors.ts';
import type { Protocol } from '../../core/model.ts';
import { connectionOptions } from '../transport.ts';
import { type GrpcCall, openCall } from './call.ts';
import { Connection } from './connection.ts';
import { type Context, TIMES } from './context.ts';
import { cancelled } from './errors.ts';
import { HUB_PATH, identityHeaders } from './link.ts';

/** v3 where both are spoken. Rejects with `unavailable` when nobody answers, `protocol` when neither is spoken. */
export async function detectProtocol(context: Context): Promise<Protocol> {
  if (await speaksV3(context)) return 'v3';
  if (await speaksV1(context)) return 'v1';
  throw new SecGeminiError('protocol', `${context.endpoint.hostname} speaks neither protocol of Sec-Gemini.`, {
    action: 'Check secGemini.endpoint.',
  });
}

async function speaksV3(context: Context): Promise<boolean> {
  let connection: Connection;
  try {
    connection = await Connection.open(context, context.closed);
  } catch (error) {
    if (context.closed.aborted) throw cancelled();
    // TLS without HTTP/2 is an answer; one that cannot be reached is another matter.
    if (isSecGeminiError(error, 'protocol') || refusesHttp2(error)) return false;
    throw error;
  }
  try {
    return await emptyCall(context, connection);
  } finally {
    connection.close();
  }
}

/** OpenSSL's word for "no protocol in common". */
function refusesHttp2(error: unknown): boolean {
  return error instanceof Error && (/NO_APPLICATION_PROTOCOL/.test(error.message) || refusesHttp2(error.cause));
}

/** Opens the hub's stream and says nothing: a hub ends it, with or without words; anything else answers with something that is no gRPC. */
function emptyCall(context: Context, connection: Connection): Promise<boolean> {
  return new Promise((resolve) => {
    let call: GrpcCall | undefined;
    const finish = (): void => {
      cancelTimer();
      context.closed.removeEventListener('abort', finish);
      call?.cancel();
      resolve(call?.speaksGrpc === true);
    };
    const cancelTimer = context.clock.after(TIMES.answer, finish);
    context.closed.addEventListener('abort', finish, { once: true });
    try {
      call = openCall(connection, {
        path: HUB_PATH,
        headers: identityHeaders(context),
        redact: context.redact,
        events: {
          onMessage: () => undefined,
          onOversize: () => undefined,
          onAlive: () => undefined,
          onEnd: finish,
        },
      });
      call.end();
    } catch {
      finish();
    }
  });
}

/** v1 asks for a key here; what is not v1 has no such path. GET /health would not tell: it is not part of the protocol, and common. */
function speaksV1(context: Context): Promise<boolean> {
  const { endpoint } = context;
  const host = endpoint.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const request = (endpoint.secure ? https : http).request({
      host,
      port: endpoint.port,
      path: '/v1/user/info',
      method: 'GET',
      headers: { accept: 'application/json' },
      ...connectionOptions(context.transport, { secure: endpoint.secure, host, port: endpoint.port }),
    } as http.RequestOptions);
    const stop = (): void => {
      cancelTimer();
      context.closed.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      stop();
      request.destroy();
      reject(cancelled());
    };
    const cancelTimer = context.clock.after(TIMES.answer, () => {
      stop();
      request.destroy();
      resolve(false);
    });
    context.closed.addEventListener('abort', abort, { once: true });
    request.on('response', (response) => {
      stop();
      response.resume();
      request.destroy();
      const status = response.statusCode ?? 0;
      // Behind an identity proxy, or while it restarts, it is still v1 that is there: the first real request will say what is wrong.
      resolve((status >= 200 && status < 300) || [401, 403, 422, 429].includes(status) || status >= 500);
    });
    request.on('error', () => {
      stop();
      resolve(false);
    });
    request.end();
  });
}
