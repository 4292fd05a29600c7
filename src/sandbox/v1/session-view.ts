/** v1's view of what the store keeps: PublicSession, PublicUser, UserInfo. */
import type { Account } from '../accounts.ts';
import type { StoredFile, StoredSession } from '../state/model.ts';
import { messageSchema, sessionDataSchema } from './shapes.ts';
import type { SessionData, V1Message } from './shapes.ts';

/** The one model there is. Its description says what it is, so that no client can show it as a real one. */
export const LOCAL_MODEL = {
  model_name: 'sec-gemini',
  version: '1.1',
  use_experimental: false,
  model_string: 'sec-gemini-1.1',
  description: 'Local sandbox: looks at what is attached. No model.',
  toolsets: [
    {
      name: 'inspection',
      version: 1,
      description: 'Hashes, file types, secrets, indicators and risky patterns of the attached files.',
      vendor: { name: 'Local sandbox', description: 'Runs on this machine only.', url: '', svg: '' },
      is_enabled: true,
      is_enabled_by_default: true,
      is_enabled_by_default_in_incognito: true,
      is_experimental: false,
    },
  ],
};

/** This wire's part of a session. Throws when the session is not v1's. */
export function dataOf(session: StoredSession): SessionData {
  return sessionDataSchema.parse(session.data);
}

/** The history as v1 messages. */
export function messagesOf(session: StoredSession): V1Message[] {
  return session.messages.map((message) => messageSchema.parse(message));
}

export function publicFile({ name, bytes, sha256, mimeType, label }: StoredFile): Record<string, unknown> {
  return { name, size: bytes.length, sha256, mime_type: mimeType, content_type_label: label };
}

/** Lists leave the messages out, as the service does; `num_messages` still counts them. */
export function publicSession(
  session: StoredSession,
  account: Account,
  withMessages: boolean,
): Record<string, unknown> {
  const data = dataOf(session);
  return {
    id: session.id,
    user_id: account.id,
    org_id: account.org_id,
    model: data.model,
    ttl: session.ttlSeconds ?? 0,
    language: data.language,
    turns: data.turns,
    name: data.name,
    description: data.description,
    create_time: session.createdAt / 1000,
    update_time: session.updatedAt / 1000,
    num_messages: session.messages.length,
    messages: withMessages ? session.messages : [],
    usage: data.usage,
    can_log: data.can_log,
    state: data.state,
    files: session.files.map(publicFile),
    logs_table: data.logs_table,
    local_tools: data.local_tools,
    agents_config: data.agents_config,
  };
}

export function publicUser(account: Account): Record<string, unknown> {
  const { id, org_id, type, never_log, can_disable_logging, key_expire_time, tpm, rpm, allow_experimental } = account;
  const vendors = LOCAL_MODEL.toolsets.map(({ vendor }) => vendor);
  return { id, org_id, type, never_log, can_disable_logging, key_expire_time, tpm, rpm, allow_experimental, vendors };
}
