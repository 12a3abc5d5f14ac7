import { selectHalf } from './k-d-split.js';
import type { NearestList } from './nearest-list.js';
import { reducedDistance } from './point-distance.js';

/** Points of a leaf; smaller leaves cost more visits than they spare distances. */
const LEAF_SIZE = 24;

/** A balanced tree over the points: node i has children 2i + 1 and 2i + 2, and a box around its points. */
export interface KdTree {
  /** Row-major, in the order of the leaves. */
  readonly points: Float32Array;
  readonly rows: Int32Array;
  readonly width: number;
  readonly depth: number;
  /** Half-open ranges of `rows`. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** Halves the points at the median of the widest feature until leaves are small (Friedman, Bentley & Finkel 1977). */
export function buildKdTree(source: Float32Array, width: number): KdTree {
  const count = source.length / width;
  let depth = 0;
  while (count / 2 ** depth > LEAF_SIZE) depth++;
  const nodes = 2 ** (depth + 1) - 1;
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const starts = new Int32Array(nodes);
  const ends = new Int32Array(nodes);
  const low = new Float32Array(nodes * width);
  const high = new Float32Array(nodes * width);
  ends[0] = count;
  const keys = new Float32Array(count);
  for (let node = 0; node < nodes; node++) {
    const start = starts[node];
    const end = ends[node];
    const widest = fillBox({ source, rows, width, start, end }, low, high, node * width);
    if (2 * node + 2 >= nodes) continue;
    for (let i = start; i < end; i++) keys[i] = source[rows[i] * width + widest];
    const middle = (start + end) >> 1;
    selectHalf({ rows, keys }, start, end, middle);
    starts[2 * node + 1] = start;
    ends[2 * node + 1] = middle;
    starts[2 * node + 2] = middle;
    ends[2 * node + 2] = end;
  }
  const points = new Float32Array(source.length);
  for (let i = 0; i < count; i++) points.set(source.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return { points, rows, width, depth, starts, ends, low, high };
}

/** Writes the box around the points; returns its widest feature. */
function fillBox(
  span: { source: Float32Array; rows: Int32Array; width: number; start: number; end: number },
  low: Float32Array,
  high: Float32Array,
  to: number,
): number {
  const { source, rows, width, start, end } = span;
  let widest = 0;
  for (let f = 0; f < width; f++) {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const value = source[rows[i] * width + f];
      if (value < min) min = value;
      if (value > max) max = value;
    }
    low[to + f] = min;
    high[to + f] = max;
    if (max - min > high[to + widest] - low[to + widest]) widest = f;
  }
  return widest;
}

/** Offers to `list` every point that could belong to it. */
export function searchKdTree(tree: KdTree, query: Float32Array, power: number, list: NearestList): void {
  visit(tree, 0, { query, power, list });
}

function visit(tree: KdTree, node: number, search: { query: Float32Array; power: number; list: NearestList }): void {
  const { query, power, list } = search;
  const first = 2 * node + 1;
  if (first >= tree.starts.length) {
    for (let i = tree.starts[node]; i < tree.ends[node]; i++) {
      list.offer(tree.rows[i], reducedDistance(tree.points, i * tree.width, query, power));
    }
    return;
  }
  const a = boxDistance(tree, first, query, power);
  const b = boxDistance(tree, first + 1, query, power);
  const near = a <= b ? first : first + 1;
  const far = a <= b ? first + 1 : first;
  // Rounding is monotone, so a box is never computed farther than a point in it; equal ones must be looked at, for ties.
  if (Math.min(a, b) <= list.limit) visit(tree, near, search);
  if (Math.max(a, b) <= list.limit) visit(tree, far, search);
}

function boxDistance(tree: KdTree, node: number, query: Float32Array, power: number): number {
  const at = node * tree.width;
  let sum = 0;
  for (let f = 0; f < tree.width; f++) {
    const value = query[f];
    const d =
      value < tree.low[at + f] ? tree.low[at + f] - value : value > tree.high[at + f] ? value - tree.high[at + f] : 0;
    if (d > 0) sum += power === 2 ? d * d : power === 1 ? d : d ** power;
  }
  return sum;
}
