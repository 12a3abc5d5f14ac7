import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Scores } from './score-classification.js';

interface Contingency {
  readonly cells: Float64Array;
  readonly truth: Float64Array;
  readonly found: Float64Array;
  readonly rows: number;
}

/** Any integers are labels: they are numbered in the order in which they occur. */
function numbered(labels: Int32Array): { codes: Int32Array; count: number } {
  const codeOf = new Map<number, number>();
  const codes = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    let code = codeOf.get(labels[i]);
    if (code === undefined) {
      code = codeOf.size;
      codeOf.set(labels[i], code);
    }
    codes[i] = code;
  }
  return { codes, count: codeOf.size };
}

function contingency(truth: Int32Array, found: Int32Array): Contingency {
  checkLength('found', found.length, truth.length);
  if (truth.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to compare.');
  const a = numbered(truth);
  const b = numbered(found);
  if (a.count * b.count > 1e8) {
    throw numErrors.NUM_RANGE(`${a.count} true groups × ${b.count} clusters are too many pairs to count.`);
  }
  const cells = new Float64Array(a.count * b.count);
  const rows = new Float64Array(a.count);
  const columns = new Float64Array(b.count);
  for (let i = 0; i < truth.length; i++) {
    cells[a.codes[i] * b.count + b.codes[i]]++;
    rows[a.codes[i]]++;
    columns[b.codes[i]]++;
  }
  return { cells, truth: rows, found: columns, rows: truth.length };
}

const sumOfSquares = (counts: Float64Array) => counts.reduce((sum, count) => sum + count * count, 0);

function entropy(counts: Float64Array, total: number): number {
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= (count / total) * Math.log(count / total);
  return sum;
}

function mutualInformation({ cells, truth, found, rows }: Contingency): number {
  let sum = 0;
  for (let t = 0; t < truth.length; t++) {
    for (let f = 0; f < found.length; f++) {
      const count = cells[t * found.length + f];
      if (count > 0) sum += (count / rows) * (Math.log(count / rows) - Math.log((truth[t] / rows) * (found[f] / rows)));
    }
  }
  // Rounding leaves a hair below zero for independent groups, as scikit-learn clips too.
  return Math.abs(sum) < Number.EPSILON ? 0 : Math.max(0, sum);
}

/**
 * Agreement of clusters with a true grouping, by name: `randIndex`, `adjustedRand` (0 by chance, may be negative),
 * `purity` (rows in the most frequent true group of their cluster), `homogeneity`, `completeness`, `vMeasure` and
 * `normalizedMutualInformation` (arithmetic mean of entropies, so equal to vMeasure; 0 to 1). Names of clusters are free.
 */
export function clusteringAgreement(truth: Int32Array, found: Int32Array): Scores {
  const table = contingency(truth, found);
  const { homogeneity, completeness } = homogeneityCompleteness(table);
  const both = homogeneity + completeness;
  return {
    randIndex: randIndex(table),
    adjustedRand: adjustedRand(table),
    purity: purity(table),
    homogeneity,
    completeness,
    vMeasure: both === 0 ? 0 : (2 * homogeneity * completeness) / both,
    normalizedMutualInformation: normalizedMutualInformation(table),
  };
}

/** Pairs of rows by whether they are together in both, only in the truth, only in the clusters, or in neither. */
function pairCounts({ cells, truth, found, rows }: Contingency) {
  const both = sumOfSquares(cells);
  const sameTruth = sumOfSquares(truth);
  const sameFound = sumOfSquares(found);
  return {
    together: both - rows,
    onlyTruth: sameTruth - both,
    onlyFound: sameFound - both,
    apart: rows * rows - sameTruth - sameFound + both,
  };
}

function randIndex(table: Contingency): number {
  const { together, onlyTruth, onlyFound, apart } = pairCounts(table);
  const agreed = together + apart;
  const pairs = agreed + onlyTruth + onlyFound;
  return agreed === pairs || pairs === 0 ? 1 : agreed / pairs;
}

function adjustedRand(table: Contingency): number {
  const { together, onlyTruth, onlyFound, apart } = pairCounts(table);
  if (onlyTruth === 0 && onlyFound === 0) return 1;
  const below = (together + onlyTruth) * (onlyTruth + apart) + (together + onlyFound) * (onlyFound + apart);
  return (2 * (together * apart - onlyTruth * onlyFound)) / below;
}

function purity({ cells, truth, found, rows }: Contingency): number {
  let sum = 0;
  for (let f = 0; f < found.length; f++) {
    let most = 0;
    for (let t = 0; t < truth.length; t++) most = Math.max(most, cells[t * found.length + f]);
    sum += most;
  }
  return sum / rows;
}

function homogeneityCompleteness(table: Contingency) {
  const shared = mutualInformation(table);
  const ofTruth = entropy(table.truth, table.rows);
  const ofFound = entropy(table.found, table.rows);
  return {
    homogeneity: ofTruth === 0 ? 1 : shared / ofTruth,
    completeness: ofFound === 0 ? 1 : shared / ofFound,
  };
}

function normalizedMutualInformation(table: Contingency): number {
  // One group on both sides, or a group per row on both: perfect, as in scikit-learn.
  if (table.truth.length === table.found.length && (table.truth.length === 1 || table.truth.length === table.rows))
    return 1;
  const shared = mutualInformation(table);
  if (shared === 0) return 0;
  return shared / ((entropy(table.truth, table.rows) + entropy(table.found, table.rows)) / 2);
}
