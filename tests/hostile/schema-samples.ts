import type { Rng } from '@fairlead/num';
import { pick } from './hostile-values.js';

/** What this test reads of a JSON Schema. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $ref?: string;
}

/** Names of things that exist in the server, and values it takes, so that requests get past the first look. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export interface Sampler {
  readonly rng: Rng;
  /** By name of a parameter or member. */
  readonly known: Known;
  readonly resolve: (ref: string) => Schema;
}

const MAX_DEPTH = 6;

/** A value that the schema probably accepts: an example of it where there is one, and names that exist. */
export function sampleOf(schema: Schema, sampler: Sampler, place = { name: '', depth: 0 }): unknown {
  const { rng, known, resolve } = sampler;
  const { name, depth } = place;
  if (schema.$ref !== undefined) return sampleOf(resolve(schema.$ref), sampler, place);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(rng, schema.enum);
  const examples = schema.examples ?? (schema.example === undefined ? [] : [schema.example]);
  if (examples.length > 0 && rng.next() < 0.5) return pick(rng, examples);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return sampleOf(pick(rng, variants), sampler, place);
  const below = { name, depth: depth + 1 };
  const type = Array.isArray(schema.type) ? pick(rng, schema.type as readonly string[]) : schema.type;
  const fitting = (known[name] ?? []).filter((value) => type === undefined || typeOf(value) === type);
  if (fitting.length > 0 && rng.next() < 0.8) return pick(rng, fitting);
  switch (type) {
    case 'object':
      return sampleObject(schema, sampler, depth);
    case 'array': {
      const length = Math.max(schema.minItems ?? 0, depth > MAX_DEPTH ? 0 : rng.int(3));
      return Array.from({ length }, () => sampleOf(schema.items ?? {}, sampler, below));
    }
    case 'integer':
    case 'number': {
      const low = schema.minimum ?? 0;
      return low + rng.int(Math.max(1, Math.min(20, (schema.maximum ?? low + 20) - low)));
    }
    case 'boolean':
      return rng.next() < 0.5;
    case 'null':
      return null;
    default:
      return pick(rng, ['rain', 'weather', 'a', '1', 'latest']);
  }
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function sampleObject(schema: Schema, sampler: Sampler, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const required = new Set(schema.required ?? []);
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (!required.has(name) && (depth > MAX_DEPTH || sampler.rng.next() < 0.5)) continue;
    value[name] = sampleOf(member, sampler, { name, depth: depth + 1 });
  }
  const more =
    typeof schema.additionalProperties === 'object'
      ? schema.additionalProperties
      : Object.values(schema.patternProperties ?? {})[0];
  if (more !== undefined && depth <= MAX_DEPTH) {
    const key = String(pick(sampler.rng, sampler.known.column ?? ['a']));
    value[key] = sampleOf(more, sampler, { name: key, depth: depth + 1 });
  }
  return value;
}
