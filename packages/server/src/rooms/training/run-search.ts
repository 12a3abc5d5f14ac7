import { selectRows } from '@fairlead/frame';
import { canonicalJson } from '@fairlead/kernel';
import { createRng, exportModel, type Fold, type StopSignal } from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import { fitCandidate, predictWith } from './fit-candidate.js';
import { makeParityRows } from './make-parity-rows.js';
import type { SearchedTrial, SearchInput, SearchNews, SearchOutput } from './search-messages.js';
import { rankTrials, selectionScore } from './selection-rules.js';
import { trainingErrors } from './training-errors.js';

export interface SearchHost {
  readonly stop: StopSignal;
  readonly nowMs: () => number;
  tell(news: SearchNews): void;
}

/**
 * Scores every candidate on every fold, fits the best on all rows and packages it. Each fit of a trial has the seed of that
 * trial and fold, so a result does not depend on which other candidates were tried.
 */
export function runSearch(input: SearchInput, host: SearchHost): SearchOutput {
  const { candidates, folds, metric } = input;
  const units = candidates.length * folds.length + 1;
  let done = 0;
  const trials = candidates.map((candidate, index): SearchedTrial => {
    const number = index + 1;
    host.tell({ type: 'trial-started', number, candidate });
    const startMs = host.nowMs();
    const foldScores = folds.map((fold, f) => {
      const score = scoreFold(input, { candidate, fold, f, stop: host.stop });
      done += 1;
      host.tell({ type: 'fold-scored', number, fold: f, score });
      host.tell({
        type: 'progress',
        ratio: done / units,
        message: `trial ${number} of ${candidates.length}: ${candidate.trainer}, fold ${f + 1} of ${folds.length}`,
      });
      return score;
    });
    const score = foldScores.reduce((sum, value) => sum + value, 0) / foldScores.length;
    const fitMs = host.nowMs() - startMs;
    host.tell({ type: 'trial-ended', number, score, fitMs });
    return { ...candidate, number, score, foldScores, fitMs };
  });
  const ranked = rankTrials(trials, metric);
  return { trials: ranked, ...packageBest(input, ranked[0] as SearchedTrial, host.stop) };
}

interface FoldTask {
  readonly candidate: Candidate;
  readonly fold: Fold;
  readonly f: number;
  readonly stop: StopSignal;
}

function scoreFold(input: SearchInput, { candidate, fold, f, stop }: FoldTask): number {
  const { table, codes, signature, metric, seed } = input;
  const classCount = signature.labels.length;
  const fitted = fitCandidate({
    table: selectRows(table, fold.train),
    codes: gather(codes, fold.train),
    classCount,
    features: signature.inputs.map(({ name }) => name),
    candidate,
    seed: fitSeed(seed, `fold ${f}`),
    stop,
  });
  const probabilities = predictWith(fitted, selectRows(table, fold.test));
  const score = selectionScore(metric, gather(codes, fold.test), { probabilities, classCount });
  if (Number.isFinite(score)) return score;
  throw trainingErrors.TRN_FOLD_ONE_CLASS(`The ${metric} of fold ${f + 1} is not defined: its rows have one class.`, {
    data: { fold: f, metric, rows: fold.test.length },
  });
}

function packageBest(
  { table, codes, signature, seed }: SearchInput,
  best: SearchedTrial,
  stop: StopSignal,
): Omit<SearchOutput, 'trials'> {
  const fitted = fitCandidate({
    table,
    codes,
    classCount: signature.labels.length,
    features: signature.inputs.map(({ name }) => name),
    candidate: best,
    seed: fitSeed(seed, 'all rows'),
    stop,
  });
  const onnx = exportModel({
    ...fitted,
    classLabels: signature.labels,
    // Nothing here may differ between two equal trainings: no run id, no time.
    metadata: {
      'fairlead.signature': canonicalJson(signature),
      'fairlead.trainer': best.trainer,
      'fairlead.params': canonicalJson(best.params),
      'fairlead.seed': String(seed),
    },
  });
  const parityRows = makeParityRows(table, fitted);
  return { onnx, parityRows, expected: predictWith(fitted, parityRows) };
}

/** One seed for all candidates of a fold: they are compared on equal luck. */
function fitSeed(seed: number, label: string): number {
  return createRng(seed).fork(label).int(0x100000000);
}

function gather(codes: Int32Array, rows: Int32Array): Int32Array {
  return Int32Array.from(rows, (row) => codes[row] as number);
}
