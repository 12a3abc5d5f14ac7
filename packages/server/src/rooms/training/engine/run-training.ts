import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import type { PreprocessDecision } from '@fairlead/num';
import { withOnnxMetadata } from '../../../platform/inference/index.js';
import type { Candidate } from '../candidate-rules.js';
import { checkParity } from '../check-parity.js';
import type { ModelScorer } from '../model-scorer.js';
import { trainingErrors } from '../training-errors.js';
import type { NestedScore, ParityResult, SearchSpec, StudyLog } from '../training-types.js';
import type { Problem } from './engine-types.js';
import { judgeSearch } from './judge-search.js';
import type { SearchedTrial, SearchNews } from './search-news.js';
import { searchSpan } from './search-span.js';
import { overrideNotes } from './trial-param-rules.js';
import { openTrialTeam, type TrialTeam } from './trial-team.js';

export interface TrainingTools {
  readonly scorer: Pick<ModelScorer, 'answer'>;
  /** A path that does not exist yet, for the file while it is checked. */
  readonly stagingPath: () => Promise<string>;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  readonly tell: (news: SearchNews) => void;
  /** Searches parameters instead of trying candidates as they stand. */
  readonly search?: SearchSpec | undefined;
  /** True when the time for the search is over: no further fit begins. */
  readonly over?: () => boolean;
  /** Takes one of the trials, best first, where nested validation needs a winner. Default: the best. */
  readonly choose?: (trials: readonly SearchedTrial[]) => SearchedTrial;
}

export interface Comparison {
  /** Best first. */
  readonly trials: readonly SearchedTrial[];
  /** One per searched trainer; empty when candidates were tried as they stand. */
  readonly studies: readonly StudyLog[];
  /** What was done otherwise in the trials than in the fit on all rows, for people. */
  readonly notes: readonly string[];
  /** Of nested validation. */
  readonly nested?: NestedScore;
}

export interface TrainedPackage extends Comparison {
  readonly best: SearchedTrial;
  readonly bytes: Uint8Array;
  readonly parity: ParityResult;
  /** Of the fit on all rows. */
  readonly fitMs: number;
  readonly decisions: readonly PreprocessDecision[];
}

/** Compares the candidates, fits the best on all rows, packages it and proves the package. Starts and ends its threads. */
export async function runTraining(
  { problem, candidates }: { problem: Problem; candidates: readonly Candidate[] },
  tools: TrainingTools,
): Promise<TrainedPackage> {
  const team = openTrialTeam(problem, tools);
  try {
    const comparison = await compare(problem, candidates, { team, tools });
    const best = comparison.trials[0] as SearchedTrial;
    tools.tell({ type: 'progress', ratio: 0.9, message: `fitting ${best.trainer} on all rows` });
    return { best, ...comparison, ...(await packageAndProve(problem, best, { team, tools })) };
  } finally {
    await team.close();
  }
}

interface Work {
  readonly team: TrialTeam;
  readonly tools: TrainingTools;
}

/** Compares the candidates and no more: the trials, best first. Starts and ends its threads. */
export async function compareCandidates(
  { problem, candidates }: { problem: Problem; candidates: readonly Candidate[] },
  tools: TrainingTools,
): Promise<Comparison> {
  const team = openTrialTeam(problem, tools);
  try {
    return await compare(problem, candidates, { team, tools });
  } finally {
    await team.close();
  }
}

/** The trials, best first; one candidate that nothing is compared with has no score. */
async function compare(problem: Problem, candidates: readonly Candidate[], { team, tools }: Work): Promise<Comparison> {
  const { metric, span, outer, seed } = problem;
  if (metric === null || span.count === 0) {
    const [only] = candidates as [Candidate];
    const trial = { ...only, number: 1, score: Number.NaN, foldScores: [], fitMs: 0, failure: null, pruned: false };
    return { trials: [trial], studies: [], notes: [] };
  }
  const { over, search } = tools;
  // The search on all rows, then one as large per outer fold.
  const share = 1 / (outer.length + 1);
  const tell = (news: SearchNews): void =>
    tools.tell(news.type === 'progress' ? { ...news, ratio: news.ratio * share } : news);
  const notes = overrideNotes(candidates, metric);
  for (const message of notes) tell({ type: 'progress', ratio: 0, message });
  const { trials, studies } = await searchSpan(team, candidates, {
    ...{ span, metric, seed, search, tell },
    ...(over && { over }),
  });
  if (trials.every(({ failure }) => failure !== null)) throw allFailed(trials);
  if (outer.length === 0) return { trials, studies, notes };
  const judged = await judgeSearch(team, problem, {
    ...{ candidates, metric, search, tell: tools.tell },
    ...(tools.choose && { choose: tools.choose }),
  });
  return { trials, studies: [...studies, ...judged.studies], notes, nested: judged.nested };
}

function allFailed(trials: readonly SearchedTrial[]): Error {
  const reasons = [...new Set(trials.map(({ failure }) => `${failure?.code}: ${failure?.message}`))];
  const [first] = trials;
  if (first === undefined) return trainingErrors.TRN_TIME_OVER('No trial began before the time was over.');
  const same = new Set(trials.map(({ failure }) => failure?.code)).size === 1;
  const code = first?.failure?.code;
  const data = { reasons: reasons.slice(0, 20), trials: trials.length };
  if (same && code === 'TRN_TIME_OVER') return trainingErrors.TRN_TIME_OVER(`${first?.failure?.message}`, { data });
  if (same && code === 'TRN_FOLD_ONE_CLASS') {
    return trainingErrors.TRN_FOLD_ONE_CLASS(`${first?.failure?.message}`, { data });
  }
  return trainingErrors.TRN_ALL_TRIALS_FAILED(`No trial of ${trials.length} has a score: ${reasons[0]}`, { data });
}

async function packageAndProve(
  problem: Problem,
  best: SearchedTrial,
  { team, tools }: Work,
): Promise<Pick<TrainedPackage, 'bytes' | 'parity' | 'fitMs' | 'decisions'>> {
  const { onnx, parityRows, expected, fitMs, decisions } = await team.package({
    trainer: best.trainer,
    params: best.params,
    ...(best.needs && { needs: best.needs }),
  });
  const digest = createHash('sha256').update(onnx).digest('hex');
  const path = await tools.stagingPath();
  try {
    await writeFile(path, onnx);
    const observed = await tools.scorer.answer({
      ...{ digest, path, signature: problem.signature, table: parityRows },
      ...(tools.signal && { signal: tools.signal }),
    });
    const parity = checkParity(problem.signature, expected, observed);
    if (parity.verdict === 'fail') throw parityFailed(best, parity);
    return { bytes: withOnnxMetadata(onnx, { 'fairlead.parity': parityText(parity) }), parity, fitMs, decisions };
  } finally {
    await rm(path, { force: true });
  }
}

/** Rounded up to a power of ten: the last digits differ between processors, and equal trainings give equal bytes. */
function parityText({ rows, maxAbsDifference }: ParityResult): string {
  const bound = maxAbsDifference === 0 ? '0' : `1e${Math.ceil(Math.log10(maxAbsDifference))}`;
  return JSON.stringify({ rows, maxAbsDifference: bound });
}

function parityFailed({ trainer, params }: SearchedTrial, parity: ParityResult): Error {
  return trainingErrors.TRN_PARITY_FAILED(
    `The package of ${trainer} differs by up to ${parity.maxAbsDifference} on ${parity.rows} rows.`,
    { data: { ...parity, trainer, params } },
  );
}
