import { columnOf, selectColumns, selectRows, type Table } from '@fairlead/frame';
import type { PreprocessDecision, Task } from '@fairlead/num';
import {
  type Candidate,
  candidateProblems,
  countCandidates,
  expandCandidates,
  MAX_CANDIDATES,
} from './candidate-rules.js';
import type { Problem, ProblemTarget } from './engine/engine-types.js';
import { type PlannedFolds, trainingOrder } from './engine/plan-folds.js';
import { metricsOf } from './engine/selection-rules.js';
import { encodePartly, learnsUnlabelled, planPartly } from './partly-labelled.js';
import { checkPreprocess, preprocessColumns } from './preprocess-rules.js';
import { objectivesOf, searchProblems } from './search-rules.js';
import { chooseFeatures, describeSignature, leaveOutKeys } from './signature-rules.js';
import { encodeTarget, taskOfTarget } from './target-rules.js';
import { trainingErrors } from './training-errors.js';
import type { TrainingJob, TrainRequest } from './training-types.js';

export interface PlannedSearch {
  readonly problem: Problem;
  readonly candidates: readonly Candidate[];
  /** Features that no model should learn from, and why. */
  readonly leftOut: readonly PreprocessDecision[];
}

const NO_FOLDS: PlannedFolds = { folds: [], span: { from: 0, count: 0 }, outer: [] };

/** Everything that can be refused is refused here, before a thread starts or a run is written. */
export function planSearch(job: TrainingJob, metadata: Problem['metadata']): PlannedSearch {
  const { table, request, time, entity, integers } = job;
  checkTarget(table, request);
  const task = request.task ?? taskOfTarget(request.target, columnOf(table, request.target));
  const candidates = expand(request, task);
  checkMetric(request, task);
  checkSearch(request, { candidates, task });
  if (table.rowCount === 0) throw trainingErrors.TRN_TOO_FEW_ROWS('There are no training rows.');
  const { target, features: wanted, exclude, validation, search, seed } = request;
  const { preprocess } = request;
  if (preprocess !== undefined) checkPreprocess(table, { spec: preprocess, features: wanted, candidates });
  const named = wanted ?? (preprocess && preprocessColumns(preprocess));
  const chosen = chooseFeatures(table, { task, target, features: named, exclude, time, entity });
  // Who says what becomes of a column has decided that it is no key.
  const { features, leftOut } = preprocess ? { features: chosen, leftOut: [] } : leaveOutKeys(table, chosen);
  const sorted = selectRows(table, trainingOrder(table, time, validation));
  const encode = learnsUnlabelled(candidates, task) ? encodePartly : encodeTarget;
  const encoded: ProblemTarget =
    target === '' ? { kind: 'none' } : encode(target, columnOf(sorted, target), { task, labels: request.labels });
  const labels = encoded.kind === 'classes' ? encoded.labels : [];
  if (request.metric === 'roc-auc' && labels.length > 2) {
    throw trainingErrors.TRN_METRIC_TWO_CLASSES(`metric: roc-auc cannot rank ${labels.length} classes.`);
  }
  const signature = describeSignature(sorted, { task, features, target, labels, ...(integers && { integers }) });
  const metric = request.metric ?? null;
  const ordered = time !== null;
  const planned =
    metric === null ? NO_FOLDS : planPartly({ validation, table: sorted, target: encoded, seed, ordered });
  const objectives = metric === null || search === undefined ? [] : objectivesOf(search, metric).slice(1);
  const judged = { ...planned, metric, objectives, alpha: request.alpha };
  const problem = { task, table: selectColumns(sorted, features), target: encoded, signature, seed };
  return { problem: { ...problem, ...judged, preprocess, metadata }, candidates, leftOut };
}

function checkTarget(table: Table, { target, task }: TrainRequest): void {
  const needed = task === undefined || task === 'classification' || task === 'regression';
  if (!needed && target !== '') {
    throw trainingErrors.TRN_TASK_INVALID(`${task} learns without a target, but ${target} is named.`, {
      data: { task, target },
    });
  }
  if (!needed || table.columns.has(target)) return;
  const columns = [...table.columns.keys()];
  throw trainingErrors.TRN_TARGET_NOT_FOUND(`There is no column ${target}; there are ${columns.join(', ')}.`, {
    data: { target, columns },
  });
}

/** @throws TRN_SEARCH_INVALID with every member that is wrong */
function checkSearch(
  { search, metric, alpha, validation, timeBudgetMs }: TrainRequest,
  { candidates, task }: { candidates: readonly Candidate[]; task: Task },
): void {
  const problems = search === undefined ? [] : searchProblems(search, { candidates, metric, task });
  const metrics = [metric, ...(search?.objectives ?? [])];
  if (alpha !== undefined && !metrics.includes('pinball')) problems.push('alpha: it belongs to the metric pinball');
  if (alpha !== undefined && !(alpha > 0 && alpha < 1)) problems.push(`alpha: ${alpha} is not between 0 and 1`);
  if (validation.kind === 'nested' && timeBudgetMs !== undefined) {
    problems.push('timeBudgetMs: searches of nested validation must be alike, so none may be cut short; limit trials');
  }
  if (validation.kind === 'nested' && metric === undefined) problems.push('validation: nested needs a metric');
  if (problems.length === 0) return;
  throw trainingErrors.TRN_SEARCH_INVALID(`${problems.join('; ')}.`, { data: { problems } });
}

function checkMetric({ metric, candidates }: TrainRequest, task: Task): void {
  const known = metricsOf(task);
  if (metric === undefined && (known.length === 0 || countCandidates(candidates) === 1)) return;
  if (metric !== undefined && known.includes(metric)) return;
  const wrong = metric === undefined ? 'No metric is named' : `${metric} does not judge ${task}`;
  throw trainingErrors.TRN_TASK_INVALID(`${wrong}; for ${task} there are ${known.join(', ') || 'none'}.`, {
    data: { task, metric: metric ?? null, known },
  });
}

function expand(request: TrainRequest, task: Task): Candidate[] {
  const problems = candidateProblems(request.candidates, task);
  if (problems.length > 0) {
    throw trainingErrors.TRN_CANDIDATE_INVALID(`${problems.join('; ')}.`, { data: { problems } });
  }
  const count = countCandidates(request.candidates);
  const judged = metricsOf(task).length > 0;
  if (count > 1 && !judged) {
    throw trainingErrors.TRN_TASK_INVALID(`Nothing compares ${count} candidates for ${task}; name one.`, {
      data: { task, count },
    });
  }
  if (count <= MAX_CANDIDATES) return expandCandidates(request.candidates);
  throw trainingErrors.TRN_GRID_TOO_LARGE(`The grids make ${count} candidates; at most ${MAX_CANDIDATES} are tried.`, {
    data: { count, max: MAX_CANDIDATES },
  });
}
