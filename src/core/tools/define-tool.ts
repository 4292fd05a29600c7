/** Makes a tool from a zod object: the schema that the agent sees and the check of what it sends are one thing. */

import { toJSONSchema } from 'zod/v4/core';
import * as z from 'zod/mini';
import { inWords } from '../zod-words.ts';
import { type Tool, type ToolAnnotations, type ToolContext, ToolInputError, type ToolOutput } from './tool.ts';

export const READS: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** Seconds are long for an agent that waits; a language server that starts needs some. */
const DEFAULT_TIMEOUT_MS = 20_000;

/** A read-only tool of this machine, from a zod object. */
export function defineTool<T extends z.ZodMiniObject>(tool: {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: T;
  readonly timeoutMs?: number;
  readonly run: (args: z.output<T>, context: ToolContext) => Promise<ToolOutput>;
}): Tool {
  const { name, title, description, timeoutMs = DEFAULT_TIMEOUT_MS } = tool;
  const input = z.catchall(tool.input, z.never());
  const { $schema: _dialect, ...inputSchema } = toJSONSchema(input, { io: 'input' });
  return {
    name,
    title,
    description,
    inputSchema,
    annotations: READS,
    preview: true,
    timeoutMs,
    parse: (args) => {
      const parsed = input.safeParse(args ?? {}, inWords);
      if (parsed.success) return parsed.data;
      const problems = parsed.error.issues
        .slice(0, 5)
        .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
      throw new ToolInputError(`The arguments of ${name} do not fit: ${problems.join('; ')}.`);
    },
    // Whoever calls it parsed the arguments with the line above.
    run: (args, context) => tool.run(args as z.output<T>, context),
  };
}
