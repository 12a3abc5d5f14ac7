import type { Clause, SearchRequest } from './search-types.js';

/** What one search may ask for. Whoever needs more asks twice: a refused search says which limit it met. */
export const SEARCH_LIMITS = {
  clauses: 100,
  orderings: 16,
  valuesInList: 2000,
  /** Characters of a value: longer than any tag that is searched. */
  text: 8000,
  key: 500,
} as const;

export interface SearchProblem {
  readonly kind: 'invalid' | 'too-large';
  readonly what: string;
}

const UNSTORABLE = /[\0\p{Cs}]/u;

/** What is wrong with a search that every room would refuse, in words; null when it is fine. */
export function searchProblem(request: SearchRequest<string>, maxLimit: number): SearchProblem | null {
  const { where = [], orderBy = [], limit } = request;
  if (!Number.isSafeInteger(limit) || limit < 1) return invalid(`a page of ${limit} is not possible`);
  if (limit > maxLimit) return tooLarge(`a page of ${limit}, at most ${maxLimit} are allowed`);
  if (where.length > SEARCH_LIMITS.clauses) return tooLarge(`${where.length} conditions`);
  if (orderBy.length > SEARCH_LIMITS.orderings) return tooLarge(`${orderBy.length} keys of order`);
  const names = orderBy.map(({ field, key }) => JSON.stringify([field, key]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return invalid(`the order names ${twice} twice`);
  for (const clause of where) {
    const problem = clauseProblem(clause);
    if (problem !== null) return problem;
  }
  return keyProblem(orderBy);
}

function clauseProblem(clause: Clause<string>): SearchProblem | null {
  const { comparison, value, field } = clause;
  if ((value === null) !== (comparison === 'is-null' || comparison === 'is-not-null')) {
    return invalid(`${field} ${comparison} takes ${value === null ? 'a value' : 'no value'}`);
  }
  if (value === null) return keyProblem([clause]);
  const isList = Array.isArray(value);
  if (isList !== (comparison === 'in' || comparison === 'not-in')) {
    return invalid(`${field} ${comparison} takes ${isList ? 'one value' : 'a list'}`);
  }
  const values = isList ? (value as readonly (string | number)[]) : [value as string | number];
  if (values.length === 0) return invalid(`the list of ${field} ${comparison} is empty`);
  if (values.length > SEARCH_LIMITS.valuesInList) return tooLarge(`${values.length} values in one list`);
  for (const one of values) {
    if (typeof one === 'number' && Number.isNaN(one)) return invalid(`${field} cannot be compared with NaN`);
    if (typeof one === 'string' && one.length > SEARCH_LIMITS.text) {
      return tooLarge(`a text of ${one.length} characters, at most ${SEARCH_LIMITS.text} are allowed`);
    }
    if (typeof one === 'string' && UNSTORABLE.test(one)) return invalid('a text has NUL or half a surrogate pair');
  }
  return keyProblem([clause]);
}

function keyProblem(keyed: readonly { key?: string }[]): SearchProblem | null {
  for (const { key } of keyed) {
    if (key === undefined) continue;
    if (key.length > SEARCH_LIMITS.key) return tooLarge(`a key of ${key.length} characters`);
    if (UNSTORABLE.test(key)) return invalid('a key has NUL or half a surrogate pair');
  }
  return null;
}

const invalid = (what: string): SearchProblem => ({ kind: 'invalid', what });
const tooLarge = (what: string): SearchProblem => ({ kind: 'too-large', what });

/**
 * The SQL pattern of LIKE (`%` any text, `_` any character, nothing escapes) as a pattern of SQLite's GLOB, which minds the
 * case where SQLite's LIKE does not.
 */
export function likeToGlob(pattern: string): string {
  return pattern.replace(/[%_*?[]/g, (character) => {
    if (character === '%') return '*';
    return character === '_' ? '?' : `[${character}]`;
  });
}
