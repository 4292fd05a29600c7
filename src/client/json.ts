/** JSON from outside: bounded in size, depth and nodes, and unable to reach a prototype (trust.md S41). */

import { SecGeminiError } from '../core/errors.ts';

export interface JsonLimits {
  /** Characters. */
  readonly size: number;
  readonly depth: number;
  /** Values of any kind, keys not counted. */
  readonly nodes: number;
}

const MIB = 1024 * 1024;

/** One message of the socket. The socket's own limit is 16 MiB. */
export const FRAME_LIMITS: JsonLimits = { size: 16 * MIB, depth: 64, nodes: 100_000 };
/** A whole HTTP body: a session with its transcript. */
export const BODY_LIMITS: JsonLimits = { size: 64 * MIB, depth: 64, nodes: 5_000_000 };

/** The only texts that can carry a `__proto__` key, plain or escaped. */
const PROTO = /__proto__|\\u/;

/**
 * Parses and bounds. Objects come back without any own `__proto__` key, so that no later copy can set a prototype. Throws SecGeminiError
 * `protocol`, or `tooLarge` beyond the size.
 */
export function parseJson(text: string, limits: JsonLimits): unknown {
  if (text.length > limits.size)
    throw new SecGeminiError('tooLarge', `The service sent more than ${Math.round(limits.size / MIB)} MiB at once.`, {
      action: 'Open the session again; that one answer stays on the service.',
    });
  checkDepth(text, limits.depth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own message quotes the text, which may be anything: it stays out.
    throw new SecGeminiError('protocol', 'The service sent something that is not JSON.');
  }
  // Every value but the first needs a comma, a colon or a bracket beside it, so a short text cannot hold many.
  if (text.length > limits.nodes || PROTO.test(text)) inspect(value, limits);
  return value;
}

/** Counts brackets outside strings before anything is parsed: the parser itself recurses. */
function checkDepth(text: string, limit: number): void {
  let depth = 0;
  let inString = false;
  // Most texts hold fewer opening brackets than the limit in all; finding that out is cheap.
  if (countUpTo(text, '{', limit) + countUpTo(text, '[', limit) <= limit) return;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 92) index += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > limit)
        throw new SecGeminiError('protocol', `The service sent data nested deeper than ${limit} levels.`);
    } else if (code === 125 || code === 93) depth -= 1;
  }
}

function countUpTo(text: string, character: string, limit: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
    count += 1;
    if (count > limit) break;
  }
  return count;
}

/** Walks without recursion: counts nodes, and takes `__proto__` keys away. */
function inspect(root: unknown, limits: JsonLimits): void {
  const stack: unknown[] = [root];
  let nodes = 0;
  while (stack.length > 0) {
    const value = stack.pop();
    nodes += 1;
    if (nodes > limits.nodes)
      throw new SecGeminiError('protocol', `The service sent more than ${limits.nodes} values at once.`);
    if (Array.isArray(value)) {
      for (const item of value) stack.push(item);
    } else if (typeof value === 'object' && value !== null) {
      if (Object.hasOwn(value, '__proto__')) delete (value as Record<string, unknown>)['__proto__'];
      for (const item of Object.values(value)) stack.push(item);
    }
  }
}
