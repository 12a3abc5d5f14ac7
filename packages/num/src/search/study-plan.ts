import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import type { Params } from '../trainers/param-types.js';
import { type CompiledSpace, compileSpace } from './compile-space.js';
import { innerOf } from './dimension.js';
import type { StudyPlan } from './samplers/sampler.js';
import { SOBOL_DIMENSIONS } from './samplers/sobol-directions.js';
import type { PrunerSpec, SamplerSpec, StopSpec, StudySpec } from './search-types.js';

/**
 * Checks a study's specification once, at the door.
 *
 * @throws NUM_SEARCH_SPACE, NUM_RANGE for an option out of range, NUM_STUDY for parts that do not go together.
 */
export function planStudy(spec: StudySpec): StudyPlan {
  const space = compileSpace(spec.space);
  checkRange('seed', spec.seed, { min: 0, max: 0xffffffff, integer: true });
  if (spec.directions.length === 0) throw numErrors.NUM_STUDY('A study needs at least one direction.');
  checkSampler(spec.sampler, space);
  checkPruner(spec.pruner ?? { kind: 'none' });
  checkStop(spec.stop ?? {}, spec.directions.length);
  for (const [index, params] of (spec.enqueued ?? []).entries()) checkEnqueued(space, params, index);
  const signs = spec.directions.map((direction) => (direction === 'maximise' ? -1 : 1));
  return { spec, space, signs };
}

function checkSampler(sampler: SamplerSpec, space: CompiledSpace): void {
  const dimensions = space.dimensions.length;
  if (sampler.kind === 'sobol' && dimensions > SOBOL_DIMENSIONS) {
    const text = `Sobol points have at most ${SOBOL_DIMENSIONS} dimensions, but the space has ${dimensions}; use random.`;
    throw numErrors.NUM_SEARCH_SPACE(text, { data: { dimensions, max: SOBOL_DIMENSIONS } });
  }
  if (sampler.kind === 'nsga-ii') {
    checkRange('populationSize', sampler.populationSize ?? 50, { min: 2, integer: true });
    checkRange('crossoverProb', sampler.crossoverProb ?? 0.9, { min: 0, max: 1 });
    checkRange('mutationProb', sampler.mutationProb ?? 0, { min: 0, max: 1 });
  }
  if (sampler.kind !== 'tpe') return;
  checkRange('startupTrials', sampler.startupTrials ?? 10, { min: 0, integer: true });
  checkRange('candidates', sampler.candidates ?? 24, { min: 1, max: 100_000, integer: true });
}

function checkPruner(pruner: PrunerSpec): void {
  switch (pruner.kind) {
    case 'none':
      return;
    case 'patient':
      checkRange('patience', pruner.patience, { min: 0, integer: true });
      checkRange('minDelta', pruner.minDelta ?? 0, { min: 0 });
      if (pruner.inner) checkPruner(pruner.inner);
      return;
    case 'successive-halving':
    case 'hyperband':
      checkRange('minResource', pruner.minResource ?? 1, { min: 1, integer: true });
      checkRange('reductionFactor', pruner.reductionFactor ?? 3, { min: 2, integer: true });
      if (pruner.kind === 'hyperband') {
        const min = pruner.minResource ?? 1;
        checkRange('maxResource', pruner.maxResource ?? min, { min, max: Number.MAX_SAFE_INTEGER });
      } else checkRange('minEarlyStoppingRate', pruner.minEarlyStoppingRate ?? 0, { min: 0, integer: true });
      return;
    default:
      checkRange('percentile', pruner.kind === 'median' ? 50 : pruner.percentile, { min: 0, max: 100 });
      checkRange('startupTrials', pruner.startupTrials ?? 5, { min: 0, integer: true });
      checkRange('warmupSteps', pruner.warmupSteps ?? 0, { min: 0, integer: true });
      checkRange('intervalSteps', pruner.intervalSteps ?? 1, { min: 1, integer: true });
      checkRange('minTrials', pruner.minTrials ?? 1, { min: 1, integer: true });
  }
}

function checkStop(stop: StopSpec, objectives: number): void {
  checkRange('maxTrials', stop.maxTrials ?? 1, { min: 1, integer: true });
  checkRange('patience', stop.patience ?? 1, { min: 1, integer: true });
  if (objectives > 1 && (stop.patience !== undefined || stop.target !== undefined)) {
    throw numErrors.NUM_STUDY('Stopping by patience or target needs one objective; use maxTrials.', {
      data: { objectives },
    });
  }
}

/** Each value must be in the space; whether its condition is met is only known when the trial is made, and then it is left out. */
function checkEnqueued(space: CompiledSpace, params: Params, index: number): void {
  for (const [name, value] of Object.entries(params)) {
    const dimension = space.dimensions.find((candidate) => candidate.name === name);
    if (dimension !== undefined && !Number.isNaN(innerOf(dimension, value))) continue;
    const why = dimension === undefined ? 'is no parameter of the space' : `cannot be ${JSON.stringify(value)}`;
    throw numErrors.NUM_STUDY(`Enqueued trial ${index}: ${name} ${why}.`, { data: { index, param: name } });
  }
}
