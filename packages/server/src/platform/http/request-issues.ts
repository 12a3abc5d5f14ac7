import type { ErrorObject } from 'ajv';

/** One way in which a request misses the shape of its route. */
export interface RequestIssue {
  /** Where: `body/members/0/name`, `querystring/limit`. */
  readonly path: string;
  readonly got: string;
  readonly expected: string;
}

const SHOWN_CHARACTERS = 120;

/** The validator's errors in our words. `part` is the part of the request: body, params, querystring or headers. */
export function describeIssues(errors: readonly Partial<ErrorObject>[], part: string): RequestIssue[] {
  return errors.map((error) => {
    const params = (error.params ?? {}) as Record<string, unknown>;
    const name = params.additionalProperty ?? params.missingProperty;
    return {
      path: `${part}${error.instancePath ?? ''}${name === undefined ? '' : `/${String(name)}`}`,
      got: gotOf(error, params),
      expected: expectedOf(error, params),
    };
  });
}

function gotOf({ data, keyword }: Partial<ErrorObject>, params: Record<string, unknown>): string {
  if (keyword === 'required') return 'nothing';
  if (keyword === 'additionalProperties') {
    return shorten((data as Record<string, unknown> | undefined)?.[String(params.additionalProperty)]);
  }
  return shorten(data);
}

function shorten(value: unknown): string {
  if (value === undefined) return 'nothing';
  // A large value is only named by its kind: printing it whole just to cut it would cost as much as parsing it.
  if (Array.isArray(value) && value.length > 20) return `list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    if (!Array.isArray(value))
      return `object with ${keys.length === 0 ? 'no members' : keys.slice(0, 5).join(', ').slice(0, SHOWN_CHARACTERS)}`;
    return `list of ${value.length}`;
  }
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, SHOWN_CHARACTERS) : value) ?? String(value);
  return text;
}

function expectedOf({ keyword, message }: Partial<ErrorObject>, params: Record<string, unknown>): string {
  if (keyword === 'additionalProperties') return 'no member of this name';
  if (keyword === 'required') return 'a value';
  if (keyword === 'enum')
    return `one of ${(params.allowedValues as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`;
  if (keyword === 'const') return JSON.stringify(params.allowedValue);
  if (keyword === 'type') return [params.type].flat().join(' or ');
  return (message ?? 'another value').replace(/^must (be|match|NOT)\b ?/, (_, verb) => (verb === 'NOT' ? 'not ' : ''));
}
