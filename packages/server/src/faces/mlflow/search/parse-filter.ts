import type { Clause, Comparison } from '../../../platform/search/index.js';
import { matchesPattern } from './match-pattern.js';
import { filterProblem, type Token, tokenise } from './tokenise.js';
import { type FieldRule, type KeyedRule, resolveName, type Vocabulary } from './vocabulary.js';

const NUMERIC = ['=', '!=', '<', '<=', '>', '>='] as const;
const TEXTUAL = ['=', '!=', 'like', 'ilike'] as const;
const LISTS = ['in', 'not-in'] as const;

/** The conditions of a filter; none of an empty one. Throws MLF_FILTER_INVALID with position and remedy. */
export function parseFilter<Field extends string>(
  source: string | undefined,
  vocabulary: Vocabulary<Field>,
): Clause<Field>[] {
  if (source === undefined || source.trim() === '') return [];
  const reader = new FilterReader(source, vocabulary);
  const clauses: Clause<Field>[] = [];
  do clauses.push(reader.clause());
  while (reader.isAnother());
  return clauses;
}

interface Named<Field extends string> {
  readonly name: Token;
  readonly rule: FieldRule<Field>;
  readonly key?: string;
  readonly keyed?: KeyedRule<Field>;
}

class FilterReader<Field extends string> {
  readonly #source: string;
  readonly #vocabulary: Vocabulary<Field>;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string, vocabulary: Vocabulary<Field>) {
    this.#source = source;
    this.#vocabulary = vocabulary;
    this.#tokens = tokenise(source);
  }

  clause(): Clause<Field> {
    const named = this.#name();
    const onNull = this.#nullTest(named);
    if (onNull !== undefined) return toClause(named, onNull, null);
    const comparison = this.#comparison(named);
    const value = comparison === 'in' || comparison === 'not-in' ? this.#list(named) : this.#value(named);
    return toClause(named, comparison, value);
  }

  /** True behind AND, false at the end; anything else is no filter. */
  isAnother(): boolean {
    const token = this.#tokens[this.#next];
    if (token === undefined) return false;
    if (!isWord(token, 'AND'))
      throw this.#problem(token, 'conditions are joined by AND; OR, NOT and parentheses are not for filters');
    this.#next += 1;
    return true;
  }

  #name(): Named<Field> {
    const name = this.#take('a name such as params.depth');
    if (name.key === undefined || name.quote === "'") {
      throw this.#problem(
        name,
        'a condition begins with a name such as params.depth, without functions and parentheses',
      );
    }
    const { group, key } = name;
    const resolved = resolveName(this.#vocabulary, group === undefined ? { key } : { group, key }, 'filter');
    if ('problem' in resolved) throw this.#problem(name, resolved.problem);
    return { name, ...resolved };
  }

  /** IS NULL or IS NOT NULL; undefined before anything else. */
  #nullTest({ rule, name }: Named<Field>): Comparison | undefined {
    const is = this.#tokens[this.#next];
    if (is === undefined || !isWord(is, 'IS')) return undefined;
    this.#next += 1;
    const first = this.#take('NULL or NOT NULL');
    const isNot = isWord(first, 'NOT');
    const last = isNot ? this.#take('NULL') : first;
    if (!isWord(last, 'NULL')) throw this.#problem(last, 'behind IS stands NULL or NOT NULL');
    if (rule.nullable !== true) throw this.#problem(is, `IS NULL and IS NOT NULL are not for ${show(name)}`);
    return isNot ? 'is-not-null' : 'is-null';
  }

  #comparison({ rule, name }: Named<Field>): Comparison {
    const token = this.#take('a comparison');
    const written = isWord(token, 'NOT') ? `not ${this.#take('IN').text}` : token.text;
    const comparison = written.toLowerCase().replace('not in', 'not-in');
    const allowed: readonly string[] = [
      ...(rule.takes === 'number' ? NUMERIC : TEXTUAL),
      ...(rule.lists === true ? LISTS : []),
    ];
    if (token.kind !== 'quoted' && allowed.includes(comparison)) return comparison as Comparison;
    const words = allowed.map((word) => word.replace('-', ' ').toUpperCase()).join(' ');
    throw this.#problem(
      token,
      `Invalid comparator '${token.text.slice(0, 20)}' for ${show(name)}, not one of ${words}`,
    );
  }

  #value({ rule, name }: Named<Field>): string | number {
    const token = this.#take('a value');
    if (rule.takes === 'number') {
      const number = token.kind === 'number' ? Number(token.text) : Number.NaN;
      if (!Number.isNaN(number)) return number;
      throw this.#problem(token, `Expected numeric value type for ${show(name)}: a number without quotes`);
    }
    return this.#text(token, name);
  }

  #list({ name }: Named<Field>): string[] {
    if (this.#take('(').text !== '(') throw this.#problem(this.#previous(), 'a list begins with "("');
    const values: string[] = [];
    for (;;) {
      const token = this.#take('a quoted text or ")"');
      // Python's way to write a list of one has a comma behind it.
      if (token.kind === 'mark' && token.text === ')' && values.length > 0) return values;
      values.push(this.#text(token, name));
      const mark = this.#take('"," or ")"');
      if (mark.kind === 'mark' && mark.text === ')') return values;
      if (mark.kind !== 'mark' || mark.text !== ',') throw this.#problem(mark, 'values of a list stand between commas');
    }
  }

  #text(token: Token, name: Token): string {
    if (token.kind === 'quoted' && token.quote !== '`') return token.text;
    throw this.#problem(token, `Expected a quoted string value for ${show(name)} (e.g. 'my-value')`);
  }

  #take(expected: string): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw filterProblem(this.#source, this.#source.length, `${expected} is missing`);
    this.#next += 1;
    return token;
  }

  #previous(): Token {
    return this.#tokens[this.#next - 1] as Token;
  }

  #problem(token: Token, what: string): Error {
    return filterProblem(this.#source, token.at, what);
  }
}

