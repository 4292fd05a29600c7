/**
 * How bytes reach the service: directly, through a proxy, with which certificate authorities.
 *
 * Inside VS Code leave `proxyFor` undefined. The extension host hands every extension patched copies of `http` and `https` (and of `tls` and
 * `net`) when it asks for exactly these names by `require`: they apply http.proxy, http.noProxy, http.proxySupport, http.proxyAuthorization,
 * the environment and the system's certificates. Two things keep us on that path: the specifiers here are `http` and `https` (with the
 * `node:` prefix the hook does not see them; ws asks for the bare names too), and no request names an `agent` or a `ca`.
 * In a plain Node process there is no such patch: there `proxyFor: proxyFromEnvironment()` makes our own CONNECT tunnel.
 */

import net from 'node:net';
import tls from 'node:tls';
import { SecGeminiError } from '../core/errors.ts';
import { isLoopback } from '../core/endpoint.ts';

export interface ProxyTarget {
  readonly secure: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A proxy that understands CONNECT. */
export interface ProxyServer {
  readonly host: string;
  readonly port: number;
  /** TLS to the proxy itself. */
  readonly secure: boolean;
  /** The value of Proxy-Authorization. */
  readonly authorization?: string | undefined;
}

export interface TransportOptions {
  /** Asked at every new connection, so that a changed setting counts from the next one on. Undefined: what the process does by itself. */
  readonly proxyFor?: ((target: ProxyTarget) => ProxyServer | undefined | Promise<ProxyServer | undefined>) | undefined;
  /** Certificate authorities in PEM that are trusted besides the built-in ones. Certificates are always verified. */
  readonly extraCa?: readonly string[] | undefined;
  /** False does not verify the certificate of an https proxy (VS Code's http.proxyStrictSSL); the service's own always is. */
  readonly proxyStrictSsl?: boolean | undefined;
}

/** What a request's options get from the transport. */
export interface ConnectionOptions {
  ca?: string[];
  createConnection?: (options: net.NetConnectOpts, oncreate: OnCreate) => net.Socket;
}

/** How Node takes a socket that was not ready at once; documented, though not in the types. */
type OnCreate = (error: Error | null, socket?: net.Socket) => void;

const CONNECT_TIMEOUT_MS = 15_000;
/** An answer to CONNECT longer than this is no proxy's. */
const MAX_CONNECT_ANSWER = 16 * 1024;

/** The options that carry a request to `target` as the transport wants it. */
export function connectionOptions(transport: TransportOptions, target: ProxyTarget): ConnectionOptions {
  const ca = transport.extraCa === undefined || transport.extraCa.length === 0 ? undefined : trusted(transport.extraCa);
  const { proxyFor } = transport;
  if (proxyFor === undefined) return ca === undefined ? {} : { ca };
  return {
    createConnection(_options, oncreate) {
      connect(transport, target, ca).then(
        (socket) => oncreate(null, socket),
        (error: unknown) => oncreate(error instanceof Error ? error : new Error(String(error))),
      );
      // Node waits for `oncreate` when nothing is returned.
      return undefined as unknown as net.Socket;
    },
  };
}

function trusted(extra: readonly string[]): string[] {
  return [...tls.rootCertificates, ...extra];
}

async function connect(
  transport: TransportOptions,
  target: ProxyTarget,
  ca: string[] | undefined,
): Promise<net.Socket> {
  const proxy = isLoopback(target.host) ? undefined : await transport.proxyFor?.(target);
  const carrier = proxy === undefined ? undefined : await tunnel(proxy, target, transport, ca);
  if (!target.secure) return carrier ?? net.connect({ host: target.host, port: target.port });
  return tls.connect({
    host: target.host,
    port: target.port,
    ...(net.isIP(target.host) === 0 ? { servername: target.host } : {}),
    ALPNProtocols: ['http/1.1'],
    ...(ca === undefined ? {} : { ca }),
    ...(carrier === undefined ? {} : { socket: carrier }),
  });
}

/** Opens a CONNECT tunnel. Rejects with `unavailable` (407: `permissionDenied`); the proxy's credentials are in no message. */
export function tunnel(
  proxy: ProxyServer,
  target: ProxyTarget,
  transport: TransportOptions,
  ca: string[] | undefined,
): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const where = `the proxy ${proxy.host}:${proxy.port}`;
    const socket = proxy.secure
      ? tls.connect({
          host: proxy.host,
          port: proxy.port,
          ...(net.isIP(proxy.host) === 0 ? { servername: proxy.host } : {}),
          // Only the hop to the proxy, and only because the user said so in VS Code's own setting: the service is verified inside.
          rejectUnauthorized: transport.proxyStrictSsl !== false,
          ...(ca === undefined ? {} : { ca }),
        })
      : net.connect({ host: proxy.host, port: proxy.port });
    const timer = setTimeout(() => fail(`${where} did not answer.`), CONNECT_TIMEOUT_MS);
    let answer = Buffer.alloc(0);
    const fail = (message: string, code: 'unavailable' | 'permissionDenied' = 'unavailable'): void => {
      finish();
      socket.destroy();
      reject(
        new SecGeminiError(code, `Could not connect: ${message}`, {
          action: 'Check the proxy settings (http.proxy, http.noProxy, or HTTPS_PROXY and NO_PROXY).',
        }),
      );
    };
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf('\r\n\r\n');
      if (end === -1) {
        if (answer.length > MAX_CONNECT_ANSWER) fail(`${where} sent an endless answer.`);
        return;
      }
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer.subarray(0, end).toString('latin1'))?.[1] ?? 0);
      if (status === 407) return fail(`${where} wants a user name and a password.`, 'permissionDenied');
      if (status !== 200) return fail(`${where} refused the connection (${status || 'no HTTP answer'}).`);
      finish();
      socket.pause();
      const rest = answer.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    const onError = (error: NodeJS.ErrnoException): void => fail(`${where} failed (${error.code ?? error.message}).`);
    const onEnd = (): void => fail(`${where} closed the connection.`);
    const finish = (): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onError).off('end', onEnd);
      // A tunnel that breaks between here and its user must not end the process.
      socket.once('error', () => undefined);
    };
    const host = net.isIPv6(target.host) ? `[${target.host}]` : target.host;
    const head = [
      `CONNECT ${host}:${target.port} HTTP/1.1`,
      `Host: ${host}:${target.port}`,
      ...(proxy.authorization === undefined ? [] : [`Proxy-Authorization: ${proxy.authorization}`]),
    ];
    socket.once(proxy.secure ? 'secureConnect' : 'connect', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    socket.on('data', onData).on('error', onError).on('end', onEnd);
  });
}

/** HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY as curl and VS Code read them: lower case first, `*` for everything, suffixes, ports. */
export function proxyFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): (target: ProxyTarget) => ProxyServer | undefined {
  const read = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? '';
  return (target) => {
    if (isLoopback(target.host) || isExcluded(target, read('NO_PROXY'))) return undefined;
    const own = target.secure ? read('HTTPS_PROXY') : read('HTTP_PROXY');
    return parseProxy(own || read('ALL_PROXY') || (target.secure ? read('HTTP_PROXY') : ''));
  };
}

/** A proxy's URL. Undefined for an empty text; throws `invalidArgument` for what is no http(s) proxy, without repeating it. */
export function parseProxy(text: string): ProxyServer | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const refusal = new SecGeminiError('invalidArgument', 'The proxy is not an http:// or https:// address.', {
    action: 'Correct http.proxy or HTTPS_PROXY.',
  });
  let url: URL;
  try {
    url = new URL(trimmed.includes('://') ? trimmed : `http://${trimmed}`);
  } catch {
    throw refusal;
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refusal;
  const secure = url.protocol === 'https:';
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
    ...(url.username === '' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
  };
}

function isExcluded(target: ProxyTarget, list: string): boolean {
  const host = `.${target.host.toLowerCase()}`;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const bare = name.replace(/^\*?\.?/, '');
      return bare !== '' && host.endsWith(`.${bare}`) && (port === undefined || Number(port) === target.port);
    });
}
