import { type Column, type ColumnKind, cellAt, columnOf, type Table } from '@fairlead/frame';
import { benjaminiHochberg, type ColumnDrift, type ColumnProfile, detectDrift, profileTable } from '@fairlead/num';
import type { ColumnCheck } from '../monitoring-types.js';
import { effectiveRatioOf } from './dependence-rules.js';
import { describeShift, formatNumber } from './evidence-rules.js';

/** What training saw of a column; what is outside is counted, cell by cell. */
export interface ColumnBounds {
  readonly min?: number;
  readonly max?: number;
  readonly categories?: readonly string[];
}

export interface CompareOptions {
  readonly columns: readonly string[];
  readonly bounds: ReadonlyMap<string, ColumnBounds>;
  /** False discovery rate over the columns of the call. */
  readonly alpha: number;
  /** Smallest effect that counts: Jensen–Shannon distance, or Wasserstein distance in standard deviations. */
  readonly minEffect: number;
  readonly minRows: number;
  /** Row indices of the reference, one list per entity, in order of time. */
  readonly series: readonly Int32Array[];
}

/** With fewer independent rows than this no test says anything, not even of a complete change. */
const MIN_EFFECTIVE_ROWS = 3;

/**
 * Compares each column of `current` with the same column of `reference`: what is missing, unseen or out of range, and
 * whether its distribution moved. Every column is tested with its own number of independent rows; the p-values are
 * adjusted over all columns (Benjamini–Hochberg). Drift = effect AND significance.
 *
 * @throws NUM_COLUMN when a column is missing in a table or of another kind in the other
 */
export function compareColumns(reference: Table, current: Table, options: CompareOptions): ColumnCheck[] {
  const { columns, alpha } = options;
  const tested = columns.map((name) => testColumn(reference, current, { ...options, name }));
  const adjusted = benjaminiHochberg(Float64Array.from(tested, ({ drift }) => drift.pValue));
  return tested.map(({ name, drift, profiles, effectiveRows }, i) => {
    const pValueAdjusted = adjusted[i] ?? Number.NaN;
    const found = drift.effect.value >= drift.effect.threshold && pValueAdjusted <= alpha;
    const verdict = drift.verdict === 'insufficient' ? 'insufficient' : found ? 'drift' : 'no-drift';
    return {
      column: name,
      rows: current.rowCount,
      ...countIssues(columnOf(current, name), options.bounds.get(name) ?? {}),
      drift: {
        test: drift.kind === 'numeric' ? 'kolmogorov-smirnov' : 'chi-square',
        statistic: drift.statistics.ks ?? drift.statistics.chiSquare ?? Number.NaN,
        pValue: drift.pValue,
        pValueAdjusted,
        effect: drift.effect.value,
        effectName: drift.effect.name,
        verdict,
        evidence: evidenceOf(profiles, { verdict, effectiveRows, rows: current.rowCount, minRows: options.minRows }),
        effectiveRows,
      },
    };
  });
}

interface TestedColumn {
  readonly name: string;
  readonly drift: ColumnDrift;
  readonly profiles: { readonly reference: ColumnProfile; readonly current: ColumnProfile };
  readonly effectiveRows: number;
}

function testColumn(reference: Table, current: Table, options: CompareOptions & { name: string }): TestedColumn {
  const { name, minEffect, minRows, series } = options;
  const one = (table: Table) => ({ rowCount: table.rowCount, columns: new Map([[name, columnOf(table, name)]]) });
  const before = profileTable(one(reference));
  const now = profileTable(one(current), { reference: before });
  const effectiveRatio = effectiveRatioOf(columnOf(reference, name), series);
  const [drift] = detectDrift(before, now, {
    effectiveRatio,
    minRows: Math.max(MIN_EFFECTIVE_ROWS, minRows * effectiveRatio),
    thresholds: { jensenShannon: minEffect, wasserstein: minEffect },
  }).columns as [ColumnDrift];
  const profiles = { reference: before.columns[0] as ColumnProfile, current: now.columns[0] as ColumnProfile };
  return { name, drift, profiles, effectiveRows: current.rowCount * effectiveRatio };
}

function evidenceOf(
  { reference, current }: TestedColumn['profiles'],
  facts: { verdict: string; rows: number; minRows: number; effectiveRows: number },
): string {
  const shift = describeShift(reference, current);
  if (facts.verdict !== 'insufficient') return shift;
  const why =
    facts.rows < facts.minRows
      ? `${facts.rows} of the ${facts.minRows} rows that are needed`
      : reference.count < facts.minRows
        ? `only ${reference.count} reference rows`
        : `${facts.rows} rows that repeat each other like ${formatNumber(facts.effectiveRows)} independent ones`;
  return shift === '' ? why : `${why}; ${shift}`;
}

function countIssues(column: Column, bounds: ColumnBounds): { missing: number; unseen: number; outOfRange: number } {
  const { min = -Infinity, max = Infinity } = bounds;
  const known = bounds.categories && new Set(bounds.categories);
  let [missing, unseen, outOfRange] = [0, 0, 0];
  const rows = column.kind === 'string' ? column.codes.length : column.values.length;
  for (let row = 0; row < rows; row += 1) {
    const cell = cellAt(column, row);
    if (cell === null || cell === '' || Number.isNaN(cell)) missing += 1;
    else if (typeof cell === 'string') unseen += Number(known !== undefined && !known.has(cell));
    else if (typeof cell === 'number') outOfRange += Number(cell < min || cell > max);
  }
  return { missing, unseen, outOfRange };
}

/** How many columns were judged and how many of them drifted. */
export function summarise(columns: readonly ColumnCheck[]): {
  verdict: 'drift' | 'no-drift' | 'insufficient';
  drifted: { columns: number; judged: number };
} {
  const judged = columns.filter(({ drift }) => drift.verdict !== 'insufficient').length;
  const drifted = columns.filter(({ drift }) => drift.verdict === 'drift').length;
  const verdict = judged === 0 ? 'insufficient' : drifted > 0 ? 'drift' : 'no-drift';
  return { verdict, drifted: { columns: drifted, judged } };
}

/** Kinds whose distribution is compared; a timestamp always moves. */
export const COMPARABLE: readonly ColumnKind[] = ['float64', 'boolean', 'string'];
