// What of zod the host loads at once is the little that its schemas need.
import { readFile } from 'node:fs/promises';
import type { OnResolveArgs, Plugin } from 'esbuild';

/** Of a lookup that this plugin made itself. */
const LOOKING = 'zod-copies is looking';

/**
 * Who gets a copy of zod of its own, all of it loaded on demand: the MCP SDK, which needs the whole of it, and what makes a
 * JSON schema (`zod/v4/core`). esbuild keeps a module whole in one chunk, so with one zod for all, what only these use
 * would be loaded at once as well. Copies understand each other's schemas: zod goes by their shape, and what it keeps of
 * them, it keeps for the whole process.
 */
function copyFor({ path, importer }: OnResolveArgs): string | undefined {
  if (!/^zod(?:\/|$)/.test(path)) return undefined;
  if (importer.includes('/@modelcontextprotocol/')) return '?mcp';
  return path === 'zod/v4/core' ? '?json-schema' : undefined;
}

/** zod/mini names one function so that esbuild takes all of its neighbours along (9 kB): it is named directly instead. */
const LONG_WAY = 'core.util.constantCatch(';

export const zodCopies: Plugin = {
  name: 'zod-copies',
  setup(builder) {
    builder.onResolve({ filter: /^(?:zod(?:\/|$)|\.)/ }, async (args) => {
      const { path, pluginData: from, ...options } = args;
      if (from === LOOKING) return undefined;
      const suffix = typeof from === 'string' && from.startsWith('?') ? from : copyFor(args);
      if (suffix === undefined) return undefined;
      const found = await builder.resolve(path, { ...options, pluginData: LOOKING });
      return found.errors.length > 0 ? { errors: found.errors } : { ...found, suffix, pluginData: suffix };
    });
    builder.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]/ }, async ({ path, suffix }) => {
      const contents = await readFile(path, 'utf8');
      if (!/[\\/]mini[\\/]schemas\.js$/.test(path)) return { contents, pluginData: suffix };
      return contents.includes(LONG_WAY)
        ? { contents: contents.replace(LONG_WAY, LONG_WAY.slice('core.'.length)), pluginData: suffix }
        : { errors: [{ text: `zod/mini has no ${LONG_WAY}…) any more: is this still needed?` }] };
    });
  },
};
