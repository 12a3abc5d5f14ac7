import type { Moment } from './bucket-rules.js';
import type { MetricPoint } from './metric-types.js';
import { representatives } from './thin-out-rules.js';

type Point = Omit<MetricPoint, 'key'>;

/** Points that follow each other: what stays of them, and how many they are. */
export interface Chunk<P> {
  readonly kept: readonly P[];
  readonly points: number;
}

/** Points in order as chunks of `size` to twice as many, fewer only when there are fewer; a moment is never parted. */
export function cutIntoChunks<P extends Point>(points: readonly P[], size: number): Chunk<P>[] {
  const wanted = Math.max(1, Math.floor(points.length / size));
  const chunks: Chunk<P>[] = [];
  for (let start = 0, i = 1; start < points.length; i += 1) {
    let end = Math.max(start + 1, Math.round((i * points.length) / wanted));
    while (end < points.length && isSameMoment(points[end - 1] as P, points[end] as P)) end += 1;
    chunks.push({ kept: representatives(points.slice(start, end)), points: end - start });
    start = end;
  }
  return chunks;
}

/** Chunks that follow each other as fewer larger ones, of about `size` points and more. */
export function joinChunks<P extends Point>(chunks: readonly Chunk<P>[], size: number): Chunk<P>[] {
  const total = chunks.reduce((sum, { points }) => sum + points, 0);
  const each = total / Math.max(1, Math.floor(total / size));
  const joined: Chunk<P>[] = [];
  let kept: P[] = [];
  let points = 0;
  let done = 0;
  for (const [i, chunk] of chunks.entries()) {
    kept.push(...chunk.kept);
    points += chunk.points;
    if (done + points < (joined.length + 1) * each && i < chunks.length - 1) continue;
    joined.push({ kept: representatives(kept), points });
    done += points;
    kept = [];
    points = 0;
  }
  return joined;
}

/** True when time never runs backwards from one to the next. */
export function isInTime(points: readonly Pick<Moment, 'timestampMs'>[]): boolean {
  return points.every(({ timestampMs }, i) => i === 0 || timestampMs >= (points[i - 1] as Moment).timestampMs);
}

/** Below 0 when `a` lies before `b`. */
export function compareMoments(a: Moment, b: Moment): number {
  return a.step - b.step || a.timestampMs - b.timestampMs;
}

function isSameMoment(a: Moment, b: Moment): boolean {
  return compareMoments(a, b) === 0;
}
