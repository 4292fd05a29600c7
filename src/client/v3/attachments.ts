/** Files of a session: all of them by pages, and one more without half measures. */

import type { SessionFiles } from '../../core/client-agent.ts';
import type { AttachOptions, Upload } from '../../core/client.ts';
import { toSecGeminiError } from '../../core/errors.ts';
import type { Attachment } from '../../core/model.ts';
import { pause } from '../clock.ts';
import type { Context } from './context.ts';
import type { Hub } from './hub.ts';
import { uploadFile, uploadName } from './upload.ts';

export const PAGE = 100;
/** A list that never ends is a broken service. */
export const MAX_PAGES = 1_000;
const REMAINS_MS = 250;
const REMAINS_TIMEOUT_MS = 5_000;

export interface AttachPorts {
  readonly context: Context;
  readonly hub: Hub;
  readonly files: SessionFiles;
}

export async function allFiles(
  files: SessionFiles,
  sessionId: string,
  signal: AbortSignal | undefined,
): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  const asked = new Set<string | undefined>();
  let pageToken: string | undefined;
  do {
    asked.add(pageToken);
    const found = await files.list(sessionId, { signal, limit: PAGE, pageToken });
    attachments.push(...found.files);
    pageToken = found.nextPageToken;
    // A page that was there before leads round in a circle.
  } while (pageToken !== undefined && !asked.has(pageToken) && asked.size < MAX_PAGES);
  return attachments;
}

/** Sends a file; when that fails midway, nothing of it stays (a file of the same name that was there before is not touched again). */
export async function attachFile(
  ports: AttachPorts,
  sessionId: string,
  upload: Upload,
  options: AttachOptions,
): Promise<Attachment> {
  const name = uploadName(upload.name);
  const before = (await allFiles(ports.files, sessionId, options.signal)).some((file) => file.name === name);
  let started = false;
  try {
    await uploadFile(ports.context, sessionId, name, upload, options, () => (started = true));
  } catch (error) {
    // Some services take what a cut connection left for the whole file (seen with the official stubs).
    if (started && !before) await removeRemains(ports, sessionId, name);
    throw error;
  }
  const { mimeType, size } = upload;
  return { id: name, name, size, ...(mimeType === undefined ? {} : { mimeType }) };
}

/** Deletes what a broken upload may have left, a moment later than the service may have stored it. Failing is told in the log only. */
async function removeRemains({ context, hub }: AttachPorts, sessionId: string, name: string): Promise<void> {
  await pause(context.clock, REMAINS_MS, context.closed);
  const ask = { case: 'deleteFileRequest', value: { sessionId, filename: name } } as const;
  await hub
    .request(ask, 'deleteFileResponse', { sessionId, timeoutMs: REMAINS_TIMEOUT_MS })
    .catch((error: unknown) =>
      context.log('info', `Remains of an upload could not be deleted: ${toSecGeminiError(error).code}`),
    );
}
