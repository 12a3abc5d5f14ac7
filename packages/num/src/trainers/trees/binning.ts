import { checkLength, checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { singleThread } from '../../parallel/kernel-catalogue.js';
import { sharedBytes, shareFloat32, type ThreadPool } from '../../parallel/thread-pool.js';
import { EDGE_CAPACITY, MISSING_BIN } from './binning-kernel.js';

export { MISSING_BIN };

/** Each value replaced by the number of its bin; done once, so that a split search only counts bytes. */
export interface BinnedMatrix {
  /** Feature-major, as in the matrix; {@link MISSING_BIN} where the value is NaN. Shared when the pool has other threads. */
  readonly bins: Uint8Array;
  /**
   * Per feature, ascending Float32: a row is in the first bin b with value ≤ thresholds[b], else in the last. Empty for
   * a categorical feature, whose bin is its code.
   */
  readonly thresholds: readonly Float32Array[];
  /** Per feature: bins that values can be in, 1..255; the missing bin is not counted. */
  readonly binCounts: Int32Array;
  /** Per feature: 1 when some row is NaN. */
  readonly hasMissing: Uint8Array;
  /** Per feature: least and greatest value (0, 0 when there is none, or of a categorical feature). */
  readonly extremes: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
}

export interface BinningOptions {
  /** Bins for values, 2..255 (default 255); NaN has one of its own beside them. */
  readonly maxBins?: number;
  /** Number of levels of each categorical feature given as codes 0, 1, …; 0 for a numeric one. */
  readonly categoryCounts?: Int32Array | undefined;
  /** Each thread takes whole features, so the result does not depend on their number. */
  readonly threads?: ThreadPool | undefined;
  /**
   * 'even' (default): about equally many rows per bin, whatever heavy values there are; 'percentiles': as scikit-learn's
   * HistGradientBoosting. They differ only for a feature with more distinct values than bins.
   */
  readonly edges?: 'even' | 'percentiles';
  /** Of the rows, for percentiles; rows that weigh nothing shape no bin. */
  readonly weights?: Float64Array | undefined;
  /** Where bins shall stand, featureCount × rowCount, for all threads to see; absent: an array of their own. */
  readonly bins?: Uint8Array;
}

/**
 * Quantile bins. A feature with at most `maxBins` distinct values loses nothing: its thresholds are the midpoints of
 * neighbouring values, as in an exact tree and in scikit-learn. Of more than 200,000 rows the quantiles come from a fixed sample, to which
 * values that the sample would have missed altogether are added.
 *
 * @throws NUM_RANGE for a categorical feature of more than `maxBins` levels, or a code outside its levels
 */
export function binMatrix(x: FeatureMatrix, options: BinningOptions = {}): BinnedMatrix {
  const { maxBins = 255, threads = singleThread } = options;
  checkRange('maxBins', maxBins, { min: 2, max: 255, integer: true });
  const { rowCount, featureCount } = x;
  const categoryCounts = options.categoryCounts ?? new Int32Array(featureCount);
  checkLength('categoryCounts', categoryCounts.length, featureCount);
  checkCodes(x, categoryCounts, maxBins);
  const state = {
    values: shareFloat32(x.values, threads),
    bins: options.bins ?? new Uint8Array(sharedBytes(x.values.length, threads)),
    edges: new Float32Array(sharedBytes(4 * featureCount * EDGE_CAPACITY, threads)),
    edgeCounts: new Int32Array(sharedBytes(4 * featureCount, threads)),
    hasMissing: new Uint8Array(sharedBytes(featureCount, threads)),
    extremes: new Float32Array(sharedBytes(8 * featureCount, threads)),
    next: new Int32Array(sharedBytes(4, threads)),
    categoryCounts,
    percentiles: options.edges === 'percentiles',
    weights: options.weights,
    rowCount,
    featureCount,
    maxBins,
  };
  const region = threads.open('bin-features', state);
  try {
    region.run(0);
  } finally {
    region.close();
  }
  const thresholds = Array.from(state.edgeCounts, (count, f) =>
    state.edges.slice(f * EDGE_CAPACITY, f * EDGE_CAPACITY + count),
  );
  const binCounts = Int32Array.from(thresholds, (edges, f) => categoryCounts[f] || edges.length + 1);
  const { bins, hasMissing, extremes } = state;
  return { bins, thresholds, binCounts, hasMissing, extremes, rowCount, featureCount };
}

function checkCodes(x: FeatureMatrix, categoryCounts: Int32Array, maxBins: number): void {
  for (let f = 0; f < x.featureCount; f++) {
    const levels = categoryCounts[f];
    if (levels === 0) continue;
    checkRange(`categoryCounts[${f}]`, levels, { min: 1, max: maxBins, integer: true });
    for (let i = f * x.rowCount; i < (f + 1) * x.rowCount; i++) {
      const code = x.values[i];
      if (Number.isNaN(code) || (code >= 0 && code < levels && Math.floor(code) === code)) continue;
      throw numErrors.NUM_RANGE(
        `x has the code ${code} in the categorical feature ${f}, but its codes are 0..${levels - 1}.`,
        { data: { feature: f, observed: String(code), levels } },
      );
    }
  }
}
