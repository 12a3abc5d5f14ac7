import { checkRange } from '../../checks.js';
import { floorToFloat32 } from '../../linalg/float32.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';

/** Each value replaced by the number of its bin; done once, so that a split search only counts bytes. */
export interface BinnedMatrix {
  /** Feature-major, as in the matrix. */
  readonly bins: Uint8Array;
  /** Per feature, ascending Float32: a row is in the first bin b with value ≤ thresholds[b], else in the last. */
  readonly thresholds: readonly Float32Array[];
  readonly rowCount: number;
  readonly featureCount: number;
}

/**
 * Quantile bins. A feature with at most `maxBins` distinct values loses nothing: its thresholds are the midpoints of
 * neighbouring values, as in an exact tree.
 */
export function binMatrix(x: FeatureMatrix, maxBins = 255): BinnedMatrix {
  checkRange('maxBins', maxBins, { min: 2, max: 255, integer: true });
  const n = x.rowCount;
  const bins = new Uint8Array(x.values.length);
  const thresholds: Float32Array[] = [];
  const sorted = new Float32Array(n);
  for (let f = 0; f < x.featureCount; f++) {
    const column = x.values.subarray(f * n, (f + 1) * n);
    sorted.set(column);
    sorted.sort();
    const edges = thresholdsOf(sorted, maxBins);
    thresholds.push(edges);
    assign(column, edges, bins.subarray(f * n, (f + 1) * n));
  }
  return { bins, thresholds, rowCount: n, featureCount: x.featureCount };
}

function thresholdsOf(sorted: Float32Array, maxBins: number): Float32Array {
  const n = sorted.length;
  const edges: number[] = [];
  let distinct = n > 0 ? 1 : 0;
  for (let i = 1; i < n; i++) if (sorted[i] !== sorted[i - 1]) distinct++;
  const exact = distinct <= maxBins;
  let bin = 1;
  for (let i = 1; i < n; i++) {
    if (sorted[i] === sorted[i - 1]) continue;
    if (!exact && i < (bin * n) / maxBins) continue;
    edges.push(floorToFloat32(sorted[i - 1] + (sorted[i] - sorted[i - 1]) / 2));
    // A run of equal values may span several quantiles: it takes one edge, not one per quantile.
    while (bin <= (i * maxBins) / n) bin++;
  }
  return Float32Array.from(edges);
}

function assign(column: Float32Array, edges: Float32Array, out: Uint8Array): void {
  for (let i = 0; i < column.length; i++) {
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (column[i] <= edges[middle]) high = middle;
      else low = middle + 1;
    }
    out[i] = low;
  }
}
