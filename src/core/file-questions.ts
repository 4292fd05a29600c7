/** One question about each of many files of a session, asked one after another. */

import { queryResult } from './api-events.ts';
import { askOnce } from './ask-once.ts';
import { FileQueue, type FileQueueOptions, questionAbout } from './file-queue.ts';
import type { Attachment } from './model.ts';
import type { SessionManager } from './session-manager.ts';

export interface FileQuestions {
  readonly sessionId: string;
  readonly files: readonly Attachment[];
  readonly question: string;
  /** Makes a uuid. */
  readonly newId: () => string;
  readonly onProgress: FileQueueOptions['onProgress'];
}

/** Not started yet: `run()` does. Throws `invalidArgument` for more files than may be asked about at once. */
export function fileQuestions(sessions: SessionManager, asked: FileQuestions): FileQueue {
  const { sessionId, files, question, newId, onProgress } = asked;
  return new FileQueue({
    files,
    ask: async (file, signal) => {
      const text = questionAbout(file.name, question);
      const result = queryResult(await askOnce(sessions, sessionId, text, { promptId: newId(), signal }));
      const { statusCode, statusMessage, messages } = result;
      // Of this answer only: a service that counts by session tells nothing about one file.
      const tokens = messages.findLast(({ usage }) => usage !== undefined)?.usage?.totalTokens;
      return { statusCode, statusMessage, text: result.text, tokens };
    },
    onProgress,
  });
}
