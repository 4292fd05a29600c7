/** One webview panel per session: opened, revealed, restored after a reload. The conversation itself is the controller's business. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { toDisposable } from '../../core/disposable.ts';
import { errorInfo } from '../../core/errors.ts';
import { late } from '../../core/late.ts';
import type { SessionAction } from '../../core/session-state.ts';
import { sessionRow } from '../../core/session-tree.ts';
import { labelText } from '../../core/visible-text.ts';
import { CHAT_PANEL } from '../../manifest.ts';
import { ChatController } from '../../panel/chat-controller.ts';
import { chatHtml } from '../../panel/html.ts';
import type { PanelEnvironment } from '../../panel/protocol.ts';
import { pickSession, sessionArgument } from '../pick-session.ts';
import type { Feature, Services } from '../services.ts';
import { readSetting } from '../settings.ts';
import { EditorChatHost } from './editor-chat-host.ts';
import { TranscriptDocuments } from './transcript-document.ts';

export interface ChatFeature extends Feature {
  restore(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** The session whose panel is in front. */
  active(): string | undefined;
  /** Shuts the panel of a session; false when there is none. */
  close(sessionId: string): boolean;
}

const MAY_REDACT: ReadonlySet<string> = new Set(['turnStart', 'queue', 'attachments', 'history']);

/** The line of a local tool comes when its output, redacted or not, is about to leave. */
function mayRedact(action: SessionAction): boolean {
  return MAY_REDACT.has(action.type) || (action.type === 'message' && action.message.id.startsWith('local:tool:'));
}

interface OpenPanel {
  readonly panel: vscode.WebviewPanel;
  readonly controller: ChatController;
}

/** Memento: log and debug messages are shown. */
const SHOWS_LOG = 'secGemini.showsLog';

