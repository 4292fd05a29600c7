/** The only entry of this room that the host uses: an endpoint and a key become a SecGeminiClient. */

import type { SecGeminiClient } from '../core/client.ts';
import { parseEndpoint } from '../core/endpoint.ts';
import type { Protocol } from '../core/model.ts';
import { createRedactor } from '../core/redact.ts';
import { type Clock, systemClock } from './clock.ts';
import { type TransportOptions, proxyFromEnvironment } from './transport.ts';
import type { LogLevel, Timeouts } from './v1/http.ts';
import type { V3Client } from './v3/client.ts';
import type { Context as V3Context } from './v3/context.ts';

/** `http.proxySupport`, `http.proxy` and `http.noProxy` as the user has them; what is empty is taken from the environment. */
export interface ProxySettings {
  readonly enabled: boolean;
  readonly proxy: string;
  readonly noProxy: readonly string[];
}

export interface ClientOptions {
  /** See parseEndpoint: https, or http to this machine; nothing is resolved or connected before it is checked. */
  readonly endpoint: string;
  readonly apiKey: string;
  /** `auto` asks the origin what it speaks, without the key; the caller has asked the user about the origin before. */
  readonly protocol: Protocol | 'auto';
  /** For `auto`: what this origin was found to speak before. It is not asked again then. */
  readonly knownProtocol?: Protocol | undefined;
  /** For `auto`: told once the origin has said what it speaks. */
  readonly onProtocol?: ((origin: string, protocol: Protocol) => void) | undefined;
  /** Inside VS Code leave it out, see transport.ts. */
  readonly transport?: TransportOptions | undefined;
  /**
   * Inside VS Code, for v3: http2 is not among what the extension host patches, so our own tunnel follows the editor's settings. Asked at
   * every new connection.
   */
  readonly proxySettings?: (() => ProxySettings) | undefined;
  /** Lines come redacted. */
  readonly log?: ((level: LogLevel, text: string) => void) | undefined;
  /** Base URL of the logs service; without it `capabilities.logs` is false. The caller has asked the user about its origin. */
  readonly logsService?: string | undefined;
  /** v3: an OIDC token for a deployment behind an identity proxy (SEC_GEMINI_OIDC_TOKEN); sent only to the host it was made for. */
  readonly identityToken?: (() => string | undefined) | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/**
 * Makes a client; with a named protocol it connects to nothing yet. Rejects with `invalidArgument` for an endpoint that may not be used;
 * `auto` rejects with `unavailable` when the origin does not answer. The code of a protocol is loaded on its first use.
 */
export async function createClient(options: ClientOptions): Promise<SecGeminiClient> {
  const { protocol } = options;
  const spoken = protocol === 'auto' ? await fittingProtocol(options) : protocol;
  if (spoken === 'v3') return createV3Client(options);
  const { createV1Client } = await import('./v1/create.ts');
  return createV1Client(options);
}

/** What this origin speaks: as it is remembered, else as it says. */
async function fittingProtocol(options: ClientOptions): Promise<Protocol> {
  if (options.knownProtocol !== undefined) return options.knownProtocol;
  const { detectProtocol } = await import('./v3/detect.ts');
  const { context, closing } = v3Context(options);
  try {
    const protocol = await detectProtocol(context);
    options.onProtocol?.(context.endpoint.origin, protocol);
    return protocol;
  } finally {
    closing.abort();
  }
}

/** As createClient, with everything that v3 can do as members that are surely there. */
export async function createV3Client(options: ClientOptions): Promise<V3Client> {
  const { context, closing } = v3Context(options);
  const { V3Client } = await import('./v3/client.ts');
  return new V3Client(context, closing);
}

function tunnelOf(settings: ClientOptions['proxySettings']): TransportOptions {
  if (settings === undefined) return {};
  return {
    proxyFor: (target) => {
      const { enabled, proxy, noProxy } = settings();
      if (!enabled) return undefined;
      const { env } = process;
      const own = proxy === '' ? {} : { https_proxy: proxy, http_proxy: proxy };
      return proxyFromEnvironment({ ...env, ...own, ...(noProxy.length === 0 ? {} : { no_proxy: noProxy.join(',') }) })(
        target,
      );
    },
  };
}

function v3Context(options: ClientOptions): { readonly context: V3Context; readonly closing: AbortController } {
  const endpoint = parseEndpoint(options.endpoint);
  const redactor = createRedactor();
  redactor.add(options.apiKey);
  const redact = (text: string): string => redactor.redact(text);
  const closing = new AbortController();
  const { log, identityToken } = options;
  return {
    closing,
    context: {
      endpoint,
      apiKey: options.apiKey,
      transport: options.transport ?? tunnelOf(options.proxySettings),
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      log: (level, text) => log?.(level, redact(text)),
      redact,
      closed: closing.signal,
      identityToken: () => {
        const token = identityToken?.();
        if (token !== undefined) redactor.add(token);
        return token;
      },
    },
  };
}
