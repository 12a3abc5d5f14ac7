import { mlflowErrors } from './mlflow-errors.js';

const SHOWN_CHARACTERS = 80;
const WHOLE = /^[+-]?\d{1,19}$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?$/i;
const SPECIAL: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity };

/** One message of a request: its fields by name, whether they came as JSON or in the query. `null` is as good as absent. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #place: string;

  constructor(values: Readonly<Record<string, unknown>>, place = '') {
    this.#values = values;
    this.#place = place;
  }

  /** Everything that came, read or not. */
  get values(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  /** Where a field stands, for messages: `metrics[3].key`. */
  placeOf(name: string): string {
    return `${this.#place}${name}`;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.refuse(name, value, 'a text');
  }

  /** A text that must be there and not be empty. */
  neededText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw this.#missing(name);
    return value;
  }

  /** A text that must be there and may be empty. */
  givenText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** A whole number as JSON number or in digits, `min` to `max` both included. Beyond 2^53 none is exact: refused. */
  whole(name: string, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = {}): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && WHOLE.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max) return number + 0;
    throw this.refuse(name, value, `a whole number from ${min} to ${max}`);
  }

  neededWhole(name: string, range: { min?: number; max?: number } = {}): number {
    const value = this.whole(name, range);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** A number, or one of the words that JSON needs for it: NaN, Infinity, -Infinity. */
  number(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'number') return value;
    if (typeof value === 'string') {
      if (Object.hasOwn(SPECIAL, value)) return SPECIAL[value];
      if (DECIMAL.test(value)) return Number(value);
    }
    throw this.refuse(name, value, 'a number, "NaN", "Infinity" or "-Infinity"');
  }

  neededNumber(name: string): number {
    const value = this.number(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'True') return true;
    if (value === 'false' || value === 'False') return false;
    throw this.refuse(name, value, 'true or false');
  }

  /** One of the words of `choices`; gives what the word stands for. */
  choice<T>(name: string, choices: Readonly<Record<string, T>>): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (Object.hasOwn(choices, value)) return choices[value];
    throw this.refuse(name, value, `one of ${Object.keys(choices).join(', ')}`);
  }

  /** Texts; a single one in the query is a list of one. Absent: empty. */
  texts(name: string): readonly string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value === 'string') return value;
      throw this.refuse(`${name}[${index}]`, value, 'a text');
    });
  }

  /** Messages inside this one. Absent: empty. */
  items(name: string): readonly Fields[] {
    return this.#list(name).map((value, index) => {
      if (isRecord(value)) return new Fields(value, `${this.placeOf(name)}[${index}].`);
      throw this.refuse(`${name}[${index}]`, value, 'an object');
    });
  }

  /** The message inside this one. */
  message(name: string): Fields | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (isRecord(value)) return new Fields(value, `${this.placeOf(name)}.`);
    throw this.refuse(name, value, 'an object');
  }

  neededMessage(name: string): Fields {
    const value = this.message(name);
    if (value === undefined) throw this.#missing(name);
    return value;
  }

  /** The error for a field that has a wrong value. */
  refuse(name: string, value: unknown, expected: string): Error {
    const parameter = this.placeOf(name);
    return mlflowErrors.MLF_PARAMETER_INVALID(
      `Invalid value ${show(value)} for parameter '${parameter}' supplied: expected ${expected}.`,
      { data: { parameter, expected } },
    );
  }

  #missing(name: string): Error {
    const parameter = this.placeOf(name);
    return mlflowErrors.MLF_PARAMETER_MISSING(`Missing value for required parameter '${parameter}'.`, {
      data: { parameter },
    });
  }

  #list(name: string): readonly unknown[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    if (typeof value === 'string' && this.#place === '') return [value];
    throw this.refuse(name, value, 'a list');
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `(a list of ${value.length})`;
  if (isRecord(value)) return '(an object)';
  const text = String(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
