import { selectRows } from '@fairlead/frame';
import { isFairleadError } from '@fairlead/kernel';
import { camelCaseParams, createRng, type StudyEvent, type Task, verifyStudy } from '@fairlead/num';
import { type Candidate, candidateProblems, countCandidates, expandCandidates } from '../candidate-rules.js';
import { compareCandidates, type TrainingTools } from '../engine/run-training.js';
import type { SearchedTrial, SearchNews } from '../engine/search-news.js';
import { metricsOf } from '../engine/selection-rules.js';
import { joined } from '../partly-labelled.js';
import { planSearch } from '../plan-problem.js';
import { trainingErrors } from '../training-errors.js';
import type { CandidateSpec, NestedScore, SearchSpec, SelectionMetric } from '../training-types.js';
import { autoCandidates } from './auto-candidates.js';
import { chooseTrial } from './choose-trial.js';
import type { FitFileOptions } from './fit-types.js';
import { finalFitMs, planFinalists, reserveForFit } from './plan-finalists.js';
import type { FitPlan } from './plan-fit.js';
import { planValidation, validationWords } from './plan-validation.js';

export interface Selection {
  readonly chosen: Candidate & { readonly number: number };
  readonly why: string;
  /** Best first. */
  readonly trials: readonly SearchedTrial[];
  readonly metric: SelectionMetric | null;
  /** The quantile of the metric `pinball`. */
  readonly alpha?: number | undefined;
  /** How the candidates were compared. */
  readonly words: string;
  readonly notes: readonly string[];
  readonly nested: NestedScore | null;
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
  const { task, target, time, features, preprocess, integers, table, split, unlabelled, seed } = plan;
  const auto = options.model === undefined || options.model === 'auto';
  const rows = split.train.length;
  const { metric, alpha } = chooseMetric(task, options);
  const sampled = rows > SAMPLE_ROWS && auto;
  const used = sampled ? sample(split.train, { ordered: time !== null, seed }) : split.train;
  const candidates: readonly CandidateSpec[] = auto
    ? autoCandidates({
        task,
        rows: used,
        rowCount: rows,
        table,
        features,
        prepared: preprocess !== undefined,
        quantile: alpha,
      })
    : [namedCandidate(options, alpha)];
  if (!auto) refuseProblems(candidates, task);
  const single = countCandidates(candidates) === 1;
  if (single && options.folds === undefined && options.search === undefined && options.nested === undefined)
    return { ...only(expandCandidates(candidates)[0] as Candidate, metric), alpha };
  const { validation, inner } = planValidation(used.length, time, options);
  // Searches that shall be compared must be alike: no time cuts one of them short.
  const usual = auto && options.nested === undefined ? AUTO_BUDGET_MS : undefined;
  const budgetMs = options.budgetMs ?? usual;
  const untilMs = budgetMs === undefined ? undefined : performance.now() + budgetMs;
  const extent = { usedRows: used.length, allRows: rows, folds: inner.folds };
  const reserve = auto ? reserveForFit(extent, metric) : null;
  const compareOn = (sampleRows: Int32Array, specs: readonly CandidateSpec[]) => {
    const planned = planSearch(
      {
        table: selectRows(table, joined(sampleRows, unlabelled)),
        request: {
          ...{ target, task, features, candidates: specs, validation, seed },
          ...(metric !== null && { metric }),
          ...(alpha !== undefined && { alpha }),
          ...(preprocess && { preprocess }),
        },
        ...{ experiment: '', parentRunId: null, time, entity: [], integers },
      },
      {},
    );
    return compareCandidates(planned, {
      ...tools,
      ...(reserve && {
        tell: (news: SearchNews) => {
          if (news.type === 'trial-ended') reserve.look(news.trial);
          tools.tell(news);
        },
      }),
      search: searchOf(options),
      ...(metric !== null && { choose: (ranked: readonly SearchedTrial[]) => chooseTrial(ranked, metric).trial }),
      ...(untilMs !== undefined && { over: () => performance.now() + (reserve?.ms() ?? 0) >= untilMs }),
    });
  };
  const { trials: first, studies, notes: told, nested = null } = await compareOn(used, candidates);
  const facts = { trials: first, ...extent, threads: tools.threads };
  const leftMs = untilMs === undefined ? 0 : untilMs - performance.now();
  const wanted = sampled && nested === null ? planFinalists({ ...facts, leftMs }) : null;
  const more = wanted && (await compareAgain(wanted, { first, compareOn, plan }));
  const again = more === null ? null : wanted;
  const trials = more ?? first;
  const compared = trials.slice(0, again?.finalists.length ?? trials.length);
  const { trial, why } =
    metric === null ? { trial: trials[0] as SearchedTrial, why: '' } : chooseTrial(compared, metric);
  const late = trials.filter(({ failure }) => failure?.code === 'TRN_TIME_OVER').length;
  const notes: string[] = [...told];
  if (late > 0) {
    const kept = reserve !== null && reserve.ms() > 0 ? ', less what the fit on all rows was expected to take' : '';
    notes.push(`${late} of ${trials.length} candidates were not finished within ${Number(budgetMs) / 1000} s${kept}.`);
  }
  for (const { trainer, spec, events, outerFold } of studies) {
    if (outerFold !== undefined) continue;
    const { verdict } = verifyStudy(spec, events);
    notes.push(`The search for ${trainer} made ${trialsOf(events)} trials; deriving it anew from its log: ${verdict}.`);
  }
  const fitMs = finalFitMs([trial], facts);
  if (untilMs !== undefined && performance.now() + fitMs > untilMs) {
    notes.push(
      `The fit on all rows will take about ${Math.ceil(fitMs / 1000)} s, which is more than is left of the budget.`,
    );
  }
  const then = again === null ? '' : `, the best ${again.finalists.length} again over ${again.rows}`;
  const on = sampled ? `a sample of ${used.length} of ${rows} training rows${then}` : `${used.length} training rows`;
  const words = `${validationWords(validation)} over ${on}`;
  return { chosen: trial, why, trials, metric, alpha, words, notes, nested };
}

