import { numErrors } from '../num-errors.js';
import type { Params } from '../trainers/param-types.js';
import { innerOf } from './dimension.js';
import { createPruner } from './pruners/create-pruner.js';
import type { StudyPlan } from './samplers/sampler.js';
import type { StudyEvent } from './search-types.js';
import type { TrialNote } from './trial-note.js';

/**
 * Everything that follows from a prefix of a study's log, kept up to date event by event: a suggestion sorts nothing
 * anew, so that deriving a long study again stays fast.
 */
export interface StudyState {
  readonly byNumber: readonly TrialNote[];
  /** Completed and feasible, best first (by the first objective), then by number. */
  readonly ranked: readonly TrialNote[];
  /** Pruned, the furthest first, then the best. */
  readonly rankedPruned: readonly TrialNote[];
  /** Completed with a broken constraint, the least broken first. */
  readonly rankedInfeasible: readonly TrialNote[];
  /** Per parameter: all trials that have it, by inner coordinate, then number. */
  readonly orders: readonly (readonly TrialNote[])[];
  /** Completed, in the order of the log. */
  readonly completed: readonly TrialNote[];
  /** Completed and pruned trials. */
  readonly finishedCount: number;
  /** Completed and pruned trials since the best one. */
  readonly sinceBest: number;
  find(trial: number): TrialNote | undefined;
  /**
   * Takes in the next event; for `reported` answers what the pruner decides.
   *
   * @throws NUM_STUDY when it does not fit the events before it or the specification.
   */
  apply(event: StudyEvent): boolean;
}

export function createStudyState(plan: StudyPlan): StudyState {
  const notes = new Map<number, TrialNote>();
  const byNumber: TrialNote[] = [];
  const ranked: TrialNote[] = [];
  const completed: TrialNote[] = [];
  const rankedPruned: TrialNote[] = [];
  const rankedInfeasible: TrialNote[] = [];
  const orders: TrialNote[][] = plan.space.dimensions.map(() => []);
  const pruner = createPruner(plan);
  let finishedCount = 0;
  let sinceBest = 0;

  const suggest = (trial: number, params: Params): void => {
    if (notes.has(trial)) throw numErrors.NUM_STUDY(`Trial ${trial} was suggested twice.`, { data: { trial } });
    const note = newNote(plan, trial, params);
    notes.set(trial, note);
    insert(byNumber, note, (a, b) => a.trial - b.trial);
    for (const [i, order] of orders.entries()) {
      if (!Number.isNaN(note.inner[i])) insert(order, note, (a, b) => a.inner[i] - b.inner[i] || a.trial - b.trial);
    }
  };
  const running = (trial: number): TrialNote => {
    const note = notes.get(trial);
    if (note?.state === 'running') return note;
    const state = note === undefined ? 'was never suggested' : `is already ${note.state}`;
    throw numErrors.NUM_STUDY(`Trial ${trial} ${state}.`, { data: { trial } });
  };
  const complete = (note: TrialNote, values: readonly number[], constraints: readonly number[]): void => {
    checkOutcome(plan, note.trial, values, constraints);
    note.state = 'completed';
    note.values = [...values];
    note.losses = values.map((value, i) => value * plan.signs[i]);
    note.violation = constraints.reduce((sum, value) => sum + Math.max(value, 0), 0);
    completed.push(note);
    finishedCount++;
    sinceBest++;
    if (note.violation > 0) insert(rankedInfeasible, note, (a, b) => a.violation - b.violation || a.trial - b.trial);
    else {
      if (ranked.length === 0 || note.losses[0] < ranked[0].losses[0]) sinceBest = 0;
      insert(ranked, note, (a, b) => a.losses[0] - b.losses[0] || a.trial - b.trial);
    }
    pruner.completed(note);
  };

  return {
    byNumber,
    completed,
    ranked,
    rankedPruned,
    rankedInfeasible,
    orders,
    get finishedCount() {
      return finishedCount;
    },
    get sinceBest() {
      return sinceBest;
    },
    find: (trial) => notes.get(trial),
    apply: (event) => {
      if (event.type === 'suggested') {
        suggest(event.trial, event.params);
        return false;
      }
      const note = running(event.trial);
      if (event.type === 'reported') {
        takeReport(plan, note, event.step, event.value);
        return pruner.judge(note);
      }
      if (event.type === 'completed') complete(note, event.values, event.constraints ?? []);
      else if (event.type === 'failed') {
        note.state = 'failed';
        note.reason = event.reason;
      } else {
        note.state = 'pruned';
        finishedCount++;
        sinceBest++;
        insert(rankedPruned, note, byProgress);
      }
      return false;
    },
  };
}

