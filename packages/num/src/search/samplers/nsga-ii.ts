import { createRng, type Rng } from '../../random/rng.js';
import type { ParamValue } from '../../trainers/param-types.js';
import { type Dimension, valueAtUnit } from '../dimension.js';
import type { SamplerSpec } from '../search-types.js';
import type { StudyState } from '../study-state.js';
import type { TrialNote } from '../trial-note.js';
import { dominates, nonDominationRanks } from './non-domination.js';
import { randomDraw } from './random.js';
import type { Draw, StudyPlan } from './sampler.js';

type NsgaSpec = Extract<SamplerSpec, { kind: 'nsga-ii' }>;

/**
 * NSGA-II (Deb, Pratap, Agarwal & Meyarivan 2002) with Optuna's defaults: populations of 50, uniform crossover of two
 * parents chosen by tournament with probability 0.9, and of each parameter a fresh value with probability 1 / their number.
 *
 * A generation is complete when so many trials completed since the one before, in the order of the log; its survivors
 * (with those before) are the parents of what is suggested next. Optuna counts by trials that belong to a generation,
 * which a log does not say; one after another both count alike, but for slow trials that complete in a later generation.
 */
export function createNsga2(plan: StudyPlan): (state: StudyState, trial: number) => Draw {
  const spec = plan.spec.sampler as NsgaSpec;
  const { populationSize = 50 } = spec;
  let of: StudyState | undefined;
  let generations = 0;
  let parents: readonly TrialNote[] = [];
  return (state, trial) => {
    // A study only grows, so that each generation is selected once.
    if (of !== state) [of, generations, parents] = [state, 0, []];
    while ((generations + 1) * populationSize <= state.completed.length) {
      const born = state.completed.slice(generations * populationSize, (generations + 1) * populationSize);
      parents = survivors([...parents, ...born], populationSize);
      generations++;
    }
    return parents.length === 0 ? randomDraw(plan, trial) : childDraw(plan, spec, parents, trial);
  };
}

function childDraw(plan: StudyPlan, spec: NsgaSpec, parents: readonly TrialNote[], trial: number): Draw {
  const { crossoverProb = 0.9, mutationProb } = spec;
  const { dimensions } = plan.space;
  const rng = createRng(plan.spec.seed).fork('nsga-ii').fork(trial);
  const crossed = rng.next() < crossoverProb && parents.length > 1;
  const first = crossed ? winner(parents, rng) : parents[rng.int(parents.length)];
  const others = parents.filter((note) => note !== first);
  const second = crossed ? winner(others, rng) : first;
  const fresh = mutationProb ?? 1 / Math.max(1, Object.keys(first.params).length);
  return (members) => members.map((member) => inherit(dimensions[member], { first, second, fresh }, rng));
}

/** The value of either parent, or a new one; a generator named by the parameter keeps the others' values as they are. */
function inherit(
  dimension: Dimension,
  { first, second, fresh }: { first: TrialNote; second: TrialNote; fresh: number },
  trialRng: Rng,
): ParamValue {
  const rng = trialRng.fork(dimension.name);
  const mutates = rng.next() < fresh;
  const [one, other] = rng.next() < 0.5 ? [first, second] : [second, first];
  const value = one.params[dimension.name] ?? other.params[dimension.name];
  // A parameter under a condition that neither parent met has nobody to be inherited from.
  return mutates || value === undefined ? valueAtUnit(dimension, rng.next()) : value;
}

/** The better of two that are drawn, by dominance; of equals the first. */
function winner(notes: readonly TrialNote[], rng: Rng): TrialNote {
  const a = notes[rng.int(notes.length)];
  const b = notes[rng.int(notes.length)];
  return beats(b, a) ? b : a;
}

/** Kept constraints before broken ones, less broken before more, else dominance. */
function beats(a: TrialNote, b: TrialNote): boolean {
  if (a.violation > 0 || b.violation > 0) return a.violation < b.violation;
  return dominates(a.losses, b.losses);
}

/** Front by front; of the one that does not fit the least crowded. Those that break constraints come last, by how much. */
function survivors(notes: readonly TrialNote[], count: number): TrialNote[] {
  const feasible = notes.filter((note) => note.violation === 0);
  const ranks = nonDominationRanks(
    feasible.map((note) => note.losses),
    Math.min(count, feasible.length),
  );
  const kept: TrialNote[] = [];
  for (let rank = 0; kept.length < Math.min(count, feasible.length); rank++) {
    const front = feasible.filter((_, i) => ranks[i] === rank);
    const room = count - kept.length;
    kept.push(...(front.length <= room ? front : leastCrowded(front).slice(0, room)));
  }
  const broken = notes
    .filter((note) => note.violation > 0)
    .sort((a, b) => a.violation - b.violation || a.trial - b.trial);
  return [...kept, ...broken.slice(0, count - kept.length)];
}

/** By falling crowding distance: the sum over the objectives of the gap between a point's neighbours; ends are infinite. */
function leastCrowded(front: readonly TrialNote[]): TrialNote[] {
  const distance = new Map<TrialNote, number>(front.map((note) => [note, 0]));
  for (let m = 0; m < front[0].losses.length; m++) {
    const sorted = [...front].sort((a, b) => a.losses[m] - b.losses[m] || a.trial - b.trial);
    const width = sorted[sorted.length - 1].losses[m] - sorted[0].losses[m];
    if (width === 0) continue;
    for (const [i, note] of sorted.entries()) {
      const end = i === 0 || i === sorted.length - 1;
      const gap = end ? Number.POSITIVE_INFINITY : (sorted[i + 1].losses[m] - sorted[i - 1].losses[m]) / width;
      distance.set(note, (distance.get(note) ?? 0) + gap);
    }
  }
  const of = (note: TrialNote) => distance.get(note) ?? 0;
  return [...front].sort((a, b) => (of(a) === of(b) ? a.trial - b.trial : of(b) - of(a)));
}
