/** The lazily loaded half of the extension: makes the services, then the features, each in its own try/catch so that one failing leaves the rest alive. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { SecGeminiApi } from '../api/sec-gemini.d.ts';
import { ApprovalDesk, approvalLifeMs } from '../core/approvals.ts';
import { DisposableStore } from '../core/disposable.ts';
import { late } from '../core/late.ts';
import { RetryDesk } from '../core/retry.ts';
import { SessionManager } from '../core/session-manager.ts';
import { Threads } from '../core/threads.ts';
import type { CommandName } from '../manifest.ts';
import { createAttachFeature } from './attach/attach.feature.ts';
import { EditorAttacher } from './attach/attacher.ts';
import { changeFiles } from './attach/ticks.ts';
import { createEgress } from './attach/editor-egress.ts';
import { createAuthFeature } from './auth/auth.feature.ts';
import { createConnection } from './editor-connection.ts';
import { Domains } from './domains/domains.ts';
import { createApiFeature } from './api/api.feature.ts';
import { createForks } from './fork/forks.ts';
import type { FeedbackDesk } from './feedback/feedback-desk.ts';
import { createChatFeature, type ChatFeature } from './chat/chat.feature.ts';
import { createCloseFeature } from './close/close.feature.ts';
import { showError } from './errors.ts';
import { KeptAccounts } from './kept-accounts.ts';
import { HostLog } from './log.ts';
import { addLazyFeatures } from './lazy-features.ts';
import { lazySandbox } from './sandbox/lazy-sandbox.ts';
import { createSandboxFeature } from './sandbox/sandbox.feature.ts';
import type { Feature, Services } from './services.ts';
import { createFindingsFeature, type FindingsFeature } from './findings/findings.feature.ts';
import { createInlineFeature, type InlineFeature } from './inline/inline.feature.ts';
import { createLedgerFeature } from './ledger/ledger.feature.ts';
import { createLogServiceFeature } from './log-service/log-service.feature.ts';
import { createLookFeature } from './look/look.feature.ts';
import { createLocalTools } from './local-tools.ts';
import { LocalLogs } from './logs/local-logs.ts';
import { LedgerFile } from './storage/ledger-file.ts';
import { createStatusFeature } from './status/status.feature.ts';
import { createSentFilesFeature } from './sent/sent-files.feature.ts';
import { createApprovalsFeature } from './approvals/approvals.feature.ts';
import { createSessionsFeature, type SessionsFeature } from './sessions/sessions.feature.ts';
import { createMcpFeature } from './mcp/mcp.feature.ts';
import type { NativeChat } from './native-chat/native-chat.ts';
import { createNewsFeature } from './news/news.feature.ts';
import { keepOffers } from './offers.ts';
import { Places } from './places.ts';
import { maxAttachmentBytes, retryPolicy } from './settings.ts';
import { createSkillsFeature } from './skills/skills.feature.ts';
import { ShownSession } from './shown-session.ts';
import { systemInfo } from './system-info.ts';
import { createLocalLogsFeature } from './tools/local-logs.feature.ts';
import { createToolsFeature } from './tools/tools.feature.ts';

export interface TreeSource {
  children(element: unknown): unknown[] | Promise<unknown[]>;
  item(element: unknown): vscode.TreeItem;
  /** Asked for when somebody points at the row. */
  tooltip(element: unknown): vscode.TreeItem['tooltip'];
  parent(element: unknown): unknown;
  /** Files that were dropped onto a row (or beside all rows). */
  drop(target: unknown, uriList: string): Promise<void>;
}

export interface Host {
  readonly tree: TreeSource;
  /** The view "Local Tools". */
  readonly toolsTree: Pick<TreeSource, 'children' | 'item'>;
  /** Tick boxes of that view were clicked. Never rejects. */
  toolsTicked(items: readonly (readonly [unknown, vscode.TreeItemCheckboxState])[]): Promise<void>;
  /** Skills as files of the editor. Throws where that feature could not be created. */
  readonly skillFiles: () => vscode.FileSystemProvider;
  run(name: CommandName, args: readonly unknown[]): Promise<unknown>;
  restorePanel(panel: vscode.WebviewPanel, state: unknown): Promise<void>;
  /** VS Code's own chat. */
  readonly nativeChat: () => Promise<NativeChat>;
  /** For other extensions; the user is asked. */
  connectApi(claimedName: unknown): Promise<SecGeminiApi>;
  close(): Promise<void>;
}

export interface HostParts {
  readonly view: vscode.TreeView<unknown>;
  /** Of the Sessions view: these rows, or all of it. */
  readonly refresh: (rows: unknown[] | undefined) => void;
  /** Of the view "Local Tools": these rows, or all of it. */
  readonly refreshTools: (rows: unknown[] | undefined) => void;
}

