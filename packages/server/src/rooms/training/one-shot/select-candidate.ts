import { selectRows } from '@fairlead/frame';
import { camelCaseParams, createRng, type Params, type StudyEvent, verifyStudy } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';
import { compareCandidates, type TrainingTools } from '../engine/run-training.js';
import type { SearchedTrial } from '../engine/search-news.js';
import { metricsOf } from '../engine/selection-rules.js';
import { planSearch } from '../plan-problem.js';
import { trainingErrors } from '../training-errors.js';
import type { CandidateSpec, SearchSpec, SelectionMetric, Validation } from '../training-types.js';
import { autoCandidates } from './auto-candidates.js';
import { chooseTrial } from './choose-trial.js';
import type { FitFileOptions } from './fit-types.js';
import type { FitPlan } from './plan-fit.js';

export interface Selection {
  readonly chosen: Candidate & { readonly number: number };
  readonly why: string;
  /** Best first. */
  readonly trials: readonly SearchedTrial[];
  readonly metric: SelectionMetric | null;
  /** How the candidates were compared. */
  readonly words: string;
  readonly notes: readonly string[];
}

const AUTO_BUDGET_MS = 60_000;
/** Candidates are compared on at most so many rows; the chosen one learns from all. */
const SAMPLE_ROWS = 50_000;

/** Compares the candidates on training rows only and takes one. With a single candidate nothing is compared unless folds are asked for. */
export async function compareOnSample(
  plan: FitPlan,
  options: FitFileOptions,
  tools: TrainingTools,
): Promise<Selection> {
  const { task, target, time, features, integers, table, split, seed } = plan;
  const auto = options.model === undefined || options.model === 'auto';
  const rows = split.train.length;
  const candidates: readonly CandidateSpec[] = auto ? autoCandidates(task, rows) : [namedCandidate(options)];
  const known = metricsOf(task);
  const metric = options.metric ?? known[0] ?? null;
  if (options.metric !== undefined && !known.includes(options.metric)) {
    throw trainingErrors.TRN_TASK_INVALID(
      `${options.metric} does not judge ${task}; for ${task} there are ${known.join(', ') || 'none'}.`,
      {
        data: { task, metric: options.metric, known },
      },
    );
  }
  const single =
    candidates.length === 1 && Object.values(candidates[0]?.params ?? {}).every((one) => !Array.isArray(one));
  if (single && options.folds === undefined && options.search === undefined)
    return only(candidates[0] as CandidateSpec, metric);
  const sampled = rows > SAMPLE_ROWS && auto;
  const used = sampled ? sample(split.train, { ordered: time !== null, seed }) : split.train;
  const validation = validationFor(used.length, { time, folds: options.folds });
  const budgetMs = options.budgetMs ?? (auto ? AUTO_BUDGET_MS : undefined);
  const untilMs = budgetMs === undefined ? undefined : performance.now() + budgetMs;
  const planned = planSearch(
    {
      table: selectRows(table, used),
      request: { target, task, features, candidates, validation, seed, ...(metric !== null && { metric }) },
      ...{ experiment: '', parentRunId: null, time, entity: [], integers },
    },
    {},
  );
  const {
    trials,
    studies,
    notes: told,
  } = await compareCandidates(planned, {
    ...tools,
    search: searchOf(options),
    ...(untilMs !== undefined && { over: () => performance.now() >= untilMs }),
  });
  const { trial, why } = metric === null ? { trial: trials[0] as SearchedTrial, why: '' } : chooseTrial(trials, metric);
  const late = trials.filter(({ failure }) => failure?.code === 'TRN_TIME_OVER').length;
  const notes: string[] = [...told];
  if (late > 0) {
    notes.push(`${late} of ${trials.length} candidates were not finished within ${Number(budgetMs) / 1000} s.`);
  }
  for (const { trainer, spec, events } of studies) {
    const { verdict } = verifyStudy(spec, events);
    notes.push(`The search for ${trainer} made ${trialsOf(events)} trials; deriving it anew from its log: ${verdict}.`);
  }
  const on = sampled ? `a sample of ${used.length} of ${rows} training rows` : `${used.length} training rows`;
  return { chosen: trial, why, trials, metric, words: `${describe(validation)} over ${on}`, notes };
}

function namedCandidate({ model, params = {} }: FitFileOptions): CandidateSpec {
  // Lists are grids and pass through as they are.
  return { trainer: model as string, params: camelCaseParams(params as Params) as CandidateSpec['params'] & object };
}

function searchOf({ search }: FitFileOptions): SearchSpec | undefined {
  return search && { sampler: { kind: search.sampler }, trials: search.trials };
}

const trialsOf = (events: readonly StudyEvent[]) => events.filter(({ type }) => type === 'suggested').length;

function only({ trainer, params = {} }: CandidateSpec, metric: SelectionMetric | null): Selection {
  const chosen = { trainer, params: params as Params, number: 1 };
  const trial = { ...chosen, score: Number.NaN, foldScores: [], fitMs: 0, failure: null };
  return { chosen, why: 'named', trials: [trial], metric, words: 'nothing was compared', notes: [] };
}

/** The latest rows where there is an order, random ones otherwise. */
function sample(rows: Int32Array, { ordered, seed }: { ordered: boolean; seed: number }): Int32Array {
  if (ordered) return rows.slice(-SAMPLE_ROWS);
  return createRng(seed).fork('sample').shuffle(rows.slice()).slice(0, SAMPLE_ROWS).sort();
}

function validationFor(rows: number, { time, folds }: { time: string | null; folds: number | undefined }): Validation {
  if (time !== null) return { kind: 'time-series', folds: folds ?? 3 };
  return { kind: 'k-fold', folds: folds ?? (rows > 20_000 ? 3 : 5) };
}

function describe(validation: Validation): string {
  if (validation.kind === 'time-series') return `${validation.folds} folds in order of time`;
  return validation.kind === 'k-fold' ? `${validation.folds} random folds` : validation.kind;
}
