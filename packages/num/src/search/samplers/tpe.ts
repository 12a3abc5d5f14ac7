import { createRng, type Rng } from '../../random/rng.js';
import type { ParamValue } from '../../trainers/param-types.js';
import { pointAt, valueOfInner } from '../dimension.js';
import type { SamplerSpec } from '../search-types.js';
import type { StudyState } from '../study-state.js';
import { createParzen, drawParzen, logDensity, type Parzen } from './parzen.js';
import { randomDraw } from './random.js';
import type { Draw, StudyPlan } from './sampler.js';
import { BAD, GOOD, splitTrials } from './tpe-split.js';

type TpeSpec = Extract<SamplerSpec, { kind: 'tpe' }>;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe, arXiv:2304.11127) with the rules and defaults of
 * Optuna 5.0.0's TPESampler: fit one density to the good trials and one to the bad, draw candidates from the good one,
 * keep the candidate where good / bad is greatest. Several objectives as its MOTPE: the good ones by front and
 * hypervolume, all of the same weight. Parameters of one group are drawn together when `multivariate`, which is what
 * Optuna calls `group`; here conditions are declared, so nothing needs to be inferred from past trials.
 */
export function tpeDraw(plan: StudyPlan, state: StudyState, trial: number): Draw {
  const spec = plan.spec.sampler as TpeSpec;
  const { startupTrials = 10, candidates = 24, multivariate = plan.signs.length === 1, constantLiar = true } = spec;
  if (state.finishedCount < startupTrials) return randomDraw(plan, trial);
  splitTrials(plan, state, constantLiar);
  const rng = createRng(plan.spec.seed).fork('tpe').fork(trial);
  const evenWeights = plan.signs.length > 1;
  const draw = (members: readonly number[]): ParamValue[] => {
    const good = fitSide(plan, state, members, { side: GOOD, evenWeights });
    const bad = fitSide(plan, state, members, { side: BAD, evenWeights: false });
    return bestCandidate(good, bad, rng.fork(plan.space.dimensions[members[0]].name), candidates);
  };

  return (members) => {
    const out = members.map((member) => pointAt(plan.space.dimensions[member], 0));
    const open = members.filter((member) => plan.space.dimensions[member].pointCount > 1);
    const batches = multivariate ? (open.length > 0 ? [open] : []) : open.map((member) => [member]);
    for (const batch of batches) {
      const values = draw(batch);
      for (const [i, member] of batch.entries()) out[members.indexOf(member)] = values[i];
    }
    return out;
  };
}

function bestCandidate(good: Parzen, bad: Parzen, rng: Rng, candidates: number): ParamValue[] {
  const points = drawParzen(good, rng, candidates);
  const goodLogs = logDensity(good, points);
  const badLogs = logDensity(bad, points);
  let best = 0;
  for (let i = 1; i < candidates; i++) if (goodLogs[i] - badLogs[i] > goodLogs[best] - badLogs[best]) best = i;
  return good.parts.map(({ dimension }, i) => valueOfInner(dimension, points[i][best]));
}

/** The density of one side's trials that have all of the parameters. */
function fitSide(
  plan: StudyPlan,
  state: StudyState,
  members: readonly number[],
  { side, evenWeights }: { side: number; evenWeights: boolean },
): Parzen {
  const dimensions = members.map((member) => plan.space.dimensions[member]);
  let count = 0;
  for (const note of state.byNumber) {
    const isIn = note.side === side && members.every((member) => !Number.isNaN(note.inner[member]));
    note.place = isIn ? count++ : -1;
  }
  const observations = members.map(() => new Float64Array(count));
  const orders = members.map((member, i) => {
    const order = new Int32Array(count);
    let rank = 0;
    for (const note of state.orders[member]) {
      if (note.place < 0) continue;
      order[rank++] = note.place;
      observations[i][note.place] = note.inner[member];
    }
    return order;
  });
  return createParzen({ dimensions, observations, orders, evenWeights });
}
