// Trust S28: calls with any arguments. A result, or one of three errors; nothing thrown besides, nothing of elsewhere in it.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ToolRegistry } from '../../../src/core/tools/registry.ts';

const KEYS = ['path', 'query', 'startLine', 'endLine', 'glob', 'cursor', 'isRegex', 'sql', 'log', 'limit'];

/** Calls tools by their names `runs` times. Rejects with the counterexample. */
export async function fuzzTools(
  registry: ToolRegistry,
  names: readonly string[],
  runs: number,
  seed: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.oneof(
        fc.anything(),
        fc.dictionary(fc.constantFrom(...KEYS), fc.anything()),
        // What has the right form, and says anything.
        fc.record(
          { path: fc.string(), query: fc.string({ minLength: 1 }), glob: fc.string(), sql: fc.string() },
          { requiredKeys: [] },
        ),
      ),
      async (name, args) => {
        const tool = registry.find(name);
        assert.ok(tool !== undefined, name);
        try {
          const { text } = await tool.run(tool.parse(args), {
            signal: new AbortController().signal,
            sessionId: 'of the fuzz',
          });
          assert.ok(!/root:.*:0:0/.test(text));
        } catch (error) {
          assert.ok(
            error instanceof Error && ['ToolInputError', 'ToolRefusal', 'SecGeminiError'].includes(error.name),
            String(error),
          );
        }
      },
    ),
    { numRuns: runs, seed },
  );
}
