/** What v1 asks to be allowed. The wire has no fields for it (protocol/v1.md): a sentence, or JSON with a tool's name and arguments. Pure. */

import type { Message } from '../../core/model.ts';
import type { Confirmation } from '../../core/model-agent.ts';
import { FRAME_LIMITS, parseJson } from '../json.ts';
import { toolCallSchema } from './wire.ts';

/**
 * A JSON content is taken apart, its arguments in the order that came; everything else stays the message. So does a content with more to it
 * than would stand among the arguments: both spellings at once, or a key that no copy of ours may carry.
 */
export function confirmationOf(message: Message): Confirmation {
  const plain = { id: message.id, toolName: message.title, args: {}, message: message.content };
  if (message.render !== 'json' || /__proto__|\\u005f/i.test(message.content)) return plain;
  try {
    const call = toolCallSchema.safeParse(parseJson(message.content, FRAME_LIMITS));
    if (!call.success || (call.data.tool_args !== undefined && call.data.args !== undefined)) return plain;
    const args = call.data.tool_args ?? call.data.args;
    return {
      ...plain,
      toolName: call.data.tool_name ?? call.data.name ?? plain.toolName,
      args: typeof args === 'object' && args !== null && !Array.isArray(args) ? { ...args } : {},
    };
  } catch {
    return plain;
  }
}
