import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { type ColumnView, isMissing, numbersOf, type TableView } from '../preprocess/table-view.js';
import { quantileOfSorted } from '../resample/bootstrap.js';

/** A column as slices see it: one small code per row and the words for each code. */
export interface SliceColumn {
  readonly name: string;
  /** 0..labels.length − 1 per row. */
  readonly codes: Int32Array;
  readonly labels: readonly string[];
}

const MISSING = '(missing)';

/**
 * Turns columns into slice columns: text and booleans by value, numbers and timestamps into `bins` (default 4) quantile
 * bins [a, b), or by value too when they hold at most `values` (default 0) different whole numbers. Missing and NaN are a
 * value of their own.
 *
 * @throws NUM_COLUMN when a column is absent.
 */
export function sliceColumns(
  table: TableView,
  names: readonly string[],
  options: { bins?: number; values?: number } = {},
): SliceColumn[] {
  const { bins = 4, values = 0 } = options;
  checkRange('bins', bins, { min: 1, max: 100, integer: true });
  return names.map((name) => {
    const column = table.columns.get(name);
    if (column === undefined) throw numErrors.NUM_COLUMN(`There is no column ${name} to slice by.`, { data: { name } });
    return { name, ...encode(column, { bins, values }) };
  });
}

function encode(
  column: ColumnView,
  { bins, values: most }: { bins: number; values: number },
): Omit<SliceColumn, 'name'> {
  if (column.kind === 'string') {
    // One code more than the dictionary has stands for missing.
    const missing = column.dictionary.length;
    const code = (row: number) => (isMissing(column.validity, row) ? missing : column.codes[row]);
    return codesOf(column.codes.length, code, (at) => (at === missing ? MISSING : column.dictionary[at]));
  }
  const values = numbersOf(column);
  const orMissing = (label: (value: number) => string) => (value: number) =>
    Number.isNaN(value) ? MISSING : label(value);
  const byValue = (label: (value: number) => string) => codesOf(values.length, (row) => values[row], orMissing(label));
  if (column.kind === 'boolean') return byValue((value) => String(value === 1));
  if (column.kind === 'float64' && hasFewWholes(values, most)) return byValue(String);
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const cuts = Array.from({ length: bins - 1 }, (_, i) => quantileOfSorted(sorted, (i + 1) / bins));
  const edges = [...new Set(cuts)].filter((edge) => edge > sorted[0]);
  const show =
    column.kind === 'timestamp' ? (ms: number) => new Date(ms).toISOString() : (x: number) => String(+x.toPrecision(6));
  const binOf = (row: number): number => {
    const x = values[row];
    if (Number.isNaN(x)) return Number.NaN;
    let bin = 0;
    while (bin < edges.length && edges[bin] <= x) bin++;
    return bin;
  };
  const label = (bin: number): string => {
    if (edges.length === 0) return 'all values';
    if (bin === 0) return `< ${show(edges[0])}`;
    return bin === edges.length ? `>= ${show(edges[bin - 1])}` : `[${show(edges[bin - 1])}, ${show(edges[bin])})`;
  };
  return codesOf(values.length, binOf, orMissing(label));
}

function hasFewWholes(values: Float64Array, most: number): boolean {
  const seen = new Set<number>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value) || (seen.size >= most && !seen.has(value))) return false;
    seen.add(value);
  }
  return seen.size > 0;
}

/** Codes in the order in which keys are met; keys with one label share a code. A key is put in words once, not per row. */
function codesOf(rowCount: number, keyOf: (row: number) => number, label: (key: number) => string) {
  const codeOfLabel = new Map<string, number>();
  const codeOfKey = new Map<number, number>();
  const codes = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const key = keyOf(row);
    let code = codeOfKey.get(key);
    if (code === undefined) {
      const text = label(key);
      code = codeOfLabel.get(text) ?? codeOfLabel.size;
      codeOfLabel.set(text, code);
      codeOfKey.set(key, code);
    }
    codes[row] = code;
  }
  return { codes, labels: [...codeOfLabel.keys()] };
}
