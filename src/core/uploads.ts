/** Sends cleared files to a session, one after another, and shows each on its way and under its session. Part of the session manager. */

import type { SecGeminiClient } from './client.ts';
import type { ClearedUpload } from './egress.ts';
import type { Attachment } from './model.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { isLocal } from './session-state.ts';
import type { SessionStore } from './session-store.ts';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
  /** After each file that the service has. */
  readonly onAttached?: ((attachment: Attachment, upload: ClearedUpload) => void) | undefined;
}

interface UploadParts {
  readonly client: SecGeminiClient;
  readonly store: SessionStore;
  /** Keeps the bytes that were sent; undefined where nothing is kept. */
  readonly keeper: SessionKeeper | undefined;
  readonly newId: () => string;
}

/** Rejects at the first file that fails; those before it stay attached, none is half attached. */
export async function sendUploads(
  { client, store, keeper, newId }: UploadParts,
  sessionId: string,
  uploads: readonly ClearedUpload[],
  options: UploadOptions = {},
): Promise<void> {
  const total = uploads.reduce((bytes, upload) => bytes + upload.size, 0);
  let before = 0;
  for (const upload of uploads) {
    options.signal?.throwIfAborted();
    const { name, size } = upload;
    const pendingId = newId();
    const show = (sentBytes: number): void =>
      store.setPending(sessionId, pendingId, { id: pendingId, name, size, sentBytes });
    show(0);
    try {
      const kept = keeper === undefined ? upload : { ...upload, open: () => keeper.keepSent(sessionId, upload.open()) };
      const told = await client.attach(sessionId, kept, {
        signal: options.signal,
        onProgress: (sentBytes) => {
          show(sentBytes);
          options.onProgress?.(before + sentBytes, total);
        },
      });
      // v3 tells no hash; by it the kept copy is found.
      const sha256 = told.sha256 ?? upload.sentSha256();
      const attachment = sha256 === undefined ? told : { ...told, sha256 };
      // Before it stands among the files: settling below takes its time, and nobody shall see the file twice meanwhile.
      store.setPending(sessionId, pendingId, undefined);
      const state = store.get(sessionId);
      if (state !== undefined)
        store.apply(sessionId, {
          type: 'attachments',
          attachments: [...state.attachments.filter((other) => other.id !== attachment.id), attachment],
        });
      const last = state?.messages.findLast((message) => !isLocal(message))?.id ?? '';
      const attachedAfter = { ...store.get(sessionId)?.local?.attachedAfter, [attachment.id]: last };
      store.apply(sessionId, { type: 'local', facts: { attachedAfter } });
      await upload.settle('sent');
      options.onAttached?.(attachment, upload);
    } catch (error) {
      await upload.settle(options.signal?.aborted === true ? 'cancelled' : 'failed');
      throw error;
    } finally {
      store.setPending(sessionId, pendingId, undefined);
    }
    before += size;
  }
}
