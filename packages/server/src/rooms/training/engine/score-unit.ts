import { selectRows } from '@fairlead/frame';
import { createRng, type FeatureMatrix, type FeatureNeeds, type FitHooks } from '@fairlead/num';
import { answersOf, fitPrepared, needsOf, type PreparedRows, preparationKey, prepareRows } from '../fit-candidate.js';
import { trainingErrors } from '../training-errors.js';
import type { Problem, ProblemTarget, TrialUnit } from './engine-types.js';
import { selectionScore } from './selection-score.js';
import { selectTarget } from './target-views.js';
import { trialOverrides } from './trial-param-rules.js';

interface PreparedFold extends PreparedRows {
  readonly target: ProblemTarget;
  readonly test: FeatureMatrix;
  readonly testTarget: ProblemTarget;
}

/** Features of folds that a thread keeps, in bytes: candidates with the same needs share them. */
const KEPT_BYTES = 256 * 1024 * 1024;

/** Prepared folds by fold and needs; the longest unused are let go first. */
export class FoldCache {
  readonly #kept = new Map<string, PreparedFold>();

  get(problem: Problem, { candidate, fold: number }: TrialUnit): PreparedFold {
    const needs = needsOf(candidate);
    const key = `${number} ${preparationKey(needs, problem.preprocess)}`;
    const found = this.#kept.get(key);
    this.#kept.delete(key);
    const prepared = found ?? prepareFold(problem, { number, needs });
    this.#kept.set(key, prepared);
    let bytes = 0;
    for (const [old, { x, test }] of [...this.#kept].reverse()) {
      bytes += x.values.byteLength + test.values.byteLength;
      if (bytes > KEPT_BYTES && old !== key) this.#kept.delete(old);
    }
    return prepared;
  }
}

function prepareFold(
  { table, target, signature, preprocess, folds, seed }: Problem,
  { number, needs }: { number: number; needs: FeatureNeeds },
): PreparedFold {
  const fold = folds[number];
  if (fold === undefined) throw new Error(`there is no fold ${number}`);
  const features = signature.inputs.map(({ name }) => name);
  const trainTarget = selectTarget(target, fold.train);
  refuseAbsentClass(trainTarget, number);
  const prepared = prepareRows(selectRows(table, fold.train), {
    ...{ features, needs, spec: preprocess, target: trainTarget },
    seed: fitSeed(seed, `fold ${number}`),
  });
  const test = prepared.preprocessor.transform(selectRows(table, fold.test));
  return {
    ...prepared,
    test,
    target: trainTarget,
    testTarget: selectTarget(target, fold.test),
  };
}

/** A model that never saw a class could not be compared with one that did. */
function refuseAbsentClass(target: ProblemTarget, fold: number): void {
  if (target.kind !== 'classes') return;
  const seen = new Set(target.codes.filter((code) => code >= 0));
  if (seen.size === target.labels.length) return;
  const absent = target.labels.filter((_, code) => !seen.has(code));
  throw trainingErrors.TRN_FOLD_ONE_CLASS(
    `The ${target.codes.length} training rows of fold ${fold + 1} have no ${absent.join(' or ')}.`,
    { data: { fold, absent, rows: target.codes.length } },
  );
}

/**
 * The selection metric, and the further objectives, of one candidate on one fold. Each fit has the seed of its fold, so a result depends neither on
 * which other candidates are tried nor on the thread that computes it.
 */
export function scoreUnit(
  problem: Problem,
  unit: TrialUnit,
  { cache, hooks }: { cache: FoldCache; hooks: FitHooks },
): { score: number; others: number[] } {
  const { metric, objectives, alpha, seed } = problem;
  if (metric === null) throw new Error('there is no metric to score by');
  const prepared = cache.get(problem, unit);
  const { target, test, testTarget } = prepared;
  const { trainer, params } = unit.candidate;
  const { model } = fitPrepared(prepared, {
    candidate: { trainer, params: { ...params, ...trialOverrides(unit.candidate, metric) } },
    target,
    seed: fitSeed(seed, `fold ${unit.fold}`),
    hooks,
  });
  const answers = answersOf(model, test);
  const [score, ...others] = [metric, ...objectives].map((wanted) => {
    const value = selectionScore(wanted, { truth: testTarget, x: test, alpha }, answers);
    if (Number.isFinite(value)) return value;
    throw trainingErrors.TRN_FOLD_ONE_CLASS(
      `The ${wanted} of fold ${unit.fold + 1} is not defined on its ${test.rowCount} rows.`,
      { data: { fold: unit.fold, metric: wanted, rows: test.rowCount } },
    );
  });
  return { score: score as number, others };
}

/** One seed for all candidates of a fold: they are compared on equal luck. */
export function fitSeed(seed: number, label: string): number {
  return createRng(seed).fork(label).int(0x100000000);
}
