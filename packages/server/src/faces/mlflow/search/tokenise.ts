import { mlflowErrors } from '../mlflow-errors.js';

/** `name`: bare, possibly with quoted parts after dots. `quoted`: a text alone in quotes. `mark`: one of ( ) , */
export interface Token {
  readonly kind: 'name' | 'quoted' | 'number' | 'operator' | 'mark';
  /** As it was written, and for `quoted` without the quotes. */
  readonly text: string;
  /** A name up to its first dot, unquoted; undefined when it has none. */
  readonly group?: string;
  /** A name after its first dot, or all of it; unquoted. */
  readonly key?: string;
  /** Of a quoted text: ' or " or `. */
  readonly quote?: string;
  /** Index of its first character. */
  readonly at: number;
}

const MAX_CHARACTERS = 200_000;
const SPACE = /\s+/y;
const OPERATOR = /[<>=!~]+/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![^\s<>=!~(),;'"`])/y;
/** Everything that means nothing else, so that keys such as `a/b` and `%` need no quotes where nothing is ambiguous. */
const PLAIN = /[^\s<>=!~(),;'"`.]+/y;
const QUOTES = '\'"`';

/**
 * The tokens of a filter or of one key of order. One pass, no backtracking over more than a token. A quote inside a quoted
 * text is written twice; a backslash is itself. Throws MLF_FILTER_INVALID with the position.
 */
export function tokenise(source: string): Token[] {
  if (source.length > MAX_CHARACTERS) {
    throw filterProblem(
      source,
      MAX_CHARACTERS,
      `it has ${source.length} characters, at most ${MAX_CHARACTERS} are read`,
    );
  }
  const tokens: Token[] = [];
  for (let at = skipSpace(source, 0); at < source.length; ) {
    const [token, end] = readToken(source, at);
    tokens.push(token);
    at = skipSpace(source, end);
  }
  return tokens;
}

/** MLF_FILTER_INVALID at a place. `what` continues "The filter is not understood at position 7 near `…`: ". */
export function filterProblem(source: string, at: number, what: string): Error {
  const near = source.slice(at, at + 30);
  const place = near === '' ? 'at its end' : `at position ${at + 1} near "${near}"`;
  return mlflowErrors.MLF_FILTER_INVALID(`Invalid clause(s) in filter string, ${place}: ${what}.`, {
    data: { position: at + 1, near },
  });
}

function readToken(source: string, at: number): [Token, number] {
  const first = source[at] ?? '';
  if (first === '(' || first === ')' || first === ',') return [{ kind: 'mark', text: first, at }, at + 1];
  if (first === ';') throw filterProblem(source, at, 'a filter is one list of conditions, without ";"');
  const operator = match(OPERATOR, source, at);
  if (operator !== undefined) return [{ kind: 'operator', text: operator, at }, at + operator.length];
  const number = match(NUMBER, source, at);
  if (number !== undefined) return [{ kind: 'number', text: number, at }, at + number.length];
  return readName(source, at);
}

/** Parts between dots, each bare or quoted. One quoted part alone may be a value as well. */
function readName(source: string, start: number): [Token, number] {
  const parts: string[] = [];
  let firstQuote: string | undefined;
  let end = start;
  for (;;) {
    const quote = source[end] ?? '';
    const isQuoted = quote !== '' && QUOTES.includes(quote);
    const [part, next] = isQuoted ? readQuoted(source, end) : readPlain(source, end);
    if (isQuoted && parts.length === 0) firstQuote = quote;
    parts.push(part);
    end = next;
    if (source[end] !== '.') break;
    end += 1;
  }
  const [group = '', ...rest] = parts;
  if (rest.length > 0) {
    return [{ kind: 'name', text: source.slice(start, end), group, key: rest.join('.'), at: start }, end];
  }
  if (firstQuote !== undefined) return [{ kind: 'quoted', text: group, key: group, quote: firstQuote, at: start }, end];
  return [{ kind: 'name', text: group, key: group, at: start }, end];
}

function readPlain(source: string, at: number): [string, number] {
  // A dot at the end or two in a row: the empty part is a part, and no key has it.
  const part = match(PLAIN, source, at) ?? '';
  return [part, at + part.length];
}

function readQuoted(source: string, start: number): [string, number] {
  const quote = source[start] ?? '';
  const pieces: string[] = [];
  for (let from = start + 1; ; ) {
    const to = source.indexOf(quote, from);
    if (to === -1) throw filterProblem(source, start, `the ${quote} is never closed`);
    pieces.push(source.slice(from, to));
    if (source[to + 1] !== quote) return [pieces.join(quote), to + 1];
    from = to + 2;
  }
}

function skipSpace(source: string, at: number): number {
  return at + (match(SPACE, source, at)?.length ?? 0);
}

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}
