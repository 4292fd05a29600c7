/** What the client keeps of a session between calls: nothing that the service does not know better. */

import type { SessionInfo } from '../../core/model.ts';
import { roleInTurn } from './codec.ts';
import { MessageType, SourceType } from './gen/api_hub_pb.js';
import type { Message } from './gen/api_hub_pb.js';
import { MessageMemory } from './memory.ts';

export interface SessionRecord {
  readonly memory: MessageMemory;
  /** Sizes of the files sent from here: the service does not tell them. */
  readonly sizes: Map<string, number>;
  info: SessionInfo | undefined;
  /** Turns that take messages right now. */
  live: number;
  /** The last turn that was seen has its answer. */
  finalKnown: boolean;
  /** The confirmation request shown last: which tool it named, by message id. */
  question: { readonly messageId: string; readonly toolName: string } | undefined;
}

export function createRecord(): SessionRecord {
  return {
    memory: new MessageMemory(),
    sizes: new Map(),
    info: undefined,
    live: 0,
    finalKnown: false,
    question: undefined,
  };
}

/** What a message tells about its session; gives the info when the name changed. */
export function learn(record: SessionRecord, message: Message): SessionInfo | undefined {
  const role = roleInTurn(message);
  if (role !== 'none') record.finalKnown = role === 'terminal';
  if (message.messageType === MessageType.TOOL_CONFIRMATION_REQUEST)
    record.question = { messageId: message.id, toolName: message.title };
  if (message.messageType !== MessageType.SESSION_NAME || record.info === undefined) return undefined;
  const byUser = message.sourceType === SourceType.USER;
  const name = message.content.trim();
  // A name that a person chose wins over what the agent finds later.
  if (name === '' || name === record.info.name || (record.info.customName === true && !byUser)) return undefined;
  record.info = { ...record.info, name, customName: byUser };
  return record.info;
}
