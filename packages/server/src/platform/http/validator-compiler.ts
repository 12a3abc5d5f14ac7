import { Ajv, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

// One error is enough to refuse, and collecting all of them lets a small hostile body cost a lot.
const COMMON: Options = {
  allErrors: false,
  removeAdditional: false,
  useDefaults: true,
  strict: false,
  verbose: true,
  addUsedSchema: false,
};

/**
 * Compiles route schemas. Bodies are taken as they are: `"1"` is no number. Text from the address and the headers is
 * converted to what the schema asks for, and a single query member to a list of one where a list is asked for.
 */
export function createValidatorCompiler(): FastifySchemaCompiler<unknown> {
  const exact = new Ajv(COMMON);
  const converting = new Ajv({ ...COMMON, coerceTypes: 'array' });
  addFormats.default(exact);
  addFormats.default(converting);
  return ({ schema, httpPart }) =>
    compileWhenNeeded(() => (httpPart === 'body' ? exact : converting).compile(withSafeIntegers(schema) as object));
}

/** Compiling the schemas of all routes took a quarter of the start (0.4 s), and most are not asked for in the next hour. */
function compileWhenNeeded(compile: () => ValidateFunction) {
  let compiled: ValidateFunction | undefined;
  const validate = Object.assign(
    (value: unknown): boolean => {
      compiled ??= compile();
      const verdict = compiled(value);
      // Fastify reads the errors from the function it called.
      validate.errors = compiled.errors ?? null;
      return verdict;
    },
    { errors: null as NonNullable<ValidateFunction['errors']> | null },
  );
  return validate;
}

/**
 * The schema with every `integer` bounded to what a double holds exactly (±(2^53 − 1)): beyond that JSON.parse has already
 * changed the number, and databases refuse it.
 */
function withSafeIntegers(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withSafeIntegers);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    // These hold values, not schemas.
    copy[key] = ['const', 'default', 'enum', 'examples'].includes(key) ? value : withSafeIntegers(value);
  }
  if (copy.type !== 'integer') return copy;
  return {
    ...copy,
    ...(copy.minimum === undefined && copy.exclusiveMinimum === undefined && { minimum: Number.MIN_SAFE_INTEGER }),
    ...(copy.maximum === undefined && copy.exclusiveMaximum === undefined && { maximum: Number.MAX_SAFE_INTEGER }),
  };
}
