import type { TrainStep, TuneStep } from '@fairlead/contracts';
import { parsePreprocessSpec, preprocessProblems } from '@fairlead/num';
import type { DataService, DatasetVersion } from '../../data/index.js';
import type { StepContext } from '../../pipelines/index.js';
import { candidateProblems, countCandidates, expandCandidates, MAX_CANDIDATES } from '../candidate-rules.js';
import { readSearch, searchProblems } from '../search-rules.js';
import { trainingErrors } from '../training-errors.js';
import type { SearchSpec, StepSource, TrainingJob, TrainRequest } from '../training-types.js';
import { requireInput } from './step-inputs.js';

export type JobData = Pick<DataService, 'readPart' | 'splitById' | 'versionById'>;

/** What can be told from a step's values alone, before there are rows. Their shape was checked before. */
export function jobProblems({ candidates = [], preprocess, search, metric }: TrainStep | TuneStep): string[] {
  const count = countCandidates(candidates);
  const problems = [
    ...(preprocess === undefined ? [] : preprocessProblems(preprocess)).map((problem) => `preprocess.${problem}`),
    ...candidateProblems(candidates),
    ...(count > MAX_CANDIDATES ? [`candidates: the grids make ${count} candidates, more than ${MAX_CANDIDATES}`] : []),
  ];
  if (problems.length > 0 || search === undefined) return problems;
  const read = readSearch(search);
  if ('problems' in read) return read.problems;
  return searchProblems(read.search, { candidates: expandCandidates(candidates), metric });
}

/** The rows of the part and what is asked of them. `request` is given where a tuning has decided it. */
export async function jobOf(
  data: JobData,
  step: StepContext,
  request?: TrainRequest,
): Promise<{ job: TrainingJob; source: StepSource }> {
  const values = step.params as TrainStep;
  const splitId = requireInput(step, 'split', 'split').id;
  const { versionId } = await data.splitById(splitId);
  const version = await data.versionById(versionId);
  const { pipeline, pipelineRunId, trackingRunId } = step;
  const { part } = values;
  return {
    job: {
      table: await data.readPart(splitId, part),
      request: request ?? requestOf(values, { step, version }),
      experiment: pipeline,
      parentRunId: trackingRunId,
      time: version.time,
      entity: version.entity,
      integers: version.columns.filter(({ type }) => type === 'integer').map(({ name }) => name),
    },
    source: { splitId, datasetVersionId: versionId, part, pipeline, pipelineRunId, trackingRunId },
  };
}

function requestOf(
  { part: _part, target, preprocess, search, ...values }: TrainStep,
  { step, version }: { step: StepContext; version: DatasetVersion },
): TrainRequest {
  const { candidates, validation } = values;
  if (candidates === undefined || validation === undefined) {
    const missing = candidates === undefined ? 'candidates' : 'validation';
    throw trainingErrors.TRN_INPUT_MISSING(
      `Step ${step.step}: '${missing}' is missing in its values, and no input 'tuning' is connected.`,
      { data: { step: step.step, missing } },
    );
  }
  const untargeted = values.task === 'clustering' || values.task === 'anomaly';
  return {
    ...(values as Omit<TrainRequest, 'target' | 'seed'>),
    ...(preprocess && { preprocess: parsePreprocessSpec(preprocess) }),
    ...(search && { search: searchOf(search) }),
    target: untargeted ? '' : (target ?? labelOf(version)),
    seed: step.seed,
  };
}

/** @throws TRN_SEARCH_INVALID, which the check of a step has told before */
function searchOf(written: NonNullable<TrainStep['search']>): SearchSpec {
  const read = readSearch(written);
  if ('search' in read) return read.search;
  throw trainingErrors.TRN_SEARCH_INVALID(`${read.problems.join('; ')}.`, { data: { problems: read.problems } });
}

function labelOf({ label, dataset }: DatasetVersion): string {
  if (label !== null) return label.name;
  throw trainingErrors.TRN_TARGET_NOT_FOUND(`The dataset ${dataset} declares no label and the step names no target.`, {
    data: { dataset },
  });
}
