import type { StudyPlan } from '../samplers/sampler.js';
import type { PrunerSpec } from '../search-types.js';
import { createHyperbandPruner } from './hyperband.js';
import { createPatientPruner } from './patient.js';
import { createPercentilePruner } from './percentile.js';
import { keepAll, type Pruner } from './pruner.js';
import { createHalvingPruner } from './successive-halving.js';

/** A pruner at the beginning of a study. Its specification has passed `checkStudySpec`. */
export function createPruner({ spec }: Pick<StudyPlan, 'spec'>): Pruner {
  return build(spec.pruner ?? { kind: 'none' }, spec.seed);
}

function build(rule: PrunerSpec, seed: number): Pruner {
  switch (rule.kind) {
    case 'none':
      return keepAll;
    case 'median':
      return createPercentilePruner({ ...rule, percentile: 50 });
    case 'percentile':
      return createPercentilePruner(rule);
    case 'successive-halving':
      return createHalvingPruner(rule);
    case 'hyperband':
      return createHyperbandPruner(rule, seed);
    case 'patient':
      return createPatientPruner(rule.patience, rule.minDelta ?? 0, rule.inner && build(rule.inner, seed));
  }
}
