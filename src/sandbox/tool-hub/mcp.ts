/** The JSON of tool clients (MCP): what they offer and what they answer. Untrusted, bounded, and shown as text only. */
import * as z from 'zod/mini';
import type { ToolAnswer } from '../engine/types.ts';
import { BODY_LIMITS, parseJson } from '../net/json.ts';

const MOST_LISTED = 500;
const MOST_NAME = 200;
const MOST_DESCRIPTION = 2000;

export interface HubTool {
  readonly name: string;
  readonly description: string;
  /** The client says that calling it twice does no harm. */
  readonly mayRepeat: boolean;
}

export interface HubResource {
  readonly uri: string;
  readonly name: string;
  readonly description: string;
}

const toolSchema = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(MOST_NAME)),
  description: z.nullish(z.string()),
  annotations: z.nullish(z.object({ readOnlyHint: z.nullish(z.boolean()), idempotentHint: z.nullish(z.boolean()) })),
});

const resourceSchema = z.object({
  uri: z.string().check(z.minLength(1), z.maxLength(2000)),
  name: z.nullish(z.string()),
  description: z.nullish(z.string()),
});

/** The entries of a JSON list that have the wanted shape; undefined when it is no list. */
function listOf<T>(json: string, schema: z.ZodMiniType<T>): T[] | undefined {
  try {
    const list: unknown = parseJson(json, BODY_LIMITS);
    if (!Array.isArray(list)) return undefined;
    return list.slice(0, MOST_LISTED).flatMap((entry) => {
      const parsed = schema.safeParse(entry);
      return parsed.success ? [parsed.data] : [];
    });
  } catch {
    return undefined;
  }
}

/** Undefined when the answer is no list of tools. */
export function toolsOf(json: string): HubTool[] | undefined {
  return listOf(json, toolSchema)?.map(({ name, description, annotations }) => ({
    name,
    description: (description ?? '').slice(0, MOST_DESCRIPTION),
    mayRepeat: annotations?.readOnlyHint === true || annotations?.idempotentHint === true,
  }));
}

/** Undefined when the answer is no list of resources. */
export function resourcesOf(json: string): HubResource[] | undefined {
  return listOf(json, resourceSchema)?.map(({ uri, name, description }) => ({
    uri,
    name: (name ?? uri).slice(0, MOST_NAME),
    description: (description ?? '').slice(0, MOST_DESCRIPTION),
  }));
}

const resultSchema = z.object({
  content: z._default(z.array(z.looseObject({ type: z.string() })), []),
  isError: z.nullish(z.boolean()),
  structuredContent: z.optional(z.unknown()),
});

/** A CallToolResult as text; an answer of another shape is an error that quotes it. */
export function resultOf(json: string): ToolAnswer {
  try {
    const { content, isError, structuredContent } = resultSchema.parse(parseJson(json, BODY_LIMITS));
    const parts = content.map((part) => {
      if (typeof part['text'] === 'string') return part['text'];
      if (typeof part['data'] === 'string')
        return `[${part.type}, ${typeof part['mimeType'] === 'string' ? part['mimeType'] : 'unknown type'}, ${part['data'].length} characters of base64]`;
      return JSON.stringify(part['resource'] ?? part);
    });
    if (parts.length === 0 && structuredContent !== undefined) parts.push(JSON.stringify(structuredContent));
    return { text: parts.join('\n'), isError: isError === true };
  } catch {
    return { text: `The tool's answer is no tool result: ${json.slice(0, 500)}`, isError: true };
  }
}

const contentsSchema = z.object({ contents: z.array(z.object({ text: z.nullish(z.string()) })) });

/** The text of a read resource; undefined when there is none. */
export function resourceText(json: string): string | undefined {
  try {
    const { contents } = contentsSchema.parse(parseJson(json, BODY_LIMITS));
    return contents.map(({ text }) => text ?? '').join('\n');
  } catch {
    return undefined;
  }
}
