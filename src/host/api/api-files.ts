/** Files through the API: attached, chosen, found in all sessions, read from what is kept here, and asked about one by one. */

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ApiFile, ApiFoundAttachment, SecGeminiApi } from '../../api/sec-gemini.d.ts';
import { apiAttachment } from '../../core/api-events.ts';
import { type FoundAttachment, allAttachments, filesWith, searchTexts } from '../../core/attachment-search.ts';
import { SecGeminiError } from '../../core/errors.ts';
import { fileQuestions } from '../../core/file-questions.ts';
import type { SessionState } from '../../core/session-state.ts';
import { shelfOf } from '../../core/shelf.ts';
import type { Services } from '../services.ts';
import { bad, count, text } from './api-arguments.ts';
import type { ApiAccess } from './api-access.ts';

/** What a caller may hold in memory of one file. */
const MAX_READ_BYTES = 50 * 1024 * 1024;

type FileCalls = Pick<
  SecGeminiApi,
  'attach' | 'detach' | 'chooseAttachments' | 'findAttachments' | 'readAttachment' | 'askEach'
>;

/** Sends a caller's file through the gate. False when the user said no. */
export async function attachFile({ attacher }: Services, sessionId: string, file: ApiFile): Promise<boolean> {
  if ('path' in file) return attacher.uris(sessionId, [vscode.Uri.file(text('path', file.path, 8192))], 'call');
  if ('uri' in file) return attacher.uris(sessionId, [vscode.Uri.parse(text('uri', file.uri, 8192), true)], 'call');
  const name = text('name', file.name, 255);
  const send = (bytes: Uint8Array): Promise<boolean> => attacher.bytes(sessionId, [{ name, bytes }], 'call');
  if ('text' in file) return send(new TextEncoder().encode(text('text', file.text, 50_000_000, true)));
  const { bytes } = file;
  if (!(bytes instanceof Uint8Array)) throw bad('bytes', 'has to be a Uint8Array');
  // A copy that no `slice` of the caller's makes: what is shown is what goes.
  return send(new Uint8Array(bytes));
}

export function fileCalls(services: Services, { stateOf, shown, check, revoked }: ApiAccess): FileCalls {
  const { sessions } = services;
  const openKept = (sessionId: string, sha256: string | undefined): AsyncIterable<Uint8Array> | undefined =>
    sha256 === undefined ? undefined : sessions.openSent(sessionId, sha256);

  return {
    attach: async (sessionId, file) => attachFile(services, stateOf(sessionId).info.id, file),
    detach: async (sessionId, attachmentId) =>
      sessions.detach(stateOf(sessionId).info.id, text('attachmentId', attachmentId, 1000)),
    chooseAttachments: async (sessionId, use) => {
      const state = stateOf(sessionId);
      const { off, on } = changeOf(state, use);
      if (off.length > 0 || on.length > 0) await services.changeFiles(state.info.id, { off, on });
      return shown(state.info.id);
    },
    findAttachments: async ({ query = '', inText = false, limit, offset = 0 } = {}) => {
      check();
      const words = text('query', query, 1000, true);
      const from = count('offset', offset, 0);
      const to = limit === undefined ? undefined : from + count('limit', limit, 0);
      const all = allAttachments(sessions.sessions());
      if (!inText) return filesWith(all, words).slice(from, to).map(found);
      const open = (file: FoundAttachment) => openKept(file.sessionId, file.attachment.sha256);
      const { hits } = await searchTexts(all, words, open, () => false);
      return hits
        .slice(from, to)
        .map(({ found: file, hit }) => ({ ...found(file), line: hit.line, lineText: hit.text }));
    },
    readAttachment: async (sessionId, attachmentId) => {
      const state = stateOf(sessionId);
      const [file] = named(state, [text('attachmentId', attachmentId, 1000)]);
      const bytes = openKept(state.info.id, file?.sha256);
      return bytes === undefined ? undefined : read(bytes);
    },
    askEach: async (sessionId, attachmentIds, question, { signal } = {}) => {
      const state = stateOf(sessionId);
      const files = named(state, attachmentIds);
      await sessions.open(state.info.id);
      const queue = fileQuestions(sessions, {
        sessionId: state.info.id,
        files,
        question: text('question', question, 1_000_000),
        newId: randomUUID,
        onProgress: () => undefined,
      });
      const cancel = (): void => queue.cancel();
      // Up to a hundred prompts: access that was taken back ends them, too.
      const ends = [revoked, ...(signal === undefined ? [] : [signal])];
      for (const end of ends) end.addEventListener('abort', cancel, { once: true });
      if (ends.some(({ aborted }) => aborted)) cancel();
      try {
        const answers = await queue.run();
        check();
        return answers;
      } finally {
        for (const end of ends) end.removeEventListener('abort', cancel);
      }
    },
  };
}

/** Throws `invalidArgument` for ids that name no file of the session. */
function named(state: SessionState, ids: unknown): SessionState['attachments'] {
  const known = [...state.attachments, ...shelfOf(state)];
  if (!Array.isArray(ids)) throw bad('attachmentIds', 'has to be a list of ids');
  return ids.map((id: unknown) => {
    const file = known.find((each) => each.id === id);
    if (file === undefined) throw bad('attachmentIds', 'has to name files of this session');
    return file;
  });
}

function changeOf(
  state: SessionState,
  use: unknown,
): { off: SessionState['attachments']; on: SessionState['attachments'] } {
  const shelf = shelfOf(state);
  if (use === 'all') return { off: [], on: shelf };
  const wanted = named(state, use);
  return {
    off: state.attachments.filter((file) => !wanted.includes(file)),
    on: shelf.filter((file) => wanted.includes(file)),
  };
}

function found({ sessionId, sessionName, attachment }: FoundAttachment): ApiFoundAttachment {
  return { sessionId, sessionName, attachment: apiAttachment(attachment) };
}

async function read(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > MAX_READ_BYTES)
      throw new SecGeminiError('tooLarge', 'This file is too large to be read at once.', {
        action: 'Open it in the editor ("Find Attachments…").',
      });
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
