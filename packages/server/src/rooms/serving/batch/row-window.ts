import { isPresent, type Validity } from '@fairlead/frame';
import { MISSING_TIME } from '@fairlead/num';
import type { NamedTensor } from '../../../platform/inference/index.js';
import type { ScannedRows } from '../../../platform/lake/index.js';
import type { ModelInput } from '../../training/index.js';
import type { RowIssue } from './batch-types.js';
import { BROKEN_LINE, type SelectedInput } from './input-sql.js';

type Cells = Float32Array | BigInt64Array | string[];
type Scanned = ScannedRows['columns'] extends ReadonlyMap<string, infer C> ? C : never;

/** Cells that training never saw the like of, by column. */
export type UnusualCells = Map<string, number>;

/**
 * Rows on their way into one run of a model: one tensor per input, filled from what was scanned. A row that the signature
 * refuses is computed like the others, of what it has, and its answer is thrown away.
 */
export class RowWindow {
  readonly #inputs: readonly SelectedInput[];
  readonly #known: readonly (ReadonlySet<string> | undefined)[];
  readonly #cells: readonly Cells[];
  readonly #unusual: UnusualCells;
  /** The first reason of every refused row, by its place in the window. */
  readonly refused = new Map<number, Omit<RowIssue, 'row'>>();
  readonly size: number;
  rows = 0;

  constructor(inputs: readonly SelectedInput[], size: number, unusual: UnusualCells) {
    this.#inputs = inputs;
    this.#unusual = unusual;
    this.size = size;
    this.#known = inputs.map(({ input }) => input.categories && new Set(input.categories));
    this.#cells = inputs.map(({ input }) => newCells(input.type, size));
  }

  get room(): number {
    return this.size - this.rows;
  }

  /** Takes `count` rows of the batch from `from` on. */
  fill(batch: ScannedRows, from: number, count: number): void {
    this.#takeOdd(batch, BROKEN_LINE.slice(1, -1), { from, count, column: '', expected: 'a JSON object' });
    for (const [i, { input, value, odd }] of this.#inputs.entries()) {
      if (odd !== null) this.#takeOdd(batch, odd, { from, count, column: input.name, expected: EXPECTED[input.type] });
      const source = batch.columns.get(value) as Scanned;
      const target = this.#cells[i] as Cells;
      if (target instanceof Float32Array) this.#takeNumbers(input, source, { target, from, count });
      else if (target instanceof BigInt64Array) this.#takeTimes(input, source, { target, from, count });
      else this.#takeTexts(i, source, { target, from, count });
    }
    this.rows += count;
  }

