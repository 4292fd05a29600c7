/** The object that an allowed caller gets: sessions, messages, turns, files, forks, exports, approvals. Loaded with the first consent. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type {
  ApiEvent,
  ApiSession,
  ApprovalRequest,
  CallOptions,
  ExportOptions,
  ListChoice,
  ListenOptions,
  SecGeminiApi,
} from '../../api/sec-gemini.d.ts';
import { askOnce } from '../../core/ask-once.ts';
import { apiSession, queryResult, transcript } from '../../core/api-events.ts';
import { safeFileName } from '../../core/file-name.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { maskExport } from '../../core/export-mask.ts';
import { exportMarkdown } from '../../core/export-markdown.ts';
import { encodeExport, exportOf, importedSession, parseExport } from '../../core/session-export.ts';
import { importedId } from '../../core/session-local.ts';
import type { SessionState } from '../../core/session-state.ts';
import { SESSION_MARKS, matchesFilter, sortSessions } from '../../core/session-view.ts';
import { labelText } from '../../core/visible-text.ts';
import type { Services } from '../services.ts';
import type { ApiFeed } from './api-feed.ts';
import { approvalsOf, respondTo } from './api-approvals.ts';
import type { ApiAccess } from './api-access.ts';
import { bad, count, extras, policy, text, wordsOf } from './api-arguments.ts';
import { attachFile, fileCalls } from './api-files.ts';
import { wordCalls } from './api-words.ts';

export interface ApiParts {
  readonly services: Services;
  readonly feed: ApiFeed;
  /** What the user was told who asks. */
  readonly caller: string;
  /** Throws when access was taken back. */
  readonly check: () => void;
  /** Aborted then. */
  readonly revoked: AbortSignal;
}

const PAGE = 50;

