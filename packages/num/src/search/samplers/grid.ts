import type { Params, ParamValue } from '../../trainers/param-types.js';
import { type CompiledSpace, isActive } from '../compile-space.js';
import { pointAt } from '../dimension.js';
import { throwProblems } from '../search-space.js';

/** More combinations than anybody waits for; a mistyped step would otherwise fill the memory. */
const MAX_GRID_POINTS = 100_000;

/**
 * Every combination, conditions respected: parameters that occur together by name, the last varying fastest (as
 * scikit-learn's ParameterGrid), deciding parameters outside those that they decide about.
 *
 * @throws NUM_SEARCH_SPACE for a continuous parameter, or more than 100,000 points.
 */
export function gridPoints(space: CompiledSpace): Params[] {
  throwProblems(
    space.dimensions
      .filter(({ pointCount }) => pointCount === Number.POSITIVE_INFINITY)
      .map(({ name }) => ({
        param: name,
        problem: 'a grid cannot cover a continuous parameter; give it a step or choices',
      })),
  );
  let points: Record<string, ParamValue>[] = [{}];
  for (const group of space.groups) {
    for (const member of group.members) {
      const { name, pointCount } = space.dimensions[member];
      const active = points.map((point) => isActive(space, group, point));
      const total = active.reduce((sum, isIn) => sum + (isIn ? pointCount : 1), 0);
      if (total > MAX_GRID_POINTS) {
        const problem = `the grid has at least ${total} points up to this parameter, more than ${MAX_GRID_POINTS}`;
        throwProblems([{ param: name, problem }]);
      }
      points = points.flatMap((point, i) => (active[i] ? expand(space, member, point) : [point]));
    }
  }
  return points;
}

function expand(space: CompiledSpace, member: number, point: Params): Record<string, ParamValue>[] {
  const dimension = space.dimensions[member];
  return Array.from({ length: dimension.pointCount }, (_, i) => ({
    ...point,
    [dimension.name]: pointAt(dimension, i),
  }));
}
