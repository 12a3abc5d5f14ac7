import { createRng } from '../../random/rng.js';
import { valueAtUnit } from '../dimension.js';
import type { Draw, StudyPlan } from './sampler.js';

/**
 * Independent values, even in inner coordinates. Each parameter has a generator named by the trial and itself: adding a
 * parameter to a space leaves what the others are given as it was.
 */
export function randomDraw(plan: StudyPlan, trial: number): Draw {
  const rng = createRng(plan.spec.seed).fork('random').fork(trial);
  return (members) =>
    members.map((member) => {
      const dimension = plan.space.dimensions[member];
      return valueAtUnit(dimension, rng.fork(dimension.name).next());
    });
}
