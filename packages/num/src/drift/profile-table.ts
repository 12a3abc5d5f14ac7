import { checkRange } from '../checks.js';
import {
  type BooleanColumnView,
  type ColumnView,
  isMissing,
  type StringColumnView,
  type TableView,
} from '../preprocess/table-view.js';
import { profileEdges, profileNumbers } from './profile-numeric.js';
import type { CategoryProfile, ColumnProfile, TableProfile } from './profile-types.js';

export interface ProfileOptions {
  /** Take the histogram edges from here, so that the profiles can be compared and merged. */
  readonly reference?: TableProfile;
  /** Histogram bins between the open tails when there is no reference. Default 1024. */
  readonly bins?: number;
  /** Categories named per column, the most frequent first; the rest is counted as `other`. Default 10,000. */
  readonly maxCategories?: number;
}

/**
 * Profiles every column in one pass each. Cost: linear in cells, plus one sort per numeric column when the edges are
 * not given by a reference.
 */
export function profileTable(table: TableView, options: ProfileOptions = {}): TableProfile {
  const { bins = 1024 } = options;
  checkRange('bins', bins, { min: 1, integer: true });
  const columns = [...table.columns].map(([name, column]) => profileColumn(name, column, options));
  return { rowCount: table.rowCount, columns };
}

function profileColumn(name: string, column: ColumnView, options: ProfileOptions): ColumnProfile {
  const limit = options.maxCategories ?? 10_000;
  if (column.kind === 'string') return profileText(name, column, limit);
  if (column.kind === 'boolean') return profileBooleans(name, column);
  const known = options.reference?.columns.find((other) => other.name === name);
  const edges =
    known?.kind === 'numeric' ? Float64Array.from(known.edges) : profileEdges(presentOf(column), options.bins ?? 1024);
  return profileNumbers(name, column, edges);
}

function presentOf(column: { values: Float64Array; validity?: Uint32Array }): Float64Array {
  return column.values.filter((_, row) => !isMissing(column.validity, row));
}

function profileText(name: string, column: StringColumnView, limit: number): CategoryProfile {
  const { codes, dictionary, validity } = column;
  const counts = new Float64Array(dictionary.length);
  let missing = 0;
  for (let row = 0; row < codes.length; row++) {
    if (isMissing(validity, row)) missing++;
    else counts[codes[row]]++;
  }
  const tally = new Map<string, number>();
  dictionary.forEach((value, code) => {
    if (counts[code] > 0) tally.set(value, (tally.get(value) ?? 0) + counts[code]);
  });
  return { kind: 'category', name, count: codes.length, missing, ...named(tally, limit) };
}

function profileBooleans(name: string, column: BooleanColumnView): CategoryProfile {
  const tally = new Map<string, number>();
  let missing = 0;
  for (let row = 0; row < column.values.length; row++) {
    if (isMissing(column.validity, row)) {
      missing++;
      continue;
    }
    const value = column.values[row] === 1 ? 'true' : 'false';
    tally.set(value, (tally.get(value) ?? 0) + 1);
  }
  return { kind: 'category', name, count: column.values.length, missing, ...named(tally, 2) };
}

/** Keeps the `limit` most frequent categories (ties by name), sorted by name; the rest becomes `other`. */
export function named(
  tally: ReadonlyMap<string, number>,
  limit: number,
): Pick<CategoryProfile, 'categories' | 'other'> {
  const byName = (a: readonly [string, number], b: readonly [string, number]) => (a[0] < b[0] ? -1 : 1);
  const all = [...tally].sort((a, b) => b[1] - a[1] || byName(a, b));
  const other = all.slice(limit).reduce((sum, [, count]) => sum + count, 0);
  return { categories: all.slice(0, limit).sort(byName), other };
}
