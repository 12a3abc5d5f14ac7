import { compareLosses, dominates } from './non-domination.js';

/**
 * Indices of `count` points that together cover much hypervolume: greedily the one that adds most (1 − 1/e of the best
 * possible, Guerreiro et al. 2016), the first of equals in lexicographic order. The reference point is a tenth beyond
 * the worst of `points` in each objective, as in Optuna 5. Contributions only shrink as points are chosen, so an old one
 * is an upper bound and most are never computed anew.
 */
export function selectByHypervolume(points: readonly (readonly number[])[], count: number): number[] {
  const reference = referencePoint(points);
  const left = [...points.keys()].sort((i, j) => compareLosses(points[i], points[j]) || i - j);
  const bound = new Map(left.map((i) => [i, boxVolume(points[i], reference)]));
  const chosen: number[] = [];
  while (chosen.length < count && left.length > 0) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < left.length; at++) {
      const i = left[at];
      if ((bound.get(i) ?? 0) <= most) continue;
      const gain = contribution(
        points[i],
        chosen.map((j) => points[j]),
        reference,
      );
      bound.set(i, gain);
      if (gain > most) {
        most = gain;
        best = at;
      }
    }
    chosen.push(...left.splice(Math.max(best, 0), 1));
  }
  return chosen;
}

function referencePoint(points: readonly (readonly number[])[]): number[] {
  return points[0].map((_, d) => {
    let worst = Number.NEGATIVE_INFINITY;
    for (const point of points) worst = Math.max(worst, point[d]);
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}

function boxVolume(point: readonly number[], reference: readonly number[]): number {
  let volume = 1;
  for (let d = 0; d < point.length; d++) volume *= reference[d] - point[d];
  return volume;
}

/** Hypervolume that `point` adds to `chosen`: its box less what the others cover of it. */
function contribution(
  point: readonly number[],
  chosen: readonly (readonly number[])[],
  reference: readonly number[],
): number {
  const covered = chosen.map((other) => other.map((value, d) => Math.max(value, point[d])));
  return boxVolume(point, reference) - hypervolume(covered, reference);
}

/** Volume between the points and the reference, all of them at or below it: sweeps for two objectives, else WFG's recursion. */
export function hypervolume(points: readonly (readonly number[])[], reference: readonly number[]): number {
  const sorted = [...points].sort(compareLosses);
  if (reference.length === 2) {
    let volume = 0;
    let ceiling = reference[1];
    for (const [x, y] of sorted) {
      if (y >= ceiling) continue;
      volume += (reference[0] - x) * (ceiling - y);
      ceiling = y;
    }
    return volume;
  }
  const front = sorted.filter(
    (point, i) => !sorted.some((other, j) => dominates(other, point) || (j < i && compareLosses(other, point) === 0)),
  );
  let volume = 0;
  for (let i = 0; i < front.length; i++) volume += contribution(front[i], front.slice(i + 1), reference);
  return volume;
}
