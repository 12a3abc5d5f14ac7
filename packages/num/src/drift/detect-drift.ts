import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { benjaminiHochberg } from '../resample/benjamini-hochberg.js';
import { categoryEvidence, type Evidence, numericEvidence } from './drift-evidence.js';
import type { ColumnDrift, DriftEffect, DriftOptions, TableDrift } from './drift-types.js';
import type { ColumnProfile, TableProfile } from './profile-types.js';

/**
 * Compares two profiles column by column in O(bins). A column has drifted when its bias-corrected effect reaches the
 * threshold AND its p-value, adjusted over the columns, is at most alpha; both are reported.
 *
 * @throws NUM_COLUMN when the current profile lacks a column or has it as another kind; NUM_SHAPE when histograms
 *   were not made with the reference's edges.
 */
export function detectDrift(reference: TableProfile, current: TableProfile, options: DriftOptions = {}): TableDrift {
  const { alpha = 0.05, minRows = 30, effectiveRatio = 1 } = options;
  checkRange('alpha', alpha, { min: 0, max: 1 });
  checkRange('effectiveRatio', effectiveRatio, { min: 1e-6, max: 1 });
  const thresholds = { jensenShannon: 0.1, wasserstein: 0.1, ...options.thresholds };
  const names = options.columns ?? reference.columns.map(({ name }) => name);
  const found = names.map((name) => {
    const evidence = compare(find(reference, name), find(current, name), effectiveRatio);
    const enough = Math.min(evidence.referenceRows, evidence.currentRows) * effectiveRatio >= minRows;
    return { evidence, enough, pValue: enough ? evidence.pValue : Number.NaN };
  });
  const adjusted = benjaminiHochberg(Float64Array.from(found, ({ pValue }) => pValue));
  const columns = found.map(({ evidence, enough, pValue }, i): ColumnDrift => {
    const effect = largestEffect(evidence, thresholds);
    const drifted = effect.value >= effect.threshold && adjusted[i] <= alpha;
    const verdict = enough ? (drifted ? 'drift' : 'no-drift') : 'insufficient';
    return { ...evidence, verdict, effect, pValue, adjustedPValue: adjusted[i] };
  });
  const driftedColumns = columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
  const judged = columns.filter(({ verdict }) => verdict !== 'insufficient').length;
  return {
    verdict: judged === 0 ? 'insufficient' : driftedColumns.length > 0 ? 'drift' : 'no-drift',
    driftedColumns,
    driftedRatio: judged === 0 ? 0 : driftedColumns.length / judged,
    alpha,
    columns,
  };
}

function find(profile: TableProfile, name: string): ColumnProfile {
  const column = profile.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const known = profile.columns.map((candidate) => candidate.name);
    throw numErrors.NUM_COLUMN(`The profile has no column ${name}; it has ${known.join(', ')}.`, {
      data: { column: name, known },
    });
  }
  return column;
}

function compare(reference: ColumnProfile, current: ColumnProfile, effectiveRatio: number): Evidence {
  if (reference.kind === 'numeric' && current.kind === 'numeric') {
    return numericEvidence(reference, current, effectiveRatio);
  }
  if (reference.kind === 'category' && current.kind === 'category') {
    return categoryEvidence(reference, current, effectiveRatio);
  }
  throw numErrors.NUM_COLUMN(
    `Column ${reference.name} is ${reference.kind} in the reference, but ${current.kind} now.`,
    {
      data: { column: reference.name, reference: reference.kind, current: current.kind },
    },
  );
}

function largestEffect(evidence: Evidence, thresholds: { jensenShannon: number; wasserstein: number }): DriftEffect {
  const { jensenShannon, wasserstein } = evidence.statistics;
  const shannon = { name: 'jensen-shannon', value: jensenShannon, threshold: thresholds.jensenShannon } as const;
  if (wasserstein === undefined) return shannon;
  const earth = { name: 'wasserstein', value: wasserstein, threshold: thresholds.wasserstein } as const;
  return earth.value * shannon.threshold > shannon.value * earth.threshold ? earth : shannon;
}
