/** Reading a ticked resource (a skill of a tool server) as one more tool: asked about at every call, like everything of others. */

import { labelText } from '../visible-text.ts';
import type { ForeignResource } from './foreign.ts';
import { type Tool, type ToolContext, ToolInputError, type ToolOutput } from './tool.ts';

export const READ_RESOURCE = 'read_resource';

const TIMEOUT_MS = 60_000;
const MOST_NAMED = 20;

/** `place`: whom a call asks. */
export function resourceTool(
  resources: readonly ForeignResource[],
  place: string,
  read: (uri: string, context: ToolContext) => Promise<ToolOutput>,
): Tool {
  const named = resources.slice(0, MOST_NAMED).map(({ uri, name }) => `${labelText(uri, 200)} (${name})`);
  return {
    name: READ_RESOURCE,
    title: 'Read a resource',
    description: `The text of a resource or skill that the user's tool servers offer: ${named.join(', ')}.`,
    inputSchema: {
      type: 'object',
      properties: { uri: { type: 'string', description: 'As listed.' } },
      required: ['uri'],
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    preview: false,
    place,
    timeoutMs: TIMEOUT_MS,
    parse: (args) => {
      const { uri, ...others } = (args ?? {}) as { readonly uri?: unknown };
      if (typeof uri !== 'string' || Object.keys(others).length > 0)
        throw new ToolInputError(`The arguments of ${READ_RESOURCE} do not fit: {"uri": …} is wanted.`);
      if (!resources.some((resource) => resource.uri === uri))
        throw new ToolInputError('uri: no such resource is offered here.');
      return { uri };
    },
    run: async ({ uri }, context) => read(String(uri), context),
  };
}
