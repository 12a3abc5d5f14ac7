import type { Interval } from '@fairlead/kernel';
import {
  type BootstrapOptions,
  bootstrapMeans,
  bootstrapRocAuc,
  brierRows,
  calibrationCurve,
  createRng,
  logLossRows,
} from '@fairlead/num';
import type { BaselineComparison } from './evaluation-types.js';
import { findSlices } from './find-slices.js';
import type { JudgeInput, Judgement } from './judge-messages.js';
import { bothClasses, confusionOf, type Forecast, forecastOf, scoreBinary } from './score-binary.js';

/** Scores the model and its baselines on the same rows, with intervals. Deterministic for the seed. */
export function judgeModel(input: JudgeInput, tell: (ratio: number, message: string) => void): Judgement {
  const { truth, model, bootstrap } = input;
  const { resamples, blockRows: blockLength, seed } = bootstrap;
  // Every interval has a generator of its own, so that adding a baseline does not move the others.
  const options = (name: string): BootstrapOptions => ({ rng: createRng(seed).fork(name), resamples, blockLength });
  tell(0, 'intervals');
  const intervals = intervalsOf(truth, model, options);
  const baselines = input.baselines.map(({ name, probability }, i) => {
    tell(0.3 + (0.4 * i) / input.baselines.length, `against ${name}`);
    return compare({ truth, model, name, baseline: forecastOf(probability) }, options(`against ${name}`));
  });
  tell(0.7, 'slices');
  const slices = findSlices(input);
  const { counts } = confusionOf(truth, model);
  return {
    rows: truth.length,
    scores: scoreBinary(truth, model),
    intervals,
    confusion: [Array.from(counts.subarray(0, 2)), Array.from(counts.subarray(2, 4))],
    calibration: calibrationCurve(truth, model.probability).map(({ meanPredicted, shareObserved, count }) => ({
      predicted: meanPredicted,
      observed: shareObserved,
      rows: count,
    })),
    baselines,
    strongestBaseline: baselines.reduce((best, other) => (other.scores.brier < best.scores.brier ? other : best))
      .baseline,
    slices,
  };
}

function intervalsOf(
  truth: Int32Array,
  model: Forecast,
  options: (name: string) => BootstrapOptions,
): Record<string, Interval> {
  const meanOf = (name: string, rows: Float64Array) =>
    bare(bootstrapMeans([rows], ([mean]) => mean as number, options(name)));
  return {
    accuracy: meanOf('accuracy', hits(truth, model)),
    brier: meanOf('brier', brierRows(truth, model.probability)),
    logLoss: meanOf('logLoss', logLossRows(truth, bothClasses(model.probability), 2)),
    rocAuc: bare(bootstrapRocAuc(truth, model.probability, options('rocAuc'))),
  };
}

interface Pair {
  readonly truth: Int32Array;
  readonly model: Forecast;
  readonly name: string;
  readonly baseline: Forecast;
}

/** Both are resampled together: the rows that are hard for one are hard for the other. */
function compare({ truth, model, name, baseline }: Pair, options: BootstrapOptions): BaselineComparison {
  const terms = [
    brierRows(truth, model.probability),
    brierRows(truth, baseline.probability),
    hits(truth, model),
    hits(truth, baseline),
  ];
  const skill = bootstrapMeans(
    terms.slice(0, 2),
    ([own, other]) => (other === 0 ? Number.NaN : 1 - (own as number) / (other as number)),
    options,
  );
  const gain = bootstrapMeans(terms.slice(2), ([own, other]) => (own as number) - (other as number), {
    ...options,
    rng: options.rng.fork('accuracy'),
  });
  return { baseline: name, scores: scoreBinary(truth, baseline), brierSkill: bare(skill), accuracyGain: bare(gain) };
}

function hits(truth: Int32Array, { predicted }: Forecast): Float64Array {
  return Float64Array.from(truth, (label, row) => Number(label === predicted[row]));
}

function bare({ estimate, lower, upper, confidence }: Interval): Interval {
  return { estimate, lower, upper, confidence };
}
