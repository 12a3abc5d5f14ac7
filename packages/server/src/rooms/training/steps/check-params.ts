import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from '../../pipelines/index.js';

const ajv = new Ajv2020({ allErrors: true, discriminator: true, strict: false });

/** Reads a step's `with` by its schema, compiled at the first use; tells what is wrong, in words. Empty when nothing is. */
export function paramsChecker(schema: object): (params: Readonly<Record<string, Json>>) => string[] {
  let compiled: ValidateFunction | undefined;
  return (params) => {
    compiled ??= ajv.compile(schema);
    return compiled(params) ? [] : [...new Set((compiled.errors ?? []).map(problemOf))].slice(0, 20);
  };
}

function problemOf({ instancePath, keyword, params, message }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const at = path === '' ? '' : `${path}: `;
  const facts = params as Record<string, unknown>;
  if (keyword === 'additionalProperties') return `${at}unknown key '${facts.additionalProperty}'`;
  if (keyword === 'required') return `${at}'${facts.missingProperty}' is missing`;
  if (keyword === 'discriminator') return `${at}'${facts.tagValue}' is no known ${facts.tag}`;
  if (keyword === 'enum') return `${at}must be one of ${(facts.allowedValues as unknown[]).join(', ')}`;
  return `${at}${message ?? keyword}`;
}
