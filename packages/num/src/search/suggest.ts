import type { Params, ParamValue } from '../trainers/param-types.js';
import { isActive } from './compile-space.js';
import { pointAt } from './dimension.js';
import { gridPoints } from './samplers/grid.js';
import { createNsga2 } from './samplers/nsga-ii.js';
import { randomDraw } from './samplers/random.js';
import type { Draw, StudyPlan } from './samplers/sampler.js';
import { createSobol } from './samplers/sobol.js';
import { tpeDraw } from './samplers/tpe.js';
import type { StudyEvent, StudySpec } from './search-types.js';
import { planStudy } from './study-plan.js';
import { createStudyState, type StudyState } from './study-state.js';

/** Makes the parameters of trial `trial` from what is known; null when the sampler has nothing left. */
export type Suggester = (state: StudyState, trial: number) => Params | null;

/**
 * What a study suggests for trial `trial` when the events in `prefix` are known: a pure function, so that every
 * suggestion can be derived anew. Null when a grid has no such point.
 *
 * @throws NUM_SEARCH_SPACE, NUM_RANGE or NUM_STUDY for a specification or log that cannot be used.
 */
export function suggest(spec: StudySpec, prefix: readonly StudyEvent[], trial: number): Params | null {
  const plan = planStudy(spec);
  const state = createStudyState(plan);
  for (const event of prefix) state.apply(event);
  return createSuggester(plan)(state, trial);
}

export function createSuggester(plan: StudyPlan): Suggester {
  const { sampler, enqueued = [] } = plan.spec;
  if (sampler.kind === 'grid') return createGridSuggester(plan);
  const drawOf = createDraws(plan);
  return (state, trial) => assemble(plan, trial < enqueued.length ? enqueued[trial] : {}, drawOf(state, trial));
}

function createDraws(plan: StudyPlan): (state: StudyState, trial: number) => Draw {
  switch (plan.spec.sampler.kind) {
    case 'sobol': {
      const draw = createSobol(plan);
      return (_, trial) => draw(trial);
    }
    case 'nsga-ii':
      return createNsga2(plan);
    case 'tpe':
      return (state, trial) => tpeDraw(plan, state, trial);
    default:
      return (_, trial) => randomDraw(plan, trial);
  }
}

/** Enqueued trials come first, their open parameters at their first value; then the grid from its first point. */
function createGridSuggester(plan: StudyPlan): Suggester {
  const { enqueued = [] } = plan.spec;
  const points = gridPoints(plan.space);
  const firstValues: Draw = (members) => members.map((member) => pointAt(plan.space.dimensions[member], 0));
  return (_, trial) => {
    if (trial < enqueued.length) return assemble(plan, enqueued[trial], firstValues);
    return points[trial - enqueued.length] ?? null;
  };
}

/** Group by group, deciding parameters first: given values where there are some, drawn ones elsewhere. Sorted by name. */
function assemble(plan: StudyPlan, given: Params, draw: Draw): Params {
  const { space } = plan;
  const params: Record<string, ParamValue> = {};
  for (const group of space.groups) {
    if (!isActive(space, group, params)) continue;
    const open = group.members.filter((member) => !Object.hasOwn(given, space.dimensions[member].name));
    const values = open.length > 0 ? draw(open) : [];
    for (const member of group.members) {
      const { name } = space.dimensions[member];
      const at = open.indexOf(member);
      params[name] = at < 0 ? given[name] : values[at];
    }
  }
  return Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}