  /** The tensors of the rows from `start` up to `end`; the arrays are the window's own when that is all of them. */
  tensors(start = 0, end = this.rows): NamedTensor[] {
    const whole = start === 0 && end === this.size;
    return this.#inputs.map(({ input }, i): NamedTensor => {
      const cells = this.#cells[i] as Cells;
      const data = whole ? cells : cells.slice(start, end);
      const datatype = data instanceof Float32Array ? 'FP32' : data instanceof BigInt64Array ? 'INT64' : 'BYTES';
      return { name: input.name, datatype, shape: [end - start, 1], data };
    });
  }

  #refuse(at: number, column: string, { got, expected }: { got: string; expected: string }): void {
    if (this.refused.has(at)) return;
    this.refused.set(at, { column, code: 'SRV_INPUT_INVALID', reason: `got ${got}, expected ${expected}` });
  }

  #notice(column: string, cells: number): void {
    if (cells > 0) this.#unusual.set(column, (this.#unusual.get(column) ?? 0) + cells);
  }

  #takeOdd(
    batch: ScannedRows,
    name: string,
    { from, count, column, expected }: { from: number; count: number; column: string; expected: string },
  ): void {
    const texts = batch.columns.get(name);
    if (texts?.kind !== 'string' || texts.dictionary.length === 0) return;
    for (let i = 0; i < count; i += 1) {
      if (!isPresent(texts.validity, from + i)) continue;
      const text = texts.dictionary[texts.codes[from + i] as number] as string;
      this.#refuse(this.rows + i, column, { got: `"${text.slice(0, 60)}"`, expected });
    }
  }

  #takeNumbers(
    input: ModelInput,
    source: Scanned,
    { target, from, count }: { target: Float32Array; from: number; count: number },
  ): void {
    if (source.kind !== 'float32' && source.kind !== 'float64') throw new Error(`${input.name} is no number`);
    const { values, validity } = source;
    const start = this.rows;
    target.set(values.subarray(from, from + count), start);
    if (validity !== undefined) markMissing(target, validity, { start, from, count });
    const { type } = input;
    const [min, max] = rangeOf(input);
    let unusual = 0;
    for (let at = start; at < start + count; at += 1) {
      const value = target[at] as number;
      if (value >= min && value <= max && value - value === 0 && type !== 'integer') continue;
      if (this.#checkNumber(input, at, values[from + at - start] as number, value)) unusual += 1;
      else target[at] = Number.NaN;
    }
    this.#notice(input.name, unusual);
  }

  /** False for a cell that is missing or refused; true for one that is answered but lies outside what training saw. */
  #checkNumber(input: ModelInput, at: number, exact: number, value: number): boolean {
    if (Number.isNaN(value)) {
      if (!input.nullable) this.#refuse(at, input.name, { got: 'nothing', expected: EXPECTED[input.type] });
      return false;
    }
    if (!Number.isFinite(value) || (input.type === 'integer' && !Number.isSafeInteger(exact))) {
      this.#refuse(at, input.name, { got: `the number ${exact}`, expected: EXPECTED[input.type] });
      return false;
    }
    const [min, max] = rangeOf(input);
    return value < min || value > max;
  }

  #takeTimes(
    input: ModelInput,
    source: Scanned,
    { target, from, count }: { target: BigInt64Array; from: number; count: number },
  ): void {
    if (source.kind !== 'float32' && source.kind !== 'float64') throw new Error(`${input.name} is no time`);
    for (let i = 0; i < count; i += 1) {
      const epochMs = source.values[from + i] as number;
      const at = this.rows + i;
      target[at] = MISSING_TIME;
      if (!isPresent(source.validity, from + i) || Number.isNaN(epochMs)) {
        if (!input.nullable) this.#refuse(at, input.name, { got: 'nothing', expected: EXPECTED.timestamp });
      } else if (Math.abs(epochMs) > 8.64e15) {
        this.#refuse(at, input.name, { got: `the number ${epochMs}`, expected: EXPECTED.timestamp });
      } else target[at] = BigInt(Math.floor(epochMs));
    }
  }

  #takeTexts(
    column: number,
    source: Scanned,
    { target, from, count }: { target: string[]; from: number; count: number },
  ): void {
    const { input } = this.#inputs[column] as SelectedInput;
    if (source.kind !== 'string') throw new Error(`${input.name} is no text`);
    const known = this.#known[column];
    const isKnown = source.dictionary.map((text) => known === undefined || known.has(text));
    let unusual = 0;
    for (let i = 0; i < count; i += 1) {
      const code = source.codes[from + i] as number;
      const present = isPresent(source.validity, from + i);
      target[this.rows + i] = present ? (source.dictionary[code] as string) : '';
      if (!present && !input.nullable) {
        this.#refuse(this.rows + i, input.name, { got: 'nothing', expected: EXPECTED.string });
      } else if (present && !isKnown[code]) unusual += 1;
    }
    this.#notice(input.name, unusual);
  }
}

const EXPECTED = {
  number: 'a finite number',
  integer: 'an integer',
  boolean: 'true or false',
  string: 'a text',
  timestamp: 'a date or date and time, or epoch milliseconds',
} as const satisfies Record<ModelInput['type'], string>;

/** As the model sees it: what training saw at the very edge must not look as if it lay beyond. */
const rangeOf = ({ min = -Infinity, max = Infinity }: ModelInput) => [Math.fround(min), Math.fround(max)] as const;

function newCells(type: ModelInput['type'], size: number): Cells {
  if (type === 'string') return new Array<string>(size).fill('');
  return type === 'timestamp' ? new BigInt64Array(size) : new Float32Array(size);
}

function markMissing(
  target: Float32Array,
  validity: Validity,
  { start, from, count }: { start: number; from: number; count: number },
): void {
  for (let i = 0; i < count; i += 1) if (!isPresent(validity, from + i)) target[start + i] = Number.NaN;
}
