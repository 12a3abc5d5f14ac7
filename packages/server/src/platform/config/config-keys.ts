import type { TSchema } from 'typebox';
import { configSchema } from './config-schema.js';

/** JSON Schema of one setting, as far as this folder reads it. */
export interface LeafSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly items?: LeafSchema;
  /** How each item of a list begins, where items may have commas of their own. */
  readonly splitBefore?: string;
  /** The value may hold a password: it is in no message. */
  readonly secret?: boolean;
}

/** One setting under all its names, for example `identity.required`, FAIRLEAD_IDENTITY_REQUIRED, --identity-required. */
export interface ConfigKey {
  readonly key: string;
  readonly environment: string;
  readonly flag: string;
  readonly schema: LeafSchema;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
}

function flatten(schema: ObjectSchema, prefix: string): ConfigKey[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const key = prefix + name;
    if ((value as ObjectSchema).properties !== undefined) return flatten(value as ObjectSchema, `${key}.`);
    const flag = key.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const environment = `FAIRLEAD_${flag.replaceAll('-', '_').toUpperCase()}`;
    return [{ key, environment, flag, schema: value as LeafSchema }];
  });
}

/** Every setting, in the order of the schema. */
export const CONFIG_KEYS: readonly ConfigKey[] = flatten(configSchema as ObjectSchema, '');

/** What a setting takes, in words, for example `integer 0..65535` or `one of normal, full`. */
export function expectedOf(schema: LeafSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'number') return `number ${schema.minimum ?? ''}..${schema.maximum ?? ''}`;
  if (schema.type === 'integer') return `integer ${schema.minimum ?? ''}..${schema.maximum ?? ''}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'object') return 'JSON object';
  if (schema.type === 'array') return `list of ${expectedOf(schema.items ?? {})}`;
  if (schema.pattern !== undefined) return `text matching ${schema.pattern}`;
  return schema.minLength === undefined ? 'text' : 'text, not empty';
}

export interface ConfigReferenceRow {
  readonly key: string;
  readonly environment: string;
  readonly flag: string;
  readonly expected: string;
  /** JSON, or empty for a setting without one. */
  readonly default: string;
  readonly description: string;
}

/** The rows of docs/reference/config.md. */
export function configReference(): readonly ConfigReferenceRow[] {
  return CONFIG_KEYS.map(({ key, environment, flag, schema }) => ({
    key,
    environment,
    flag: `--${flag}`,
    expected: expectedOf(schema),
    default: schema.default === undefined ? '' : JSON.stringify(schema.default),
    description: schema.description ?? '',
  }));
}
