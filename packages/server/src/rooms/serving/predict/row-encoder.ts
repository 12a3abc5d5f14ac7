import { MISSING_TIME } from '@fairlead/num';
import { JOINED, type NamedTensor } from '../../../platform/inference/index.js';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import type { PredictResult } from '../serving-types.js';
import { InputIssues } from './input-issues.js';

export type InputRow = Readonly<Record<string, unknown>>;
export type Warnings = PredictResult['warnings'][number][];

/** Turns named rows into the tensors of one model. Made once per deployment. */
export interface RowEncoder {
  /**
   * Checks every cell and encodes (or, for a model that joins its columns, all of them as one FP32 [rows, columns]): numbers, integers and booleans as FP32 [rows, 1] with NaN for missing, strings as BYTES
   * [rows, 1] with '' for missing, times as INT64 [rows, 1] epoch milliseconds, as packaged models take them.
   *
   * @throws SRV_INPUT_INVALID with the first 20 cells that do not fit and how many there are
   */
  encode(rows: readonly InputRow[]): { readonly tensors: NamedTensor[]; readonly warnings: Warnings };
}

interface ColumnRun {
  readonly rows: readonly InputRow[];
  readonly issues: InputIssues;
  readonly warnings: Warnings;
}

type ColumnEncoder = (run: ColumnRun) => NamedTensor;

/** Writes the cells of one column into `data`, that of the first row at `from` and each next one `step` further. */
type NumberWriter = (
  run: ColumnRun,
  data: Float32Array,
  place: { readonly from: number; readonly step: number },
) => void;

/**
 * Compiles a signature into one loop per column, so that no decision on types is taken per cell. For a model that joins its
 * columns the rows become one tensor of `columns`, its inputs in its own order.
 */
export function compileRowEncoder(signature: ModelSignature, columns?: readonly string[]): RowEncoder {
  const known = new Set([...signature.inputs.map(({ name }) => name), ...signature.contextColumns]);
  const context = signature.contextColumns.filter((name) => !signature.inputs.some((input) => input.name === name));
  const encodeColumns = columns === undefined ? compileColumns(signature) : compileJoined(signature, columns);
  return {
    encode: (rows) => {
      const issues = new InputIssues();
      checkRows(rows, known, issues);
      issues.throwIfAny();
      const run: ColumnRun = { rows, issues, warnings: [] };
      const tensors = encodeColumns(run);
      for (const name of context) checkContext(run, name);
      issues.throwIfAny();
      return { tensors, warnings: run.warnings };
    },
  };
}

function checkRows(rows: readonly InputRow[], known: ReadonlySet<string>, issues: InputIssues): void {
  for (let row = 0; row < rows.length; row += 1) {
    const cells: unknown = rows[row];
    if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) {
      issues.add(row, '', { got: cells, expected: 'an object with one member per column' });
      continue;
    }
    for (const name in cells) {
      if (known.has(name)) continue;
      const expected = `no such column; the model reads ${[...known].slice(0, 50).join(', ')}`;
      issues.add(row, name, { got: (cells as InputRow)[name], expected });
    }
  }
}

/** The cell, or undefined when it is missing; a missing cell is an issue or a warning by the signature. */
function cellOf({ rows, issues, warnings }: ColumnRun, row: number, input: ModelInput): unknown {
  const cells = rows[row] as InputRow;
  const value = Object.hasOwn(cells, input.name) ? cells[input.name] : undefined;
  if (value !== undefined && value !== null) return value;
  if (input.nullable) warnings.push({ row, column: input.name, kind: 'missing', value: '' });
  else issues.add(row, input.name, { got: value, expected: expectedOf(input) });
  return undefined;
}

function expectedOf(input: ModelInput): string {
  if (input.type === 'string') return 'a string';
  if (input.type === 'boolean') return 'true or false';
  if (input.type === 'timestamp') return 'an ISO 8601 date or date and time with its zone, or epoch milliseconds';
  return input.type === 'integer' ? 'an integer' : 'a finite number';
}

/** The number that stands for a cell, or undefined when the cell is not of the column's type. */
type NumberReader = (value: unknown) => number | undefined;

