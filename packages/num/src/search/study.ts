import { numErrors } from '../num-errors.js';
import { nonDominationRanks } from './samplers/non-domination.js';
import type { StudyPlan } from './samplers/sampler.js';
import type {
  FinishedTrial,
  StopReason,
  Study,
  StudyEvent,
  StudySpec,
  Suggestion,
  TrialRecord,
} from './search-types.js';
import { planStudy } from './study-plan.js';
import { createStudyState, type StudyState } from './study-state.js';
import { createSuggester } from './suggest.js';
import type { TrialNote } from './trial-note.js';

/**
 * A study, new or continued from its log. Continuing costs no suggestion: the log is believed ({@link verifyStudy} is
 * the one that doubts it).
 *
 * The order of asks, and what was known at each (`seen`), determine every suggestion. With several workers that order
 * depends on who is faster; for runs that repeat, work in batches: ask for a fixed number of trials, run them in any
 * order, then tell all of them in order of trial, and ask again.
 *
 * @throws NUM_SEARCH_SPACE, NUM_RANGE or NUM_STUDY for a specification or log that cannot be used.
 */
export function createStudy(spec: StudySpec, events: readonly StudyEvent[] = []): Study {
  const plan = planStudy(spec);
  const state = createStudyState(plan);
  const suggester = createSuggester(plan);
  const log: StudyEvent[] = [];
  const append = (event: StudyEvent): boolean => {
    const prune = state.apply(event);
    log.push(Object.freeze(event));
    return prune;
  };
  for (const event of events) append({ ...event });
  const next = (): Suggestion | null => {
    const trial = nextNumber(state);
    const params = suggester(state, trial);
    return params && { trial, params };
  };

  return {
    spec,
    events: log,
    ask: () => {
      const suggestion = stopOf(plan, state) === null ? next() : null;
      if (suggestion) append({ type: 'suggested', ...suggestion, seen: log.length });
      return suggestion;
    },
    report: (trial, step, value) => {
      const finite = Number.isFinite(value) ? value : null;
      const prune = state.apply({ type: 'reported', trial, step, value: finite, prune: false });
      log.push(Object.freeze({ type: 'reported', trial, step, value: finite, prune }));
      return prune;
    },
    tell: (trial, { values, constraints }) => append(outcomeEvent(trial, values, constraints)),
    prune: (trial) => append({ type: 'pruned', trial }),
    fail: (trial, reason) => append({ type: 'failed', trial, reason }),
    stopReason: () => stopOf(plan, state) ?? (isExhausted(plan, state, next) ? 'exhausted' : null),
    trials: () => state.byNumber.map((note) => recordOf(plan, note)),
    best: () => {
      if (plan.signs.length > 1) {
        throw numErrors.NUM_STUDY('A study with several objectives has no best trial; ask for its Pareto front.');
      }
      return state.ranked.length > 0 ? finishedOf(state.ranked[0]) : null;
    },
    paretoFront: () => {
      const notes = [...state.ranked].sort((a, b) => a.trial - b.trial);
      const ranks = nonDominationRanks(
        notes.map((note) => note.losses),
        1,
      );
      return notes.filter((_, i) => ranks[i] === 0).map(finishedOf);
    },
  };
}

/** The smallest number above all that were given out. */
function nextNumber(state: StudyState): number {
  const { byNumber } = state;
  return byNumber.length === 0 ? 0 : byNumber[byNumber.length - 1].trial + 1;
}

function stopOf({ spec, signs }: StudyPlan, state: StudyState): StopReason | null {
  const { maxTrials, patience, target } = spec.stop ?? {};
  const best = state.ranked[0]?.losses[0];
  if (target !== undefined && best !== undefined && best <= target * signs[0]) return 'target';
  if (maxTrials !== undefined && state.byNumber.length >= maxTrials) return 'max-trials';
  if (patience !== undefined && state.sinceBest >= patience) return 'patience';
  return null;
}

/** Only a grid ends; asking it costs nothing, asking TPE would. */
function isExhausted(plan: StudyPlan, state: StudyState, next: () => Suggestion | null): boolean {
  return plan.spec.sampler.kind === 'grid' && state.byNumber.length > 0 && next() === null;
}

function outcomeEvent(trial: number, values: readonly number[], constraints?: readonly number[]): StudyEvent {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return { type: 'failed', trial, reason: `values[${bad}] is ${values[bad]}` };
  const broken = (constraints ?? []).findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) return { type: 'failed', trial, reason: `constraints[${broken}] is ${constraints?.[broken]}` };
  return { type: 'completed', trial, values: [...values], ...(constraints && { constraints: [...constraints] }) };
}

function finishedOf(note: TrialNote): FinishedTrial {
  return { trial: note.trial, params: note.params, values: note.values, feasible: note.violation === 0 };
}

function recordOf(plan: StudyPlan, note: TrialNote): TrialRecord {
  const { trial, params, state, values, violation, reason } = note;
  const reports = note.steps.map((step, i) => ({ step, value: note.reports[i] * plan.signs[0] }));
  return { trial, params, state, values, violation, reports, ...(reason !== undefined && { reason }) };
}
