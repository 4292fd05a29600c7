/** ApiHub.UploadFile: one FileMetadata, then chunks. The key comes in the call's metadata and is checked before the first byte is kept. */
import { Code, ConnectError } from '@connectrpc/connect';
import type { UploadFileRequest } from '../../client/v3/gen/api_hub_pb.js';
import type { Accounts } from '../accounts.ts';
import { identify } from '../files/identify.ts';
import { Refusal } from '../state/model.ts';
import type { Store } from '../state/store.ts';
import type { Conversations } from './conversations.ts';

export const KEY_METADATA = 'sec-gemini-api-key';
const MOST_NAME_BYTES = 1024;
const MOST_TYPE = 200;

export interface UploadPorts {
  readonly accounts: Accounts;
  readonly store: Store;
  readonly conversations: Conversations;
}

export interface UploadAnswer {
  readonly success: boolean;
  readonly errorMessage: string;
}

/** Throws ConnectError for a key that is none; everything else is told in the answer. */
export async function takeUpload(
  { accounts, store, conversations }: UploadPorts,
  requests: AsyncIterable<UploadFileRequest>,
  header: Headers,
): Promise<UploadAnswer> {
  const account = accounts.find(header.get(KEY_METADATA) ?? undefined);
  if (account === undefined) throw new ConnectError('The API key is not known here.', Code.Unauthenticated);
  let place: { readonly sessionId: string; readonly name: string; readonly type: string } | undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const { payload } of requests) {
      if (payload.case === 'metadata') {
        if (place !== undefined) throw new Refusal(400, 'FileMetadata came twice.');
        const { sessionId, filename, contentType } = payload.value;
        place = { sessionId, name: baseName(filename), type: contentType.slice(0, MOST_TYPE) };
        if (conversations.find(account.id, sessionId) === undefined) throw new Refusal(404, 'Session not found.');
      } else if (payload.case === 'chunk') {
        if (place === undefined) throw new Refusal(400, 'The first message must be FileMetadata.');
        chunks.push(payload.value);
        size += payload.value.length;
        if (size > store.limits.fileBytes)
          throw new Refusal(413, `The file is too large: at most ${store.limits.fileBytes} bytes.`);
      }
    }
    if (place === undefined) throw new Refusal(400, 'The first message must be FileMetadata.');
    const { sessionId, name, type } = place;
    const bytes = Buffer.concat(chunks, size);
    const kind = await identify(name, bytes, type === '' ? undefined : type);
    // Looked up again: it may have been deleted meanwhile.
    const session = conversations.find(account.id, sessionId)?.session;
    if (session === undefined) throw new Refusal(404, 'Session not found.');
    const before = session.files.filter((file) => file.name === name);
    store.addFile(session, { name, bytes, ...kind, ...(type === '' ? {} : { declaredType: type }) });
    // The name is the key: the newer file takes the older one's place.
    for (const { id } of before) store.removeFile(session, id);
    await store.settled();
    return { success: true, errorMessage: '' };
  } catch (error) {
    if (error instanceof Refusal) return { success: false, errorMessage: error.message };
    throw error;
  }
}

/** Throws Refusal 400. */
function baseName(filename: string): string {
  const name = filename.split(/[/\\]/).at(-1) ?? '';
  if (name === '' || name === '.' || name === '..' || name.includes('\0') || Buffer.byteLength(name) > MOST_NAME_BYTES)
    throw new Refusal(400, 'The file name is empty, too long, or none.');
  return name;
}
