/**
 * Tools and resources that others offer (the user's MCP servers, other extensions): what they say of themselves is untrusted, so it is bounded
 * and named here before anybody sees it. Pure.
 */

import { labelText, visibleText } from '../visible-text.ts';
import type { JsonSchema, ToolAnnotations, ToolArgs, ToolContext, ToolOutput } from './tool.ts';
import { ToolInputError } from './tool.ts';

/** As the source lists it. Whatever is missing counts as the worse case. */
export interface ForeignInfo {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema?: unknown;
  readonly annotations?: Partial<ToolAnnotations> | undefined;
}

/** Something to read as it is: a skill, a note. */
export interface ForeignResource {
  readonly uri: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

/** What a person sees of a source beside its name. */
export interface SourceState {
  readonly kind: 'off' | 'starting' | 'ready' | 'waiting' | 'failed';
  /** In words: `connected`, `stopped 3 times; start it again by hand`. */
  readonly words: string;
}

export interface ForeignSource {
  /** Never changes, never two the same: ticks are kept by it. */
  readonly id: string;
  /** For people: `MCP server notes`. */
  readonly label: string;
  /** Where arguments go, for the question: the command, the address. */
  readonly place: string;
  /** What the names of its tools begin with; two sources never have the same. */
  readonly prefix: string;
  readonly state: SourceState;
  tools(): readonly ForeignInfo[];
  resources(): readonly ForeignResource[];
  /** Rejects with what went wrong. */
  call(name: string, args: ToolArgs, context: ToolContext): Promise<ToolOutput>;
  read(uri: string, context: ToolContext): Promise<ToolOutput>;
}

/** Tools (and resources) of one source. */
export const MOST_OF_A_SOURCE = 128;
const MOST_NAME = 64;
const MOST_DESCRIPTION = 2000;
const MOST_SCHEMA = 32 * 1024;
const MOST_DEPTH = 16;
const MOST_NODES = 2000;

/** A definition within bounds, or why there is none. */
export type Bounded =
  | {
      readonly title: string;
      readonly description: string;
      readonly inputSchema: JsonSchema;
      readonly annotations: ToolAnnotations;
    }
  | { readonly leftOut: string };

/** What hides itself is made visible: the agent reads exactly what the user reads. */
export function boundDefinition({ name, title, description, inputSchema, annotations = {} }: ForeignInfo): Bounded {
  if (name === '' || name.length > 128) return { leftOut: 'its name is none' };
  const schema = boundSchema(inputSchema ?? { type: 'object' });
  if (schema === undefined) return { leftOut: 'the schema of its arguments is too large, or is none' };
  return {
    title: labelText(title === undefined || title.trim() === '' ? name : title, 100),
    description: visibleText((description ?? '').slice(0, MOST_DESCRIPTION)),
    inputSchema: schema,
    annotations: {
      readOnlyHint: annotations.readOnlyHint === true,
      destructiveHint: annotations.destructiveHint !== false && annotations.readOnlyHint !== true,
      idempotentHint: annotations.idempotentHint === true,
      openWorldHint: annotations.openWorldHint !== false,
    },
  };
}

/** A copy without `__proto__`, or undefined when it is too large, too deep, or not a schema of an object. */
function boundSchema(schema: unknown): JsonSchema | undefined {
  let nodes = 0;
  const fits = (value: unknown, depth: number): boolean => {
    nodes += 1;
    if (depth > MOST_DEPTH || nodes > MOST_NODES) return false;
    return typeof value !== 'object' || value === null || Object.values(value).every((each) => fits(each, depth + 1));
  };
  try {
    if (!isObject(schema) || !fits(schema, 0)) return undefined;
    const json = JSON.stringify(schema, (key, value: unknown) => (key === '__proto__' ? undefined : value));
    if (json.length > MOST_SCHEMA) return undefined;
    const copy: unknown = JSON.parse(json);
    return isObject(copy) && (copy['type'] === undefined || copy['type'] === 'object')
      ? { ...copy, type: 'object' }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The name under which a tool is offered: the source's prefix and its own name, so that no source can stand in for another or for the editor.
 * A name that had to be changed carries a piece of its hash, so that no two become one.
 */
export function offeredName(prefix: string, raw: string, hash: (text: string) => string): string {
  const plain = `${prefix}__${raw}`;
  if (plain.length <= MOST_NAME && /^[a-z0-9_]+$/i.test(raw)) return plain;
  const mark = `_${hash(raw).slice(0, 8)}`;
  return plain.replace(/[^a-z0-9_]/gi, '_').slice(0, MOST_NAME - mark.length) + mark;
}

/**
 * What a definition was when the user ticked it, in three parts: its words, its schema, its hints. Another one has to be ticked anew: a server
 * that changes what a tool says after it was agreed to gains nothing (a "rug pull").
 */
export function pinOf(definition: object, hash: (text: string) => string): string {
  const { title, description, inputSchema, annotations } = definition as Readonly<Record<string, unknown>>;
  return [[title, description], inputSchema, annotations].map((part) => hash(canonical(part)).slice(0, 32)).join('.');
}

/** `its description and its arguments`: what is not as it was. */
export function changedParts(pinned: string, now: string): string {
  const [before, after] = [pinned.split('.'), now.split('.')];
  const names = ['its description', 'its arguments', 'what it says of its effects'];
  return names.filter((_, index) => before[index] !== after[index]).join(' and ');
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, each: unknown) =>
      isObject(each) ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1))) : each,
    ) ?? ''
  );
}

/**
 * The first look at arguments, by the top of the schema: the source checks them itself, but the user should not be asked about what cannot work.
 * Throws ToolInputError.
 */
export function checkArguments(name: string, schema: JsonSchema, raw: unknown): ToolArgs {
  const args: unknown = raw ?? {};
  if (!isObject(args)) throw new ToolInputError(`The arguments of ${name} do not fit: one object is wanted.`);
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const missing = required.filter((key) => typeof key === 'string' && !Object.hasOwn(args, key));
  const unknown =
    schema['additionalProperties'] === false ? Object.keys(args).filter((key) => !Object.hasOwn(properties, key)) : [];
  const wrong = Object.keys(args).filter(
    (key) =>
      Object.hasOwn(properties, key) && !hasType(args[key], (properties[key] as { type?: unknown } | null)?.type),
  );
  const problems = [
    ...missing.map((key) => `${key} is missing`),
    ...unknown.map((key) => `there is no ${key}`),
    ...wrong.map((key) => `${key} is of another type`),
  ];
  if (problems.length > 0)
    throw new ToolInputError(
      `The arguments of ${name} do not fit: ${labelText(problems.slice(0, 5).join('; '), 300)}.`,
    );
  return args;
}

function hasType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return true;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
