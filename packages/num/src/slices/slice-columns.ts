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
 * bins [a, b). Missing and NaN are a value of their own.
 *
 * @throws NUM_COLUMN when a column is absent.
 */
export function sliceColumns(
  table: TableView,
  names: readonly string[],
  options: { bins?: number } = {},
): SliceColumn[] {
  const { bins = 4 } = options;
  checkRange('bins', bins, { min: 1, max: 100, integer: true });
  return names.map((name) => {
    const column = table.columns.get(name);
    if (column === undefined) throw numErrors.NUM_COLUMN(`There is no column ${name} to slice by.`, { data: { name } });
    return { name, ...encode(column, bins) };
  });
}

function encode(column: ColumnView, bins: number): Omit<SliceColumn, 'name'> {
  if (column.kind === 'string') {
    return codesOf(column.codes.length, (row) =>
      isMissing(column.validity, row) ? MISSING : column.dictionary[column.codes[row]],
    );
  }
  const values = numbersOf(column);
  if (column.kind === 'boolean') {
    return codesOf(values.length, (row) => (Number.isNaN(values[row]) ? MISSING : String(values[row] === 1)));
  }
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const cuts = Array.from({ length: bins - 1 }, (_, i) => quantileOfSorted(sorted, (i + 1) / bins));
  const edges = [...new Set(cuts)].filter((edge) => edge > sorted[0]);
  const show =
    column.kind === 'timestamp' ? (ms: number) => new Date(ms).toISOString() : (x: number) => String(+x.toPrecision(6));
  const label = (x: number): string => {
    if (Number.isNaN(x)) return MISSING;
    const bin = edges.filter((edge) => edge <= x).length;
    if (edges.length === 0) return `all values`;
    if (bin === 0) return `< ${show(edges[0])}`;
    return bin === edges.length ? `>= ${show(edges[bin - 1])}` : `[${show(edges[bin - 1])}, ${show(edges[bin])})`;
  };
  return codesOf(values.length, (row) => label(values[row]));
}

function codesOf(rowCount: number, label: (row: number) => string): Omit<SliceColumn, 'name'> {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const text = label(row);
    if (!codeOf.has(text)) codeOf.set(text, codeOf.size);
    codes[row] = codeOf.get(text) as number;
  }
  return { codes, labels: [...codeOf.keys()] };
}
