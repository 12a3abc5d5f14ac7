import { floorToFloat32 } from '../../linalg/float32.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { Rng } from '../../random/rng.js';
import type { TreeNodes } from './tree-task.js';

const EULER = 0.5772156649015329;
/** Leaf values are multiples of this, so that sums over 1,000 trees are exact in Float32 and the runtime agrees. */
const GRAIN = 2 ** -10;

/** Mean depth at which a random tree isolates one of n rows: c(n) of Liu, Ting, Zhou (2008). */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  return n === 2 ? 1 : 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/**
 * One isolation tree over some rows: in each node a random feature that still varies, and a threshold uniform between its
 * extremes, until rows are alone, equal, or `maxDepth` is reached. A leaf holds the path length it stands for.
 *
 * @param rows is reordered
 * @param drawn features that the tree may use
 */
export function growIsolationTree(
  x: FeatureMatrix,
  rows: Int32Array,
  { drawn, maxDepth, rng }: { drawn: Int32Array; maxDepth: number; rng: Rng },
): TreeNodes {
  const limit = 2 * rows.length - 1;
  const nodes = {
    feature: new Int32Array(limit).fill(-1),
    threshold: new Float32Array(limit),
    left: new Int32Array(limit).fill(-1),
    missingLeft: new Uint8Array(limit),
    cover: new Float64Array(limit),
    impurity: new Float64Array(limit),
    values: new Float64Array(limit),
  };
  const stack = [0, 0, rows.length, 0];
  let count = 1;
  while (stack.length > 0) {
    const depth = stack.pop() as number;
    const end = stack.pop() as number;
    const start = stack.pop() as number;
    const node = stack.pop() as number;
    nodes.cover[node] = end - start;
    nodes.values[node] = Math.round((depth + averagePathLength(end - start)) / GRAIN) * GRAIN;
    if (depth >= maxDepth || end - start < 2) continue;
    const split = drawSplit(x, rows, { start, end, drawn, rng });
    if (split === undefined) continue;
    const middle = part(x, rows, { start, end, ...split });
    nodes.feature[node] = split.feature;
    nodes.threshold[node] = split.threshold;
    nodes.left[node] = count;
    stack.push(count + 1, middle, end, depth + 1, count, start, middle, depth + 1);
    count += 2;
  }
  return {
    feature: nodes.feature.slice(0, count),
    threshold: nodes.threshold.slice(0, count),
    left: nodes.left.slice(0, count),
    missingLeft: nodes.missingLeft.slice(0, count),
    cover: nodes.cover.slice(0, count),
    impurity: nodes.impurity.slice(0, count),
    values: nodes.values.slice(0, count),
  };
}

function drawSplit(
  x: FeatureMatrix,
  rows: Int32Array,
  { start, end, drawn, rng }: { start: number; end: number; drawn: Int32Array; rng: Rng },
): { feature: number; threshold: number } | undefined {
  for (let remaining = drawn.length; remaining > 0; remaining--) {
    const at = rng.int(remaining);
    const feature = drawn[at];
    drawn[at] = drawn[remaining - 1];
    drawn[remaining - 1] = feature;
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = x.values[feature * x.rowCount + rows[i]];
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    if (least < greatest) {
      const threshold = floorToFloat32(least + rng.next() * (greatest - least));
      return { feature, threshold: threshold < greatest ? threshold : least };
    }
  }
  return undefined;
}

function part(
  x: FeatureMatrix,
  rows: Int32Array,
  { start, end, feature, threshold }: { start: number; end: number; feature: number; threshold: number },
): number {
  let low = start;
  let high = end;
  while (low < high) {
    const row = rows[low];
    if (x.values[feature * x.rowCount + row] <= threshold) {
      low++;
    } else {
      rows[low] = rows[--high];
      rows[high] = row;
    }
  }
  return low;
}