function show({ text }: Token): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'name' && token.text.toUpperCase() === word;
}

function toClause<Field extends string>(
  { rule, key, keyed }: Named<Field>,
  comparison: Comparison,
  value: string | number | readonly string[] | null,
): Clause<Field> {
  const { field, words, store } = rule;
  if (words !== undefined) return { field, comparison: 'in', value: wordsThat(words, comparison, value) };
  const stored = store === undefined || value === null || typeof value === 'number' ? value : storeAll(value, store);
  const clause = { field, comparison, value: stored, ...(key !== undefined && { key }) };
  return keyed?.orMissing?.(key ?? '', comparison, value) === true ? { ...clause, orMissing: true } : clause;
}

function storeAll(value: string | readonly string[], store: (text: string) => string): string | string[] {
  return typeof value === 'string' ? store(value) : value.map(store);
}

/** Stored forms of the words for which the comparison holds. A list must not be empty: no value is the empty text. */
function wordsThat(words: Readonly<Record<string, string>>, comparison: Comparison, value: unknown): string[] {
  const positive = comparison === '!=' ? '=' : comparison === 'not-in' ? 'in' : comparison;
  const found = new Set(Object.keys(words).flatMap((word) => (isWordThat(word, positive, value) ? words[word] : [])));
  const holding = new Set(Object.values(words).filter((stored) => found.has(stored) === (positive === comparison)));
  return holding.size === 0 ? [''] : [...holding];
}

function isWordThat(word: string, comparison: Comparison, value: unknown): boolean {
  if (Array.isArray(value)) return value.includes(word);
  const text = String(value);
  if (comparison === 'like') return matchesPattern(word, text);
  return comparison === 'ilike' ? matchesPattern(word.toLowerCase(), text.toLowerCase()) : word === text;
}
