import { type Column, isPresent, type Table } from '@fairlead/frame';
import type { DriftReport } from '../monitoring-types.js';
import { COMPARABLE, type ColumnBounds, compareColumns, summarise } from './compare-columns-rules.js';
import { seriesOf } from './dependence-rules.js';

export interface DriftReportOptions {
  /** Columns to compare; absent: all that both tables have in the same kind, timestamps aside. */
  readonly columns?: readonly string[];
  /** False discovery rate over the columns, 0..1. Default 0.05. */
  readonly alpha?: number;
  /** Smallest effect that counts. Default 0.1. */
  readonly minEffect?: number;
  /** Rows that each table needs. Default 30. */
  readonly minRows?: number;
  /** Columns that tell apart the things whose rows follow each other in time, for example the place. */
  readonly entity?: readonly string[];
}

/**
 * Compares two tables column by column: what is missing, never seen before or out of range, and what drifted. Rows of
 * the reference should stand in order of time; where they repeat each other, fewer independent rows are counted.
 *
 * @throws NUM_COLUMN when a column named in `columns` is not in both tables in the same kind; NUM_RANGE for options
 *   out of range
 */
export function driftReport(reference: Table, current: Table, options: DriftReportOptions = {}): DriftReport {
  const { alpha = 0.05, minEffect = 0.1, minRows = 30, entity = [] } = options;
  const skipped: { column: string; reason: string }[] = [];
  const all = options.columns ?? [...new Set([...reference.columns.keys(), ...current.columns.keys()])];
  const columns = all.filter((column) => {
    const reason = whySkipped(reference.columns.get(column), current.columns.get(column));
    if (reason === null || options.columns !== undefined) return true;
    skipped.push({ column, reason });
    return false;
  });
  const bounds = new Map(columns.map((name) => [name, boundsOf(reference.columns.get(name))]));
  const series = seriesOf(reference, entity);
  const checks = compareColumns(reference, current, { columns, bounds, alpha, minEffect, minRows, series });
  return {
    ...summarise(checks),
    referenceRows: reference.rowCount,
    currentRows: current.rowCount,
    columns: checks,
    skipped,
  };
}

function whySkipped(before: Column | undefined, now: Column | undefined): string | null {
  if (before === undefined) return 'not in the reference';
  if (now === undefined) return 'not in the current table';
  if (before.kind !== now.kind) return `${before.kind} in the reference, ${now.kind} now`;
  return COMPARABLE.includes(before.kind) ? null : `a ${before.kind} always moves`;
}

function boundsOf(column: Column | undefined): ColumnBounds {
  if (column?.kind === 'string') return { categories: column.dictionary };
  if (column?.kind !== 'float64') return {};
  let [min, max] = [Infinity, -Infinity];
  for (let row = 0; row < column.values.length; row += 1) {
    const value = column.values[row] as number;
    if (!isPresent(column.validity, row) || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : {};
}
