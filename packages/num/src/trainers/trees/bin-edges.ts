import { floorToFloat32 } from '../../linalg/float32.js';

/** Values of a feature in ascending order, each once, with the number of rows that have it. */
interface Runs {
  readonly values: Float32Array;
  readonly counts: Int32Array;
}

/**
 * Midpoints that part ascending values into at most `maxBins` bins of about equally many rows: all of them when there are
 * no more distinct values than bins. A bin is closed when it has its share of the rows and bins that are left (a heavy
 * value thus does not cost the others their bins), and early before a value that fills a bin by itself, as in LightGBM.
 */
export function edgesOfSorted(sorted: Float32Array, maxBins: number): Float32Array {
  const { values, counts } = runsOf(sorted);
  const exact = values.length <= maxBins;
  const edges: number[] = [];
  let restRows = sorted.length;
  let restBins = maxBins;
  let inBin = 0;
  for (let i = 0; i + 1 < values.length && restBins > 1; i++) {
    inBin += counts[i];
    const share = restRows / restBins;
    const full = inBin >= share || (counts[i + 1] >= share && inBin >= share / 2);
    if (!exact && !full) continue;
    edges.push(floorToFloat32(values[i] + (values[i + 1] - values[i]) / 2));
    restRows -= inBin;
    restBins--;
    inBin = 0;
  }
  return Float32Array.from(edges);
}

function runsOf(sorted: Float32Array): Runs {
  let distinct = 0;
  const values = new Float32Array(sorted.length);
  const counts = new Int32Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    // −0 sorts before 0 but equals it.
    if (distinct === 0 || sorted[i] !== values[distinct - 1]) values[distinct++] = sorted[i];
    counts[distinct - 1]++;
  }
  return { values: values.subarray(0, distinct), counts: counts.subarray(0, distinct) };
}