interface Look {
  readonly first: readonly SearchedTrial[];
  readonly compareOn: (
    rows: Int32Array,
    specs: readonly CandidateSpec[],
  ) => Promise<{ trials: readonly SearchedTrial[] }>;
  readonly plan: FitPlan;
}

/** The finalists with their scores on more rows, best first, then the others as they were; null when the time was over. */
async function compareAgain(
  { finalists, rows }: NonNullable<ReturnType<typeof planFinalists>>,
  { first, compareOn, plan: { split, time, seed } }: Look,
): Promise<SearchedTrial[] | null> {
  const specs = finalists.map(({ trainer, params, needs }) => ({ trainer, params, ...(needs && { needs }) }));
  const found = await compareOn(sample(split.train, { ordered: time !== null, seed, rows }), specs).catch((error) => {
    if (isFairleadError(error) && error.code === 'TRN_TIME_OVER') return null;
    throw error;
  });
  if (found === null || found.trials.some(({ failure }) => failure !== null)) return null;
  const { trials } = found;
  const own = trials.map((trial) => ({ ...trial, number: (finalists[trial.number - 1] as SearchedTrial).number }));
  return [...own, ...first.filter(({ number }) => finalists.every((one) => one.number !== number))];
}

/** In the words of the options: there is one candidate, and nobody has numbered it. */
function refuseProblems(candidates: readonly CandidateSpec[], task: Task): void {
  const problems = candidateProblems(candidates, task).map((one) => one.replace(/^candidates\.0(: |\.params\.)/, ''));
  if (problems.length > 0)
    throw trainingErrors.TRN_CANDIDATE_INVALID(`${problems.join('; ')}.`, { data: { problems } });
}

/** A quantile that is learned is the one that is judged, unless the parameters name one. */
function namedCandidate({ model, params = {} }: FitFileOptions, alpha: number | undefined): CandidateSpec {
  const named = camelCaseParams(params);
  const learns = [named.loss].flat().includes('quantile') && !Object.hasOwn(named, 'quantile');
  return {
    trainer: model as string,
    params: learns && alpha !== undefined ? { ...named, quantile: alpha } : named,
  };
}

/** @throws TRN_TASK_INVALID */
function chooseMetric(
  task: Task,
  { metric: wanted, alpha }: FitFileOptions,
): { metric: SelectionMetric | null; alpha: number | undefined } {
  const known = metricsOf(task);
  if (wanted !== undefined && !known.includes(wanted)) {
    throw trainingErrors.TRN_TASK_INVALID(
      `${wanted} does not judge ${task}; for ${task} there are ${known.join(', ') || 'none'}.`,
      { data: { task, metric: wanted, known } },
    );
  }
  const metric = wanted ?? known[0] ?? null;
  if (metric === 'pinball') return { metric, alpha: alpha ?? 0.5 };
  if (alpha === undefined) return { metric, alpha };
  throw trainingErrors.TRN_SEARCH_INVALID('alpha: it belongs to the metric pinball.', {
    data: { problems: ['alpha'] },
  });
}

function searchOf({ search }: FitFileOptions): SearchSpec | undefined {
  return search && { sampler: { kind: search.sampler }, trials: search.trials };
}

const trialsOf = (events: readonly StudyEvent[]) => events.filter(({ type }) => type === 'suggested').length;

function only({ trainer, params }: Candidate, metric: SelectionMetric | null): Selection {
  const chosen = { trainer, params, number: 1 };
  const trial = { ...chosen, score: Number.NaN, foldScores: [], fitMs: 0, failure: null, pruned: false };
  return { chosen, why: 'named', trials: [trial], metric, words: 'nothing was compared', notes: [], nested: null };
}

/** The latest rows where there is an order, random ones otherwise. */
function sample(
  all: Int32Array,
  { ordered, seed, rows = SAMPLE_ROWS }: { ordered: boolean; seed: number; rows?: number },
): Int32Array {
  if (ordered) return all.slice(-rows);
  return createRng(seed).fork('sample').shuffle(all.slice()).slice(0, rows).sort();
}
