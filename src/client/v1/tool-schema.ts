/**
 * The arguments of a local tool as v1 takes them: a part of JSON Schema under names of its own (LocalTool of the official client). What lies
 * outside is left out, as the service refuses the whole session over it; the call itself is checked by the tool's full schema here.
 */

type Json = Readonly<Record<string, unknown>>;

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
/** Ours -> the wire's. */
const TEXTS = { description: 'description', title: 'title', format: 'format', pattern: 'pattern', $ref: 'ref' };
const NUMBERS = { minimum: 'minimum', maximum: 'maximum' };
const COUNTS = {
  minLength: 'min_length',
  maxLength: 'max_length',
  minItems: 'min_items',
  maxItems: 'max_items',
  minProperties: 'min_properties',
  maxProperties: 'max_properties',
};

/** A new object; never throws. */
export function wireSchema(schema: Json): Record<string, unknown> {
  const wire: Record<string, unknown> = { ...typeOf(schema['type']) };
  const take = (names: Readonly<Record<string, string>>, fits: (value: unknown) => boolean): void => {
    for (const [name, its] of Object.entries(names)) if (fits(schema[name])) wire[its] = schema[name];
  };
  take(TEXTS, (value) => typeof value === 'string');
  take(NUMBERS, (value) => typeof value === 'number');
  take(COUNTS, (value) => Number.isSafeInteger(value));
  take({ enum: 'enum', required: 'required' }, isTexts);
  take({ default: 'default' }, (value) => value !== undefined);
  const { additionalProperties, properties, items } = schema;
  if (typeof additionalProperties === 'boolean') wire['additional_properties'] = additionalProperties;
  if (isObject(properties)) wire['properties'] = eachSchema(properties);
  if (isObject(items)) wire['items'] = wireSchema(items);
  const defs = schema['$defs'] ?? schema['definitions'];
  if (isObject(defs)) wire['defs'] = eachSchema(defs);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) wire['any_of'] = choices.filter(isObject).map(wireSchema);
  return wire;
}

/** `["string", "null"]` is a text that may be null; of several others none can be said. */
function typeOf(type: unknown): Record<string, unknown> {
  const names = (Array.isArray(type) ? (type as unknown[]) : [type]).filter(
    (name): name is string => typeof name === 'string' && TYPES.has(name),
  );
  const others = names.filter((name) => name !== 'null');
  const isNullable = names.length > others.length && others.length > 0;
  const one = others.length === 0 ? names[0] : others.length === 1 ? others[0] : undefined;
  return { ...(one === undefined ? {} : { type: one }), ...(isNullable ? { nullable: true } : {}) };
}

function eachSchema(schemas: Json): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, isObject(schema) ? wireSchema(schema) : {}]),
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