function numberReader({ type }: ModelInput): NumberReader {
  if (type === 'boolean') return (value) => (typeof value === 'boolean' ? Number(value) : undefined);
  if (type === 'integer') return (value) => (Number.isSafeInteger(value) ? (value as number) : undefined);
  // Beyond the range of Float32 the model would be given an infinity.
  return (value) => (typeof value === 'number' && Number.isFinite(Math.fround(value)) ? value : undefined);
}

function compileColumns({ inputs }: ModelSignature): (run: ColumnRun) => NamedTensor[] {
  const columns = inputs.map((input) =>
    input.type === 'string'
      ? compileText(input)
      : input.type === 'timestamp'
        ? compileTime(input)
        : compileColumn(input),
  );
  return (run) => columns.map((encode) => encode(run));
}

function compileJoined({ inputs }: ModelSignature, columns: readonly string[]): (run: ColumnRun) => NamedTensor[] {
  const writers = inputs.map((input) => ({ write: compileNumber(input), from: columns.indexOf(input.name) }));
  const step = columns.length;
  return (run) => {
    const data = new Float32Array(run.rows.length * step);
    for (const { write, from } of writers) write(run, data, { from, step });
    return [{ name: JOINED, datatype: 'FP32', shape: [run.rows.length, step], data, columns }];
  };
}

const WHOLE = { from: 0, step: 1 };

function compileColumn(input: ModelInput): ColumnEncoder {
  const write = compileNumber(input);
  return (run) => {
    const data = new Float32Array(run.rows.length);
    write(run, data, WHOLE);
    return { name: input.name, datatype: 'FP32', shape: [data.length, 1], data };
  };
}

function compileNumber(input: ModelInput): NumberWriter {
  const { name, min = -Infinity, max = Infinity } = input;
  const read = numberReader(input);
  return (run, data, { from, step }) => {
    for (let row = 0, at = from; row < run.rows.length; row += 1, at += step) {
      const cell = cellOf(run, row, input);
      if (cell === undefined) {
        data[at] = Number.NaN;
        continue;
      }
      const value = read(cell);
      if (value === undefined) {
        run.issues.add(row, name, { got: cell, expected: expectedOf(input) });
        continue;
      }
      data[at] = value;
      if (value < min || value > max)
        run.warnings.push({ row, column: name, kind: 'out-of-range', value: String(value) });
    }
  };
}

/** A date alone is its midnight in UTC. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

function epochMsOf(cell: unknown): number | undefined {
  const epochMs = typeof cell === 'string' && ISO_TIME.test(cell) ? Date.parse(cell) : cell;
  return Number.isInteger(epochMs) && Math.abs(epochMs as number) <= 8.64e15 ? (epochMs as number) : undefined;
}

function compileTime(input: ModelInput): ColumnEncoder {
  const { name } = input;
  return (run) => {
    const data = new BigInt64Array(run.rows.length).fill(MISSING_TIME);
    for (let row = 0; row < data.length; row += 1) {
      const cell = cellOf(run, row, input);
      if (cell === undefined) continue;
      const epochMs = epochMsOf(cell);
      if (epochMs === undefined) run.issues.add(row, name, { got: cell, expected: expectedOf(input) });
      else data[row] = BigInt(epochMs);
    }
    return { name, datatype: 'INT64', shape: [data.length, 1], data };
  };
}

function compileText(input: ModelInput): ColumnEncoder {
  const { name } = input;
  const seen = input.categories && new Set(input.categories);
  return (run) => {
    const data = new Array<string>(run.rows.length).fill('');
    for (let row = 0; row < data.length; row += 1) {
      const value = cellOf(run, row, input);
      if (value === undefined) continue;
      if (typeof value !== 'string') {
        run.issues.add(row, name, { got: value, expected: expectedOf(input) });
        continue;
      }
      data[row] = value;
      if (seen !== undefined && !seen.has(value)) {
        run.warnings.push({ row, column: name, kind: 'unseen-category', value: value.slice(0, 100) });
      }
    }
    return { name, datatype: 'BYTES', shape: [data.length, 1], data };
  };
}

/** Context columns are only kept, so any scalar will do. */
function checkContext({ rows, issues }: ColumnRun, name: string): void {
  for (let row = 0; row < rows.length; row += 1) {
    const cells = rows[row] as InputRow;
    const value = Object.hasOwn(cells, name) ? cells[name] : null;
    const scalar = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
    if (!scalar) issues.add(row, name, { got: value, expected: 'a string, a finite number, a boolean or null' });
  }
}