function newNote(plan: StudyPlan, trial: number, params: Params): TrialNote {
  const { dimensions } = plan.space;
  const inner = new Float64Array(dimensions.length).fill(Number.NaN);
  let known = 0;
  for (const [i, dimension] of dimensions.entries()) {
    if (!Object.hasOwn(params, dimension.name)) continue;
    known++;
    inner[i] = innerOf(dimension, params[dimension.name]);
    if (Number.isNaN(inner[i])) {
      const value = JSON.stringify(params[dimension.name]);
      throw numErrors.NUM_STUDY(`Trial ${trial}: ${dimension.name} = ${value} is not in the search space.`, {
        data: { trial, param: dimension.name },
      });
    }
  }
  if (known < Object.keys(params).length || !Number.isSafeInteger(trial) || trial < 0) {
    const text = `Trial ${trial} has a parameter that the search space does not know, or no number from 0.`;
    throw numErrors.NUM_STUDY(text, { data: { trial, params } });
  }
  const start = { state: 'running', values: [], losses: [], violation: 0, steps: [], reports: [] } as const;
  return { trial, params: { ...params }, inner, ...start, steps: [], reports: [], side: 0, place: -1 };
}

function takeReport(plan: StudyPlan, note: TrialNote, step: number, value: number | null): void {
  const last = note.steps.length > 0 ? note.steps[note.steps.length - 1] : -1;
  if (!Number.isSafeInteger(step) || step <= last) {
    const text = `Trial ${note.trial} reported step ${step} after ${last}; steps are integers from 0 that rise.`;
    throw numErrors.NUM_STUDY(text, { data: { trial: note.trial, step, last } });
  }
  note.steps.push(step);
  note.reports.push(value === null || !Number.isFinite(value) ? Number.NaN : value * plan.signs[0]);
}

function checkOutcome(plan: StudyPlan, trial: number, values: readonly number[], constraints: readonly number[]): void {
  if (values.length !== plan.signs.length) {
    const text = `Trial ${trial} has ${values.length} values, but the study has ${plan.signs.length} objectives.`;
    throw numErrors.NUM_STUDY(text, { data: { trial, observed: values.length, expected: plan.signs.length } });
  }
  if (![...values, ...constraints].every(Number.isFinite)) {
    throw numErrors.NUM_STUDY(`Trial ${trial} completed with a value that is not finite; it should have failed.`, {
      data: { trial },
    });
  }
}

/** Optuna's order of pruned trials: those that got further first, then by their last loss; without a report last. */
function byProgress(a: TrialNote, b: TrialNote): number {
  const stepA = a.steps.length > 0 ? -a.steps[a.steps.length - 1] : 1;
  const stepB = b.steps.length > 0 ? -b.steps[b.steps.length - 1] : 1;
  return stepA - stepB || compareLoss(lastLoss(a), lastLoss(b)) || a.trial - b.trial;
}

function lastLoss(note: TrialNote): number {
  const loss = note.reports.length > 0 ? note.reports[note.reports.length - 1] : 0;
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}

/** Never NaN, which Infinity − Infinity would be. */
function compareLoss(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Puts `note` into its place of a sorted list; appending, the usual case, costs one comparison. */
function insert(list: TrialNote[], note: TrialNote, compare: (a: TrialNote, b: TrialNote) => number): void {
  let low = 0;
  let high = list.length;
  if (high > 0 && compare(list[high - 1], note) <= 0) low = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(list[middle], note) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, note);
}
