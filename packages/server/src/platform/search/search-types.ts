/** Words of a search that every room with a list shares. */
export type Comparison =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'like'
  | 'ilike'
  | 'in'
  | 'not-in'
  | 'is-null'
  | 'is-not-null';

/**
 * One condition; all conditions of a search hold together. `field` is a column of the noun, or `metric`, `param`, `tag`,
 * … with the `key` inside it. `!=` and `not-in` do not find things that lack the key, unless `orMissing` says so.
 */
export interface Clause<Field extends string> {
  readonly field: Field;
  readonly key?: string;
  readonly comparison: Comparison;
  /** Null of `is-null` and `is-not-null` only, which ask whether there is a value at all. */
  readonly value: string | number | readonly (string | number)[] | null;
  /** Also true where the key is absent (prompts are hidden from models in this way). */
  readonly orMissing?: boolean;
}

export interface Ordering<Field extends string> {
  readonly field: Field;
  readonly key?: string;
  readonly direction: 'asc' | 'desc';
}

/** A page of a search in a total order. Tokens are keysets: exact while things are added and removed. */
export interface SearchRequest<Field extends string> {
  readonly where?: readonly Clause<Field>[];
  readonly orderBy?: readonly Ordering<Field>[];
  /** Absent: active. */
  readonly lifecycle?: 'active' | 'deleted' | 'all';
  readonly limit: number;
  readonly pageToken?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | null;
}