export function createSessionApi({ services, feed, caller, check, revoked }: ApiParts): SecGeminiApi {
  const { sessions, forks, retries, run } = services;

  const stateOf = (sessionId: unknown): SessionState => {
    check();
    const id = text('sessionId', sessionId, 300);
    const state = sessions.state(id);
    if (state === undefined) throw new SecGeminiError('notFound', 'This session is not known here.');
    return state;
  };
  /** With its transcript. */
  const opened = async (sessionId: unknown, options?: CallOptions): Promise<SessionState> => {
    const { info } = stateOf(sessionId);
    await retries.within(info.id, policy(options), () => sessions.open(info.id));
    return stateOf(info.id);
  };
  const shown = (sessionId: string): ApiSession => apiSession(stateOf(sessionId));
  const isActive = ({ info, local }: SessionState): boolean =>
    info.status !== 'expired' &&
    info.status !== 'deleted' &&
    info.archived !== true &&
    local?.imported === undefined &&
    local?.rewoundTo === undefined &&
    local?.terminatedAt === undefined &&
    local?.closed !== true;
  const listed = ({ activeOnly = false, text: words = '', marks = [], sort = 'used' }: ListChoice) => {
    if (!Array.isArray(marks) || !marks.every((mark) => SESSION_MARKS.some((known) => known.mark === mark)))
      throw bad('marks', `has to be a list of ${SESSION_MARKS.map(({ mark }) => mark).join(', ')}`);
    if (!['used', 'created', 'name'].includes(sort)) throw bad('sort', 'has to be used, created or name');
    const filter = { text: text('text', words, 1000, true), marks };
    const wanted = sessions
      .sessions()
      .filter((state) => matchesFilter(state, filter) && (!activeOnly || isActive(state)));
    return sortSessions(wanted, sort);
  };
  const access: ApiAccess = { caller, check, revoked, stateOf, opened, shown };
  const optional = (sessionId: string | undefined): ApiSession | undefined =>
    sessionId === undefined ? undefined : shown(sessionId);

  const api: SecGeminiApi = {
    version: 1,
    isConnected: () => {
      check();
      return sessions.client !== undefined;
    },
    connect: async () => {
      check();
      await services.connection.connect({ ask: true });
      await sessions.restore();
      return sessions.client !== undefined;
    },
    disconnect: async () => {
      check();
      await services.connection.disconnect();
      // What is kept here can be read from now on.
      await sessions.restore();
    },
    protocol: () => {
      check();
      return sessions.client?.protocol;
    },
    ping: async () => {
      check();
      const started = performance.now();
      if (sessions.client === undefined) throw new SecGeminiError('unavailable', 'Not connected to Sec-Gemini.');
      await sessions.client.listSessions({ limit: 1 });
      const milliseconds = Math.round(performance.now() - started);
      feed.tell({ type: 'pong', at: Date.now(), milliseconds });
      return milliseconds;
    },

    create: async (options = {}) => {
      check();
      const { ttl, enableLogging, files = [], atEnd } = options;
      if (atEnd !== undefined && atEnd !== 'close' && atEnd !== 'delete')
        throw bad('atEnd', 'has to be "close" or "delete"');
      if (enableLogging !== undefined && typeof enableLogging !== 'boolean')
        throw bad('enableLogging', 'has to be true or false');
      const words = await wordsOf(options);
      check();
      const { id } = await sessions.create({
        ...words,
        ...(ttl === undefined ? {} : { ttlSeconds: count('ttl', ttl, 300) }),
        ...(enableLogging === undefined ? {} : { logging: enableLogging }),
      });
      if (atEnd !== undefined) sessions.setFacts(id, { temporary: atEnd });
      try {
        for (const file of files) if (!(await attachFile(services, id, file))) throw notAgreed();
      } catch (error) {
        await sessions.delete(id);
        throw error;
      }
      return shown(id);
    },
    update: async (sessionId, { ttl, ...given }) => {
      const words = await wordsOf(given);
      const { info } = stateOf(sessionId);
      await sessions.update(info.id, {
        ...words,
        ...(ttl === undefined ? {} : { ttlSeconds: count('ttl', ttl, 300) }),
      });
      return shown(info.id);
    },
    delete: async (sessionId) => {
      const { info } = stateOf(sessionId);
      const answer = await vscode.window.showWarningMessage(
        `Delete session ${labelText(info.name, 80)}?`,
        {
          modal: true,
          detail: `Asked for by "${caller}" (the name that it gives itself). The service deletes the conversation and its files. This cannot be undone.`,
        },
        'Delete',
      );
      if (answer !== 'Delete') return false;
      await sessions.delete(info.id);
      return true;
    },
    terminate: async (sessionId) => (await run('terminateSession', stateOf(sessionId).info.id)) === true,
    resume: async (sessionId, options) => {
      check();
      const id = text('sessionId', sessionId, 300).trim();
      const info = await retries.within(id, policy(options), () => sessions.resume(id));
      return shown(info.id);
    },
    get: async (sessionId, { includeMessages = false, messageLimit, retry } = {}) => {
      const state = includeMessages
        ? await opened(sessionId, { ...(retry === undefined ? {} : { retry }) })
        : stateOf(sessionId);
      const messages = includeMessages ? transcript(state) : [];
      return {
        ...apiSession(state),
        messages: messageLimit === undefined ? messages : last(messages, count('messageLimit', messageLimit, 0)),
      };
    },
    list: async ({ limit, offset = 0, ...choice } = {}) => {
      check();
      const from = count('offset', offset, 0);
      const to = limit === undefined ? undefined : from + count('limit', limit, 0);
      return listed(choice).slice(from, to).map(apiSession);
    },
    async *iterate({ pageSize = PAGE, ...choice } = {}) {
      const size = count('pageSize', pageSize, 1);
      for (let offset = 0; ; offset += size) {
        const page = await api.list({ offset, limit: size, ...choice });
        yield* page;
        if (page.length < size) return;
      }
    },
    messages: async (sessionId, { from, limit, ...options } = {}) => {
      const all = transcript(await opened(sessionId, options));
      const wanted = limit === undefined ? undefined : count('limit', limit, 0);
      if (from === undefined) return wanted === undefined ? all : last(all, wanted);
      const start = count('from', from, 0);
      return all.slice(start, wanted === undefined ? undefined : start + wanted);
    },
    open: async (sessionId) => {
      await run('openSession', stateOf(sessionId).info.id);
    },
    close: async (sessionId) => {
      await run('closeSession', stateOf(sessionId).info.id);
    },

    send: async (sessionId, prompt, options) => {
      const { info } = await opened(sessionId, options);
      const promptId = randomUUID();
      await sessions.send(info.id, text('text', prompt, 1_000_000), promptId, extras(options));
      return promptId;
    },
    async *stream(sessionId, prompt, options) {
      const { info } = await opened(sessionId, options);
      const events = feed.listen({ sessionId: info.id, queueSize: 0 });
      const turn = Promise.withResolvers<void>();
      void retries.within(info.id, policy(options), () => turn.promise);
      try {
        const promptId = randomUUID();
        await sessions.send(info.id, text('text', prompt, 1_000_000), promptId, extras(options));
        for await (const event of events) {
          const isReasoning =
            event.type === 'thinking' || (event.type === 'messagePosted' && event.message.kind === 'thinking');
          if (!isReasoning || options?.reasoning !== false) yield event;
          if (event.type === 'streaming' && !event.active && isOver(info.id, promptId)) return;
        }
      } finally {
        turn.resolve();
        await events.return();
      }
    },
    query: async (sessionId, prompt, options) => {
      const { info } = await opened(sessionId, options);
      const asked = { promptId: randomUUID(), asked: extras(options) };
      const question = text('text', prompt, 1_000_000);
      const ended = await retries.within(info.id, policy(options), () => askOnce(sessions, info.id, question, asked));
      check();
      let result = queryResult(ended, options);
      // v3 counts tokens by session, and says so when it is asked. The end of a turn asks too: of two answers the older is not taken, so twice.
      for (let asked = 0; asked < 2 && !result.messages.some(({ usage }) => usage !== undefined); asked += 1) {
        await sessions.refreshSession(info.id);
        result = { ...queryResult(stateOf(info.id), options), unused: result.unused };
      }
      return result;
    },
    cancel: async (sessionId) => sessions.stop(stateOf(sessionId).info.id),

    ...fileCalls(services, access),
    ...wordCalls(services, access),

    attachLogs: async (sessionId, file, { fieldsMapping } = {}) => {
      const { info } = stateOf(sessionId);
      const mapping = Object.entries(fieldsMapping ?? {}).map(([to, from]) => [
        text('fieldsMapping', to, 200),
        text('fieldsMapping', from, 200),
      ]);
      const bytes = 'uri' in file ? undefined : new TextEncoder().encode(text('text', file.text, 50_000_000, true));
      return services.attachLogs(info.id, {
        by: 'call',
        file:
          'uri' in file
            ? vscode.Uri.parse(text('uri', file.uri, 8192), true)
            : {
                name: safeFileName(text('name', file.name, 255)),
                origin: `given by "${caller}"`,
                paths: [],
                size: bytes?.byteLength ?? 0,
                async *open() {
                  if (bytes !== undefined) yield bytes;
                },
              },
        ...(mapping.length === 0 ? {} : { fieldsMapping: Object.fromEntries(mapping) as Record<string, string> }),
      });
    },

    fork: async (sessionId, messageIndex, { title } = {}) => {
      const { name } = await wordsOf({ name: title });
      const { info } = stateOf(sessionId);
      return optional(await forks.fork(info.id, messageIndex, name));
    },
    rewind: async (sessionId, lastMessageToKeep, options = {}) =>
      optional(await forks.rewind(stateOf(sessionId).info.id, lastMessageToKeep, options)),
    export: async (sessionId, options) => {
      const { info } = stateOf(sessionId);
      // The service's own record, with every field, in the place of what was pieced together here.
      await sessions.reload(info.id);
      return exported(stateOf(info.id), options);
    },
    import: async (json) => {
      check();
      const document = parseExport(text('json', json, 256 * 1024 * 1024));
      const id = importedId(randomUUID());
      const { info, local } = importedSession(document, id, Date.now());
      sessions.adopt(info, document.messages, local);
      return shown(id);
    },

    approvals: async (sessionId): Promise<readonly ApprovalRequest[]> => {
      check();
      return approvalsOf(services, sessionId);
    },
    respond: async (sessionId, requestId, approved, options = {}) => {
      const { info } = stateOf(sessionId);
      return respondTo(services, info.id, text('requestId', requestId, 1000), approved, options);
    },

    listen: (options: ListenOptions = {}): AsyncIterable<ApiEvent> => {
      check();
      return feed.listen(options);
    },
  };
  return Object.freeze(api);

  function isOver(sessionId: string, promptId: string): boolean {
    const state = sessions.state(sessionId);
    return state === undefined || (state.turn.promptId === promptId && state.turn.phase !== 'working');
  }
}

function notAgreed(): SecGeminiError {
  return new SecGeminiError('cancelled', 'The user did not agree to send the files.', {
    action: 'Nothing was created. Ask again only when the user wants it.',
  });
}

async function exported(
  state: SessionState,
  { format, maskSecrets = false, messages }: ExportOptions,
): Promise<string> {
  const whole = exportOf(state, {
    now: Date.now(),
    messages: messages === undefined ? undefined : new Set(messages),
  });
  const document = maskSecrets
    ? // A good deal of rules: loaded with the first export that wants them.
      await maskExport(whole, (await import('../../scan/secrets.ts')).scanSecrets)
    : whole;
  switch (format) {
    case 'json':
      return encodeExport(document);
    case 'markdown':
    case 'markdownWithMetadata':
      return exportMarkdown(document, { metadata: format === 'markdownWithMetadata' });
    case 'html':
      return (await import('../export/export-html.ts')).exportHtml(document);
    default:
      throw bad('format', 'has to be json, markdown, markdownWithMetadata or html');
  }
}

function last<T>(list: readonly T[], limit: number): readonly T[] {
  return limit === 0 ? [] : list.slice(-limit);
}
