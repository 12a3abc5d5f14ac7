import { numErrors } from '../num-errors.js';
import { finiteCount } from './profile-numeric.js';
import { named } from './profile-table.js';
import type { CategoryProfile, ColumnProfile, NumericProfile, TableProfile } from './profile-types.js';

/**
 * The profile of both sets of rows together: counts exactly, moments by Chan's formula. Both must have been made with
 * the same reference. @throws NUM_SHAPE when columns or edges differ.
 */
export function mergeProfiles(a: TableProfile, b: TableProfile): TableProfile {
  if (a.columns.length !== b.columns.length) throw unlike(`${a.columns.length} and ${b.columns.length} columns`);
  const columns = a.columns.map((column) => {
    const other = b.columns.find(({ name }) => name === column.name);
    if (other === undefined) throw unlike(`column ${column.name} only in one`);
    return mergeColumns(column, other);
  });
  return { rowCount: a.rowCount + b.rowCount, columns };
}

function mergeColumns(a: ColumnProfile, b: ColumnProfile): ColumnProfile {
  if (a.kind === 'numeric' && b.kind === 'numeric') return mergeNumeric(a, b);
  if (a.kind === 'category' && b.kind === 'category') return mergeCategories(a, b);
  throw unlike(`column ${a.name} as ${a.kind} and ${b.kind}`);
}

function mergeNumeric(a: NumericProfile, b: NumericProfile): NumericProfile {
  if (a.edges.length !== b.edges.length || a.edges.some((edge, i) => edge !== b.edges[i])) {
    throw unlike(`different histogram edges for column ${a.name}; profile both with one reference`);
  }
  const left = finiteCount(a);
  const right = finiteCount(b);
  const n = left + right;
  const delta = b.mean - a.mean;
  return {
    kind: 'numeric',
    name: a.name,
    count: a.count + b.count,
    missing: a.missing + b.missing,
    nan: a.nan + b.nan,
    negativeInfinity: a.negativeInfinity + b.negativeInfinity,
    positiveInfinity: a.positiveInfinity + b.positiveInfinity,
    min: extreme(a.min, b.min, Math.min),
    max: extreme(a.max, b.max, Math.max),
    mean: n > 0 ? a.mean + (delta * right) / n : 0,
    m2: n > 0 ? a.m2 + b.m2 + (delta * delta * left * right) / n : 0,
    edges: a.edges,
    counts: a.counts.map((count, bin) => count + b.counts[bin]),
  };
}

function extreme(a: number | null, b: number | null, pick: (a: number, b: number) => number): number | null {
  if (a === null || b === null) return a ?? b;
  return pick(a, b);
}

function mergeCategories(a: CategoryProfile, b: CategoryProfile): CategoryProfile {
  const tally = new Map(a.categories);
  for (const [value, count] of b.categories) tally.set(value, (tally.get(value) ?? 0) + count);
  return {
    kind: 'category',
    name: a.name,
    count: a.count + b.count,
    missing: a.missing + b.missing,
    categories: named(tally, tally.size).categories,
    other: a.other + b.other,
  };
}

function unlike(what: string): Error {
  return numErrors.NUM_SHAPE(`These profiles cannot be put together: they have ${what}.`);
}
