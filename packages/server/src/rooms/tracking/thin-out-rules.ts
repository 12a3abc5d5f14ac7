import { bucketAt, bucketsOf } from './bucket-rules.js';
import type { MetricPoint } from './metric-types.js';

type Point = Omit<MetricPoint, 'key'>;

/**
 * What must stay of points that follow each other so that no peak is lost: the first, the last, the smallest and the
 * greatest, and the first NaN and infinities, which are never smallest or greatest. In their order, each once.
 */
export function representatives<P extends Point>(points: readonly P[]): P[] {
  let smallest: P | undefined;
  let greatest: P | undefined;
  const odd = new Map<number, P>();
  for (const point of points) {
    if (!Number.isFinite(point.value)) {
      if (!odd.has(point.value)) odd.set(point.value, point);
      continue;
    }
    if (smallest === undefined || point.value < smallest.value) smallest = point;
    if (greatest === undefined || point.value > greatest.value) greatest = point;
  }
  const kept = new Set([points[0], smallest, greatest, points.at(-1), ...odd.values()]);
  // Few are kept of many: they are put in order by where they stand, not by sorting everything.
  return points.length <= kept.size ? [...points] : inOrder([...kept].filter((point) => point !== undefined));
}

/**
 * Points in the order of their steps, cut into `buckets` of equally many steps, and of each its representatives. When all
 * have one step, as with clients that never send any, time takes its place.
 */
export function thinOut<P extends Point>(points: readonly P[], buckets: number): P[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const cut = bucketsOf(first, last, buckets);
  const kept: P[] = [];
  for (let start = 0; start < points.length; ) {
    const bucket = bucketAt(cut, points[start] as P);
    let end = start + 1;
    while (end < points.length && bucketAt(cut, points[end] as P) === bucket) end += 1;
    kept.push(...representatives(points.slice(start, end)));
    start = end;
  }
  return kept;
}

/** By step, time and value, NaN last. */
export function inOrder<P extends Point>(points: readonly P[]): P[] {
  return [...points].sort((a, b) => a.step - b.step || a.timestampMs - b.timestampMs || valueOrder(a, b));
}

function valueOrder(a: Point, b: Point): number {
  if (Number.isNaN(a.value) || Number.isNaN(b.value))
    return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
  return a.value < b.value ? -1 : 1;
}