/** `onPanelClosed`: the panel of this session is gone, by the user or by a command. */
export function createChatFeature(services: Services, onPanelClosed: (sessionId: string) => void): ChatFeature {
  const { context, sessions, connection, log, store } = services;
  const panels = new Map<string, OpenPanel>();
  const transcripts = store.add(new TranscriptDocuments(sessions));
  const tellPanels = (): void => {
    for (const { controller } of panels.values()) controller.setEnvironment(environment());
  };
  const chatHost = late(
    () =>
      new EditorChatHost(services, async (shows) => {
        await context.globalState.update(SHOWS_LOG, shows);
        tellPanels();
      }),
  );
  const webviewRoot = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');
  /** Of every panel, new or restored: by default the page could read the workspace (trust.md S07). */
  const pageOptions: vscode.WebviewOptions = {
    enableScripts: true,
    localResourceRoots: [webviewRoot],
    enableForms: false,
  };

  const environment = (): PanelEnvironment => ({
    ...(connection.isSandbox ? { badge: 'Local sandbox — no model' } : {}),
    endpoint: connection.status.kind === 'connected' ? new URL(connection.status.origin).host : '',
    cancels: sessions.client?.capabilities.cancel ?? false,
    pauses: sessions.client?.capabilities.pause ?? false,
    asksAlways: sessions.client?.capabilities.alwaysAsk ?? false,
    showsLog: context.globalState.get<boolean>(SHOWS_LOG, false),
    showsReasoning: readSetting('secGemini.chat.showReasoning') !== false,
    ready: sessions.client !== undefined,
    connecting: connection.status.kind === 'connecting',
    ...('error' in connection.status ? { trouble: errorInfo(connection.status.error) } : {}),
    enterSends: readSetting('secGemini.chat.enterSends') !== false,
  });

  /** The panel that a command without an argument means. */
  const nearest = (): OpenPanel | undefined => {
    const open = [...panels.values()];
    return open.find(({ panel }) => panel.active) ?? open.find(({ panel }) => panel.visible) ?? open.at(-1);
  };

  const tellActive = (): void => {
    const panel = nearest();
    services.shownSession.set([...panels].find(([, open]) => open === panel)?.[0]);
  };

  /** Sessions share a column beside the editor: the second one must not take the editor's place or make a third. */
  const column = (): vscode.ViewColumn => nearest()?.panel.viewColumn ?? vscode.ViewColumn.Beside;

  const fill = (panel: vscode.WebviewPanel, sessionId: string): ChatController => {
    const { webview } = panel;
    webview.options = pageOptions;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'media', name);
    panel.iconPath = { light: icon('panel-light.svg'), dark: icon('panel-dark.svg') };
    const title = (): string => {
      const state = sessions.state(sessionId);
      return state === undefined ? panel.title : labelText(state.info.name, 60);
    };
    const controller = new ChatController({
      model: sessions,
      sessionId,
      port: {
        post: (message) => void webview.postMessage(message),
        onMessage: (listener) => webview.onDidReceiveMessage(listener),
      },
      host: chatHost,
      environment: environment(),
      onError: (error) => log.error('The chat panel failed', error),
      onBroken: (reason) => void offerReload(reason),
    });
    const showSecrets = (): void =>
      void services.secretMap(sessionId).then(
        (map) => controller.setPlaceholders(map),
        (error: unknown) => log.error('The placeholders of a session cannot be read', error),
      );
    const html = (): string =>
      chatHtml({
        nonce: randomBytes(24).toString('base64url'),
        scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot, 'main.js')).toString(),
        styleUri: webview.asWebviewUri(vscode.Uri.joinPath(webviewRoot, 'style.css')).toString(),
        cspSource: webview.cspSource,
        title: title(),
        language: vscode.env.language,
      });
    const offerReload = async (reason: 'version' | 'silent'): Promise<void> => {
      const words = reason === 'version' ? 'belongs to another version of the extension' : 'does not answer';
      const choice = await vscode.window.showWarningMessage(
        `The panel "${panel.title}" ${words}. Nothing is lost.`,
        'Reload Panel',
      );
      if (choice !== undefined) webview.html = html();
    };
    const listeners = vscode.Disposable.from(
      vscode.window.onDidChangeWindowState((window) => {
        if (!window.focused || !panel.visible) return;
        controller.cameBack();
        sessions.markSeen(sessionId);
      }),
      panel.onDidChangeViewState(() => {
        controller.setVisible(panel.visible);
        tellActive();
        if (panel.visible) sessions.markSeen(sessionId);
      }),
      toDisposable(
        (
          (listener) => () =>
            listener.dispose()
        )(
          sessions.onDidChange((change) => {
            if (change.sessionId !== sessionId) return;
            if (change.action.type === 'info') panel.title = title();
            // A redaction comes right before what it was made for is sent.
            if (mayRedact(change.action)) showSecrets();
            if (change.state.unread > 0 && panel.visible && vscode.window.state.focused) sessions.markSeen(sessionId);
          }),
        ),
      ),
      controller,
    );
    showSecrets();
    panel.title = title();
    webview.html = html();
    panels.set(sessionId, { panel, controller });
    tellActive();
    const owned = store.add(toDisposable(() => panel.dispose()));
    panel.onDidDispose(() => {
      listeners.dispose();
      if (panels.get(sessionId)?.panel === panel) {
        panels.delete(sessionId);
        onPanelClosed(sessionId);
      }
      tellActive();
      store.release(owned);
    });
    return controller;
  };

  // A panel may be there before its session is known: after a reload, after signing in again.
  store.add(
    sessions.onDidChangeList(() => {
      for (const [sessionId, { panel, controller }] of panels) {
        // Another client starts another list: only now is it known here that there is one, and what it can do.
        controller.setEnvironment(environment());
        const state = sessions.state(sessionId);
        if (state === undefined) continue;
        panel.title = sessionRow(state, Date.now()).label;
        void controller.open();
      }
    }),
  );
  store.add(connection.onDidChange(tellPanels));
  store.add(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('secGemini.chat')) tellPanels();
    }),
  );

  const active = (): string | undefined => [...panels].find(([, { panel }]) => panel.active)?.[0];

  return {
    active,
    close: (sessionId) => {
      const open = panels.get(sessionId);
      open?.panel.dispose();
      return open !== undefined;
    },
    restore: async (panel, state) => {
      const sessionId = sessionIdOf(state);
      if (sessionId === undefined) return panel.dispose();
      await fill(panel, sessionId).open();
    },
    commands: {
      openSession: async (argument) => {
        const sessionId = sessionArgument(sessions, argument) ?? (await pickSession(sessions, 'Open which session?'));
        if (sessionId === undefined) return undefined;
        const open = panels.get(sessionId);
        let controller = open?.controller;
        if (controller === undefined) {
          const panel = vscode.window.createWebviewPanel(CHAT_PANEL, 'Sec-Gemini', column(), pageOptions);
          controller = fill(panel, sessionId);
        } else {
          open?.panel.reveal();
        }
        controller.focusComposer();
        const local = sessions.state(sessionId)?.local;
        if (local?.closed === true && local.rewoundTo === undefined)
          sessions.setFacts(sessionId, { closed: undefined });
        void controller.open();
        return sessionId;
      },
      findInConversation: async () => {
        const target = nearest();
        if (target === undefined) return services.run('openSession');
        target.panel.reveal();
        target.controller.showFind();
        return undefined;
      },
      openTranscript: async (argument) => {
        const sessionId =
          sessionArgument(sessions, argument) ??
          active() ??
          (await pickSession(sessions, 'Open the transcript of which session?'));
        if (sessionId !== undefined) await transcripts.show(sessionId);
      },
      focusComposer: async () => {
        const target = nearest();
        if (target === undefined) return services.run('openSession');
        target.panel.reveal();
        target.controller.focusComposer();
        return undefined;
      },
      stop: async (argument) => {
        const running = sessions.sessions().filter(({ turn }) => turn.phase === 'working');
        const sessionId =
          sessionArgument(sessions, argument) ?? active() ?? (running.length === 1 ? running[0]?.info.id : undefined);
        const chosen =
          sessionId ?? (running.length === 0 ? undefined : await pickSession(sessions, 'Stop which session?'));
        if (chosen !== undefined) await sessions.stop(chosen);
        else void vscode.window.showInformationMessage('No session is working.');
      },
    },
  };
}

/** The page keeps the id of its session; the rest of its state is its own. */
function sessionIdOf(state: unknown): string | undefined {
  if (typeof state !== 'object' || state === null) return undefined;
  const { sessionId } = state as { sessionId?: unknown };
  return typeof sessionId === 'string' && sessionId.length <= 200 ? sessionId : undefined;
}
