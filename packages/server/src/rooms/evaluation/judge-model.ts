import type { Interval } from '@fairlead/kernel';
import {
  type BootstrapOptions,
  bootstrapMeans,
  bootstrapRocAuc,
  createRng,
  logLossRows,
  probabilityOf,
} from '@fairlead/num';
import { bareInterval } from './bare-interval.js';
import type { BaselineComparison } from './evaluation-types.js';
import { findSlices } from './find-slices.js';
import type { ClassInput, ClassJudgement } from './judge-messages.js';
import {
  brierLosses,
  calibrationOf,
  confusionOf,
  type Forecast,
  forecastOf,
  scoreClasses,
  type Truth,
} from './score-classes.js';

/** Scores the model and its baselines on the same rows, with intervals. Deterministic for the seed. */
export function judgeModel(input: ClassInput, tell: (ratio: number, message: string) => void): ClassJudgement {
  const { truth, model, bootstrap } = input;
  const { resamples, blockRows: blockLength, seed } = bootstrap;
  // Every interval has a generator of its own, so that adding a baseline does not move the others.
  const options = (name: string): BootstrapOptions => ({ rng: createRng(seed).fork(name), resamples, blockLength });
  tell(0, 'intervals');
  const intervals = intervalsOf(truth, model, options);
  const baselines = input.baselines.map(({ name, probabilities }, i) => {
    tell(0.3 + (0.4 * i) / input.baselines.length, `against ${name}`);
    return compare(
      { truth, model, name, baseline: forecastOf(probabilities, truth.classCount) },
      options(`against ${name}`),
    );
  });
  tell(0.7, 'slices');
  const slices = findSlices(input);
  const { counts } = confusionOf(truth, model);
  return {
    rows: truth.codes.length,
    scores: scoreClasses(truth, model),
    intervals,
    confusion: Array.from({ length: truth.classCount }, (_, k) =>
      Array.from(counts.subarray(k * truth.classCount, (k + 1) * truth.classCount)),
    ),
    calibration: calibrationOf(truth, model),
    baselines,
    strongestBaseline: baselines.reduce((best, other) => (other.scores.brier < best.scores.brier ? other : best))
      .baseline,
    slices,
  };
}

function intervalsOf(
  truth: Truth,
  model: Forecast,
  options: (name: string) => BootstrapOptions,
): Record<string, Interval> {
  const { codes, classCount } = truth;
  const meanOf = (name: string, rows: Float64Array) =>
    bareInterval(bootstrapMeans([rows], ([mean]) => mean as number, options(name)));
  return {
    accuracy: meanOf('accuracy', hits(truth, model)),
    brier: meanOf('brier', brierLosses(truth, model)),
    logLoss: meanOf('logLoss', logLossRows(codes, model.probabilities, classCount)),
    // The mean over many classes has no resampling as fast as that of one curve.
    ...(classCount === 2 && {
      rocAuc: bareInterval(bootstrapRocAuc(codes, probabilityOf(model.probabilities, 2, 1), options('rocAuc'))),
    }),
  };
}

interface Pair {
  readonly truth: Truth;
  readonly model: Forecast;
  readonly name: string;
  readonly baseline: Forecast;
}

/** Both are resampled together: the rows that are hard for one are hard for the other. */
function compare({ truth, model, name, baseline }: Pair, options: BootstrapOptions): BaselineComparison {
  const terms = [brierLosses(truth, model), brierLosses(truth, baseline), hits(truth, model), hits(truth, baseline)];
  const skill = bootstrapMeans(
    terms.slice(0, 2),
    ([own, other]) => (other === 0 ? Number.NaN : 1 - (own as number) / (other as number)),
    options,
  );
  const gain = bootstrapMeans(terms.slice(2), ([own, other]) => (own as number) - (other as number), {
    ...options,
    rng: options.rng.fork('accuracy'),
  });
  return {
    baseline: name,
    scores: scoreClasses(truth, baseline),
    brierSkill: bareInterval(skill),
    accuracyGain: bareInterval(gain),
  };
}

function hits({ codes }: Truth, { predicted }: Forecast): Float64Array {
  return Float64Array.from(codes, (label, row) => Number(label === predicted[row]));
}
