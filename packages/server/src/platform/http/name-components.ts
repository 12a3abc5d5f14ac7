import { isDeepStrictEqual } from 'node:util';

type Json = Readonly<Record<string, unknown>>;

/** These hold values, not schemas. */
const VALUES = new Set(['const', 'default', 'enum', 'example', 'examples']);
const NAME = /^[A-Z][A-Za-z0-9]*$/;

/**
 * The OpenAPI document with every schema that has a name, its `title` in one word, written once under `components.schemas` and
 * referred to wherever it stands: spelt out at each place, the union of all gates alone made the document twice as long.
 *
 * @throws TypeError when two different schemas have one name
 */
export function nameComponents<T extends Json>(document: T): T {
  const schemas: Record<string, Json> = {};
  const named = walk(document, schemas) as T & { components?: { schemas?: Json } };
  if (Object.keys(schemas).length === 0) return named;
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...named, components: { ...named.components, schemas: { ...named.components?.schemas, ...sorted } } };
}

function walk(value: unknown, schemas: Record<string, Json>): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, schemas));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    copy[key] = VALUES.has(key) ? member : walk(member, schemas);
  }
  const { title } = copy;
  if (typeof title !== 'string' || !NAME.test(title)) return copy;
  keep(title, copy, schemas);
  return { $ref: `#/components/schemas/${title}` };
}

/** Examples of a body stand beside its schema and not in it, so that they do not make two schemas different. */
function keep(name: string, schema: Json, schemas: Record<string, Json>): void {
  const bare = ({ example: _, examples: __, ...rest }: Json): Json => rest;
  const before = schemas[name];
  if (before !== undefined && !isDeepStrictEqual(bare(before), bare(schema))) {
    throw new TypeError(`two different schemas of the routes are named ${name}`);
  }
  schemas[name] = { ...before, ...schema };
}
