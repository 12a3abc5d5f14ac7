import { floorToFloat32 } from '../../linalg/float32.js';

/** Probabilities of the inner edges of `maxBins` bins, digit for digit as numpy.linspace(0, 100, maxBins + 1) / 100. */
function levelsOf(maxBins: number): Float64Array {
  const step = 100 / maxBins;
  return Float64Array.from({ length: maxBins - 1 }, (_, i) => ((i + 1) * step) / 100);
}

/**
 * Edges at percentiles of the rows, averaged where one falls between two rows (Hyndman & Fan 1996, definition 2); equal ones
 * once. As scikit-learn's HistGradientBoosting for more distinct values than bins.
 *
 * @param sorted ascending, without NaN, not empty
 */
export function percentileEdges(sorted: Float32Array, maxBins: number): Float32Array {
  const last = sorted.length - 1;
  return distinctEdges(levelsOf(maxBins), (level) => {
    const place = level * sorted.length - 1;
    const before = Math.floor(place);
    const after = sorted[Math.min(before + 1, last)];
    return place === before && before >= 0 ? (sorted[before] + after) / 2 : after;
  });
}

/** As {@link percentileEdges} of rows that have weights: `weights` of each of the ascending distinct `values`. */
export function weightedPercentileEdges(values: Float32Array, weights: Float64Array, maxBins: number): Float32Array {
  const reached = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    total += weights[i];
    reached[i] = total;
  }
  let at = 0;
  return distinctEdges(levelsOf(maxBins), (level) => {
    const wanted = level * total;
    while (at < reached.length - 1 && reached[at] < wanted) at++;
    const between = reached[at] - wanted <= Number.EPSILON && at < reached.length - 1;
    return between ? (values[at] + values[at + 1]) / 2 : values[at];
  });
}

function distinctEdges(levels: Float64Array, edgeAt: (level: number) => number): Float32Array {
  const edges: number[] = [];
  for (const level of levels) {
    const edge = floorToFloat32(edgeAt(level));
    if (edges.length === 0 || edge > edges[edges.length - 1]) edges.push(edge);
  }
  return Float32Array.from(edges);
}
