/** JSON from outside: bounded in depth and number of values, and without the keys that change prototypes (trust.md S41). */

export interface JsonLimits {
  readonly depth: number;
  /** Objects, arrays and plain values together. */
  readonly nodes: number;
}

/** For one WebSocket frame. */
export const FRAME_LIMITS: JsonLimits = { depth: 64, nodes: 100_000 };
/** For one HTTP body. */
export const BODY_LIMITS: JsonLimits = { depth: 64, nodes: 5_000_000 };

/** Throws SyntaxError when the text is no JSON, RangeError when it is too deep or too large. Keys named `__proto__` are dropped. */
export function parseJson(text: string, limits: JsonLimits): unknown {
  const root: unknown = JSON.parse(text);
  let level: unknown[] = [root];
  let nodes = 1;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.depth) throw new RangeError(`JSON nested deeper than ${limits.depth} levels`);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Object.hasOwn(value, '__proto__')) Reflect.deleteProperty(value, '__proto__');
      const children: unknown[] = Array.isArray(value) ? value : Object.values(value);
      nodes += children.length;
      if (nodes > limits.nodes) throw new RangeError(`JSON with more than ${limits.nodes} values`);
      for (const child of children) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return root;
}
