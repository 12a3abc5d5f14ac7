import { checkFinite, checkLength, checkRange, checkWeights } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { averagePrecision, rocAuc } from './ranking-metrics.js';

/** Row-major n × K scores and who is right. */
export interface ClassScores {
  /** Class codes 0..K−1. */
  readonly truth: Int32Array;
  readonly probabilities: Float64Array;
  readonly classCount: number;
  readonly weights?: Float64Array | undefined;
}

function check({ truth, probabilities, classCount, weights }: ClassScores): void {
  checkRange('classCount', classCount, { min: 2, integer: true });
  checkLength('probabilities', probabilities.length, truth.length * classCount);
  checkFinite('probabilities', probabilities);
  if (weights) checkWeights(weights, truth.length);
}

/** Column `k` of a row-major matrix of `width` columns. */
export function columnOfRows(values: Float64Array, width: number, k: number): Float64Array {
  const out = new Float64Array(values.length / width);
  for (let i = 0; i < out.length; i++) out[i] = values[i * width + k];
  return out;
}

const isClass = (truth: Int32Array, k: number): Int32Array => truth.map((code) => (code === k ? 1 : 0));

function weightOfClasses({ truth, classCount, weights }: ClassScores): Float64Array {
  const out = new Float64Array(classCount);
  for (let i = 0; i < truth.length; i++) out[truth[i]] += weights ? weights[i] : 1;
  return out;
}

/** Area under each class's ROC curve against all others; NaN for a class that never or always occurs. */
export function rocAucPerClass(scores: ClassScores): Float64Array {
  check(scores);
  const { truth, probabilities, classCount, weights } = scores;
  return Float64Array.from({ length: classCount }, (_, k) =>
    rocAuc(isClass(truth, k), columnOfRows(probabilities, classCount, k), weights),
  );
}

export interface MulticlassRocAucOptions {
  /** 'ovr': each class against the rest; 'ovo': each pair of classes (Hand & Till 2001). */
  readonly multiClass: 'ovr' | 'ovo';
  /** Means over classes or pairs: plain, or by how often they occur. */
  readonly average: 'macro' | 'weighted';
}

/**
 * ROC-AUC of three or more classes by scikit-learn's rules, except for a class that never occurs: it would make the whole
 * mean NaN, so it is left out (compare {@link rocAucPerClass}, where it is NaN). 'ovo' takes no weights. NaN when no class
 * or pair can be judged.
 */
export function rocAucMulticlass(scores: ClassScores, options: MulticlassRocAucOptions): number {
  check(scores);
  if (options.multiClass === 'ovo') {
    if (scores.weights) throw numErrors.NUM_RANGE("Weights are not defined for pairs of classes; use 'ovr'.");
    return pairwiseAuc(scores, options.average);
  }
  return meanOfKnown(rocAucPerClass(scores), options.average === 'macro' ? undefined : weightOfClasses(scores));
}

function meanOfKnown(values: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  for (let k = 0; k < values.length; k++) {
    if (Number.isNaN(values[k])) continue;
    const weight = weights ? weights[k] : 1;
    sum += weight * values[k];
    total += weight;
  }
  return total > 0 ? sum / total : Number.NaN;
}

function pairwiseAuc({ truth, probabilities, classCount }: ClassScores, average: 'macro' | 'weighted'): number {
  const columns = Array.from({ length: classCount }, (_, k) => columnOfRows(probabilities, classCount, k));
  const areas: number[] = [];
  const shares: number[] = [];
  for (let a = 0; a < classCount; a++) {
    for (let b = a + 1; b < classCount; b++) {
      const rows = Int32Array.from(truth.keys()).filter((i) => truth[i] === a || truth[i] === b);
      const of = (k: number) =>
        rocAuc(
          rows.map((i) => (truth[i] === k ? 1 : 0)),
          Float64Array.from(rows, (i) => columns[k][i]),
        );
      areas.push((of(a) + of(b)) / 2);
      shares.push(rows.length);
    }
  }
  return meanOfKnown(Float64Array.from(areas), average === 'macro' ? undefined : Float64Array.from(shares));
}

/** Average precision of each class against the rest; 0 for a class that never occurs, as in scikit-learn. */
export function averagePrecisionPerClass(scores: ClassScores): Float64Array {
  check(scores);
  const { truth, probabilities, classCount, weights } = scores;
  return Float64Array.from({ length: classCount }, (_, k) =>
    averagePrecision(isClass(truth, k), columnOfRows(probabilities, classCount, k), weights),
  );
}

/** Average precision of K classes: mean over classes, by their weight, or over all cells of the matrix ('micro'). */
export function averagePrecisionMulticlass(scores: ClassScores, average: 'macro' | 'weighted' | 'micro'): number {
  if (average !== 'micro') {
    return meanOfKnown(averagePrecisionPerClass(scores), average === 'macro' ? undefined : weightOfClasses(scores));
  }
  check(scores);
  const { truth, probabilities, classCount, weights } = scores;
  const hits = new Int32Array(probabilities.length);
  for (let i = 0; i < truth.length; i++) hits[i * classCount + truth[i]] = 1;
  const cells = weights && Float64Array.from(probabilities, (_, at) => weights[Math.floor(at / classCount)]);
  return averagePrecision(hits, probabilities, cells);
}

/**
 * Share of rows whose true class is among the `k` highest scores. Among equal scores the later class ranks first, as in
 * scikit-learn.
 */
export function topKAccuracy(scores: ClassScores, k: number): number {
  check(scores);
  checkRange('k', k, { min: 1, max: scores.classCount, integer: true });
  const { truth, probabilities, classCount, weights } = scores;
  let hits = 0;
  let total = 0;
  for (let i = 0; i < truth.length; i++) {
    const own = probabilities[i * classCount + truth[i]];
    let above = 0;
    for (let other = 0; other < classCount; other++) {
      const score = probabilities[i * classCount + other];
      if (score > own || (score === own && other > truth[i])) above++;
    }
    const weight = weights ? weights[i] : 1;
    if (above < k) hits += weight;
    total += weight;
  }
  return hits / total;
}