export function createHost(context: vscode.ExtensionContext, parts: HostParts): Host {
  const store = new DisposableStore();
  const log = store.add(new HostLog());
  const after = (milliseconds: number, go: () => void): (() => void) => {
    const timer = setTimeout(go, milliseconds);
    return () => clearTimeout(timer);
  };
  const retries = store.add(new RetryDesk({ policy: retryPolicy, after }));
  const connection = store.add(
    createConnection(
      context,
      log,
      store,
      lazySandbox({
        script: vscode.Uri.joinPath(context.extensionUri, 'dist', 'sandbox.mjs').fsPath,
        directory: vscode.Uri.joinPath(context.globalStorageUri, 'sandbox').fsPath,
        log,
      }),
      retries,
    ),
  );
  const places = new Places(connection);
  // What is `late` comes with its first use: neither the tree nor an open panel needs it.
  const ledger = places.ledger(
    late(() => new LedgerFile({ path: vscode.Uri.joinPath(context.globalStorageUri, 'ledger.jsonl').fsPath, log })),
  );
  const kept = new KeptAccounts(context, log);
  const egress = late(() =>
    createEgress({
      maxBytes: () => maxAttachmentBytes(connection.client),
      log,
      ledger,
      places,
      secretMaps: kept.secretMaps,
    }),
  );
  const domains = late(
    () =>
      new Domains(context, () => sessions, {
        ledger,
        log,
        review: (sessionId, text) => services.reviewText(sessionId, text),
      }),
  );
  const sessions: SessionManager = store.add(
    new SessionManager({
      newId: randomUUID,
      now: Date.now,
      log,
      recordPrompt: (about, text, meta) => egress.prompt(about, text, meta),
      reviewPrompt: async (about, text) => {
        const cleared = await egress.reviewPrompt(about, await domains.compose(about.sessionId, text));
        await domains.settle(about.sessionId);
        return cleared;
      },
      reviewWaiting: (about, text) => egress.reviewWaiting(about, text),
      systemInfo,
    }),
  );
  const attacher = late(() => new EditorAttacher(sessions, egress, () => connection.isSandbox, context.workspaceState));
  const { tools, files } = createLocalTools(context, {
    sessions,
    ledger,
    log,
    redact: (sessionId, text, secrets) => egress.redact(sessionId, text, secrets),
  });
  store.add(tools);
  const logs = store.add(
    new LocalLogs({
      script: vscode.Uri.joinPath(context.extensionUri, 'dist', 'log-worker.mjs').fsPath,
      directory: vscode.Uri.joinPath(context.globalStorageUri, 'logs').fsPath,
      log,
    }),
  );
  const approvalDesk = store.add(
    new ApprovalDesk({
      sessions,
      now: Date.now,
      after,
      lifeMs: approvalLifeMs(process.env['SEC_GEMINI_APPROVAL_SECONDS']),
      log,
    }),
  );
  const handlers = new Map<CommandName, (...args: unknown[]) => unknown>();

  const run = async (name: CommandName, ...args: unknown[]): Promise<unknown> => {
    const handler = handlers.get(name);
    if (handler === undefined) throw new Error(`The command ${name} is not available; see the log.`);
    return await handler(...args);
  };
  const reviewText: Services['reviewText'] = async (sessionId, text) =>
    egress.reviewPrompt(
      {
        sessionId,
        sessionName: sessions.state(sessionId)?.info.name ?? '',
        destination: sessions.client?.origin ?? '',
      },
      text,
    );
  let desk: Promise<FeedbackDesk> | undefined;
  const feedbackDesk = (): Promise<FeedbackDesk> =>
    (desk ??= import('./feedback/feedback-desk.ts').then(
      ({ FeedbackDesk }) => new FeedbackDesk({ sessions, context, reviewText, ledger, log }),
    ));
  const services: Services = {
    context,
    log,
    connection,
    sessions,
    retries,
    shownSession: store.add(new ShownSession((error) => log.error('A listener of the shown session failed', error))),
    attacher,
    changeFiles: (sessionId, change) => changeFiles(services, sessionId, change),
    // Loaded with the first log.
    attachLogs: async (sessionId, file) =>
      (await import('./log-service/send-log.ts')).attachLogs(services, sessionId, file),
    forks: late(() => createForks({ sessions, attacher })),
    feedback: {
      rate: async (...args) => (await feedbackDesk()).rate(...args),
      report: async (...args) => (await feedbackDesk()).report(...args),
    },
    domains,
    ledger,
    tools,
    logs,
    files,
    threads: store.add(new Threads((error) => log.error('A listener of the threads failed', error))),
    compareCode: async (sessionId, text, language) => inline?.compareCode(sessionId, text, language),
    proposeChange: async (uri, plan) => inline?.proposeChange(uri, plan),
    reviewFiles: async (sessionId, uris, signal, words) => findings?.reviewFiles(sessionId, uris, signal, words),
    askAtCode: async (question) => inline?.askAtCode(question),
    openThreadPlace: async (reference) => (await inline?.openPlace(reference)) ?? false,
    secretMap: (sessionId) => kept.secretMaps.load(sessionId),
    reviewText,
    view: parts.view,
    run,
    approvals: approvalDesk,
    activeSession: () => chat?.active(),
    closePanel: (sessionId) => chat?.close(sessionId) ?? false,
    // Made below; the page can only ask when everything stands.
    pendingApprovals: () => approvals?.pending() ?? [],
    denyApproval: async (sessionId, messageId) => approvals?.deny(sessionId, messageId),
    store,
  };

  keepOffers(services);

  const add = <T extends Feature>(name: string, create: () => T): T | undefined => {
    try {
      const feature = create();
      for (const [command, handler] of Object.entries(feature.commands)) handlers.set(command as CommandName, handler);
      return feature;
    } catch (error) {
      log.error(`The feature "${name}" could not be created`, error);
      return undefined;
    }
  };

  const sessionsFeature: SessionsFeature | undefined = add('sessions', () =>
    createSessionsFeature(services, parts.refresh),
  );
  const approvals = add('approvals', () => createApprovalsFeature(services));
  const closing = add('close', () => createCloseFeature(services));
  let isEnding = false;
  const chat: ChatFeature | undefined = add('chat', () =>
    createChatFeature(services, (sessionId) => {
      // A window that ends takes its panels with it; they come back, and nobody closed them.
      if (!isEnding) closing?.panelClosed(sessionId);
    }),
  );
  const toolsFeature = add('local tools', () => createToolsFeature(services, parts.refreshTools));
  add('local logs', () => createLocalLogsFeature(services));
  add('auth', () => createAuthFeature(services));
  add('sandbox', () => createSandboxFeature(services));
  add('attach', () => createAttachFeature(services));
  add('log service', () => createLogServiceFeature(services));
  const inline: InlineFeature | undefined = add('inline', () => createInlineFeature(services));
  const findings: FindingsFeature | undefined = add('findings', () => createFindingsFeature(services));
  add('sent files', () => createSentFilesFeature(services));
  add('tool servers', () => createMcpFeature(services));
  const skills = add('skills', () => createSkillsFeature(services));
  const news = add('news', () => createNewsFeature(services));
  add('status', () => createStatusFeature(services, () => news?.isUnread() === true));
  add('look', () => createLookFeature(services));
  let nativeChat: Promise<NativeChat> | undefined;
  const api = add('api', () => createApiFeature(services));
  addLazyFeatures(services, add, feedbackDesk);
  add('ledger', () => createLedgerFeature(services));
  add('log', () => ({ commands: { showLog: () => log.show() } }));

  store.add(
    connection.onDidChange((status) => {
      switch (status.kind) {
        case 'connecting':
          // What is shown stays until the outcome is known.
          return;
        case 'connected':
          sessions.setClient(connection.client, kept.of(status));
          void sessions.restore().then(() => sessions.refresh());
          return;
        case 'offline':
        case 'keyRefused':
          // Reading and drafts go on without the service.
          sessions.setClient(undefined, kept.last(connection.isSandbox));
          void sessions.restore();
          return;
        case 'signedOut':
          // The key is gone, in this window or another: nothing of its sessions may stay or be written again (S22).
          void kept
            .signOut(sessions)
            .then(() => sessions.setClient(undefined, kept.imports()))
            .then(() => sessions.restore());
          return;
        case 'unconfirmed':
          sessions.setClient(undefined, kept.imports());
          void sessions.restore();
      }
    }),
  );
  store.add(
    retries.onDidChange((sessionId) => {
      if (sessionId !== undefined) sessions.note(sessionId, { type: 'retrying', retry: retries.of(sessionId) });
    }),
  );
  store.add(
    sessions.onDidChange(({ action }) => {
      if (action.type === 'attachments') void kept.pruneSent();
    }),
  );
  void kept.prune().then(() => kept.pruneSent());
  void connection.connect();

  return {
    tree: sessionsFeature?.tree ?? {
      children: () => [],
      item: () => new vscode.TreeItem(''),
      tooltip: () => undefined,
      parent: () => undefined,
      drop: async () => undefined,
    },
    toolsTree: toolsFeature?.tree ?? { children: () => [], item: () => new vscode.TreeItem('') },
    toolsTicked: async (items) => {
      try {
        for (const [row, state] of items)
          await toolsFeature?.tree.tick(row, state === vscode.TreeItemCheckboxState.Checked);
      } catch (error) {
        log.error('Ticking a tool failed', error);
        void showError(error, run);
      }
    },
    skillFiles: () => {
      if (skills === undefined) throw vscode.FileSystemError.Unavailable('Skills are not available; see the log.');
      return skills.files;
    },
    run: async (name, args) => {
      try {
        return await run(name, ...args);
      } catch (error) {
        log.error(`Command ${name} failed`, error);
        void showError(error, run);
        return undefined;
      }
    },
    restorePanel: async (panel, state) => {
      if (chat === undefined) panel.dispose();
      else await chat.restore(panel, state);
    },
    nativeChat: () => {
      nativeChat ??= import('./native-chat/native-chat.ts').then(({ NativeChat }) => new NativeChat(services));
      return nativeChat;
    },
    connectApi: async (claimedName) => {
      if (api === undefined) throw new Error('The API is not available; see the log.');
      return api.connect(claimedName);
    },
    close: async () => {
      isEnding = true;
      await sessions.flush();
      const client = connection.client;
      store.dispose();
      await client?.close();
    },
  };
}
