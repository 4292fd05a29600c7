/** The connection's ports, made of VS Code: settings, SecretStorage, remembered choices, the native question about an endpoint. */

import * as vscode from 'vscode';
import { createClient } from '../client/create-client.ts';
import { Connection, type ConnectionPorts } from '../core/connection.ts';
import { type DisposableStore, toDisposable } from '../core/disposable.ts';
import { Emitter } from '../core/emitter.ts';
import { isLoopback, parseEndpoint } from '../core/endpoint.ts';
import type { RetryDesk } from '../core/retry.ts';
import { withRetries } from '../core/retrying-client.ts';
import type { Protocol } from '../core/model.ts';
import { SECRET_PREFIX } from '../manifest.ts';
import type { HostLog } from './log.ts';
import { endpointSetting, readSetting } from './settings.ts';
import { SignOuts } from './storage/sign-outs.ts';

const SANDBOX_ACTIVE = 'secGemini.sandboxActive';
const CONFIRMED = 'secGemini.confirmedOrigins';
/** What each origin was found to speak; this machine's ports change hands and are asked every time. */
const PROTOCOLS = 'secGemini.protocols';
/** Time in which VS Code itself tells a window of the desktop that a secret was set elsewhere, with a good margin; milliseconds. */
const HEARS_MS = 3000;

export function createConnection(
  context: vscode.ExtensionContext,
  log: HostLog,
  store: DisposableStore,
  sandbox: ConnectionPorts['sandbox'],
  retries: RetryDesk,
): Connection {
  const settingsChanged = store.add(new Emitter<void>());
  const protocolChanged = store.add(new Emitter<void>());
  const secretsChanged = store.add(new Emitter<void>());
  store.add(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('secGemini.endpoint')) settingsChanged.fire();
      if (event.affectsConfiguration('secGemini.protocol')) protocolChanged.fire();
    }),
  );
  store.add(
    context.secrets.onDidChange((event) => {
      if (event.key.startsWith(SECRET_PREFIX)) secretsChanged.fire();
    }),
  );
  const timers = new Set<NodeJS.Timeout>();
  store.add(toDisposable(() => timers.forEach(clearTimeout)));
  /** A key that another window has set. Of the desktop this window hears by itself; in a browser it cannot see it before it is loaded anew. */
  const later = (origin: string): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      offerReload(context, origin).catch((error: unknown) => log.error('A reload could not be offered', error));
    }, HEARS_MS);
    timers.add(timer);
  };
  const signOuts = store.add(
    new SignOuts({
      path: vscode.Uri.joinPath(context.globalStorageUri, 'signed-out.json').fsPath,
      now: Date.now,
      log,
      heard: (origin, what) => {
        if (what === 'set') return later(origin);
        // Here, too: in a browser this window has a copy of its own. VS Code then says that the secret is another.
        void Promise.resolve(context.secrets.delete(SECRET_PREFIX + origin)).catch((error: unknown) =>
          log.error('A key that another window has forgotten could not be deleted', error),
        );
      },
    }),
  );
  void signOuts.start();
  const confirmed = (): readonly string[] => context.globalState.get<string[]>(CONFIRMED) ?? [];
  const protocols = (): Readonly<Record<string, Protocol>> =>
    context.globalState.get<Record<string, Protocol>>(PROTOCOLS) ?? {};
  return new Connection({
    settings: {
      endpoint: endpointSetting,
      onDidChange: settingsChanged.event,
      onDidChangeProtocol: protocolChanged.event,
    },
    secrets: {
      get: async (origin) => await context.secrets.get(SECRET_PREFIX + origin),
      store: async (origin, key) => {
        await context.secrets.store(SECRET_PREFIX + origin, key);
        await signOuts.tell(origin, 'set');
      },
      delete: async (origin) => {
        await context.secrets.delete(SECRET_PREFIX + origin);
        await signOuts.tell(origin);
      },
      onDidChange: secretsChanged.event,
    },
    memory: {
      sandboxActive: () => context.globalState.get<boolean>(SANDBOX_ACTIVE) ?? false,
      setSandboxActive: async (active) => await context.globalState.update(SANDBOX_ACTIVE, active),
      isConfirmed: (origin) => confirmed().includes(origin),
      confirm: async (origin) => await context.globalState.update(CONFIRMED, [...new Set([...confirmed(), origin])]),
    },
    environmentKey,
    createClient: async ({ endpoint, apiKey }) => {
      // Registered before the client exists: not even its first log line can hold the key.
      log.redactor.add(apiKey);
      const client = await createClient({
        endpoint,
        apiKey,
        protocol: readSetting('secGemini.protocol') ?? 'auto',
        knownProtocol: isLoopback(new URL(endpoint).hostname) ? undefined : protocols()[endpoint],
        onProtocol: (origin, protocol) =>
          void context.globalState.update(PROTOCOLS, { ...protocols(), [origin]: protocol }),
        proxySettings,
        // Some deployments sit behind an identity proxy (protocol v3).
        identityToken: () => process.env['SEC_GEMINI_OIDC_TOKEN'],
        log: (level, text) => log.write(level, text),
      });
      return withRetries(client, retries);
    },
    sandbox,
    confirmEndpoint: async (host) => {
      const choice = await vscode.window.showWarningMessage(
        `Use ${host} as Sec-Gemini endpoint?`,
        {
          modal: true,
          detail: `The API key, your questions and the files that you attach will go to ${host} instead of the default service. Agree only when you know who runs it.`,
        },
        'Use This Endpoint',
      );
      return choice === 'Use This Endpoint';
    },
    log,
  });
}

/** Only where this window waits for that key. */
async function offerReload({ secrets, globalState }: vscode.ExtensionContext, origin: string): Promise<void> {
  if (globalState.get<boolean>(SANDBOX_ACTIVE) === true || originOf(endpointSetting()) !== origin) return;
  if ((await secrets.get(SECRET_PREFIX + origin)) !== undefined || environmentKey() !== undefined) return;
  const choice = await vscode.window.showInformationMessage(
    'The Sec-Gemini API key was set in another window. This window can use it after a reload.',
    'Reload Window',
  );
  if (choice !== undefined) await vscode.commands.executeCommand('workbench.action.reloadWindow');
}

/** Undefined when it is no endpoint. */
function originOf(endpoint: string): string | undefined {
  try {
    return parseEndpoint(endpoint).origin;
  } catch {
    return undefined;
  }
}

function environmentKey(): string | undefined {
  const key = process.env['SEC_GEMINI_API_KEY']?.trim();
  return key === undefined || key === '' ? undefined : key;
}

/** The user's own proxy settings; a workspace has no say in where the key goes. */
function proxySettings(): { enabled: boolean; proxy: string; noProxy: readonly string[] } {
  const read = (key: string): unknown => {
    const found = vscode.workspace.getConfiguration('http').inspect(key);
    return found?.globalValue ?? found?.defaultValue;
  };
  const proxy = read('proxy');
  const noProxy = read('noProxy');
  return {
    enabled: read('proxySupport') !== 'off',
    proxy: typeof proxy === 'string' ? proxy : '',
    noProxy: Array.isArray(noProxy) ? noProxy.filter((entry) => typeof entry === 'string') : [],
  };
}
