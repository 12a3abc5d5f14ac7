import type { Interval } from '@fairlead/kernel';
import type { ClassificationReport, EvaluationReport, RegressionReport } from '../../evaluation/index.js';
import type { CardFacts, CardMetric } from './card-types.js';

const CLASS_NAMES: Readonly<Record<string, string>> = {
  accuracy: 'Accuracy',
  balancedAccuracy: 'Balanced accuracy',
  precision: 'Precision',
  recall: 'Recall',
  f1: 'F1',
  mcc: 'Matthews correlation',
  rocAuc: 'ROC AUC',
  averagePrecision: 'Average precision',
  logLoss: 'Log loss',
  brier: 'Brier score',
  ece: 'Calibration error (ECE)',
};
const NUMBER_NAMES: Readonly<Record<string, string>> = {
  rmse: 'RMSE',
  mae: 'MAE',
  medianAbsoluteError: 'Median absolute error',
  maxError: 'Largest error',
  mape: 'Mean absolute percentage error',
  r2: 'R²',
  explainedVariance: 'Explained variance',
  bias: 'Mean error',
};

/** The figures of the report: scores with their intervals, gains over every baseline, slices. Undefined scores are left out. */
function reportMetrics(report: EvaluationReport): CardMetric[] {
  const found = report.task === 'regression' ? numberMetrics(report) : classMetrics(report);
  return found.filter(({ value }) => Number.isFinite(value));
}

/** The report's figures; without a report those that the run itself logged. */
export function cardMetrics({ report, run }: CardFacts): CardMetric[] {
  if (report !== null) return reportMetrics(report);
  return Object.entries(run?.metrics ?? {})
    .map(([name, value]) => metric(name, value))
    .filter(({ value }) => Number.isFinite(value));
}

function classMetrics(report: ClassificationReport): CardMetric[] {
  return [
    ...named(CLASS_NAMES, report.scores, report.intervals),
    ...report.baselines.flatMap(({ baseline, brierSkill, accuracyGain }) => [
      metric(`Brier skill over ${baseline}`, brierSkill.estimate, { interval: brierSkill }),
      metric(`Accuracy gain over ${baseline}`, accuracyGain.estimate, { interval: accuracyGain }),
    ]),
    ...report.slices.flatMap(({ slice, accuracy, brier }) => [
      metric('Accuracy', accuracy.estimate, { slice, interval: accuracy }),
      metric('Brier score', brier, { slice }),
    ]),
  ];
}

function numberMetrics(report: RegressionReport): CardMetric[] {
  return [
    ...named(NUMBER_NAMES, report.scores, report.intervals),
    ...report.baselines.flatMap(({ baseline, mseSkill, maeGain }) => [
      metric(`MSE skill over ${baseline}`, mseSkill.estimate, { interval: mseSkill }),
      metric(`MAE gain over ${baseline}`, maeGain.estimate, { interval: maeGain }),
    ]),
    ...report.slices.flatMap(({ slice, rmse, bias }) => [
      metric('RMSE', rmse, { slice }),
      metric('Mean error', bias, { slice }),
    ]),
  ];
}

function named(
  names: Readonly<Record<string, string>>,
  scores: object,
  intervals: Readonly<Record<string, Interval>>,
): CardMetric[] {
  const values = scores as Readonly<Record<string, number>>;
  return Object.entries(names).map(([key, name]) => {
    const interval = Object.hasOwn(intervals, key) ? intervals[key] : undefined;
    return metric(name, values[key] ?? Number.NaN, interval === undefined ? {} : { interval });
  });
}

function metric(name: string, value: number, more: { slice?: string; interval?: Interval } = {}): CardMetric {
  const { slice = null, interval } = more;
  const whole = interval !== undefined && Number.isFinite(interval.lower) && Number.isFinite(interval.upper);
  return {
    name,
    value,
    slice,
    interval: whole ? { lower: interval.lower, upper: interval.upper, confidence: interval.confidence } : null,
  };
}

/** Six significant digits: more than any of these figures is worth. */
export const shownNumber = (value: number): string => String(Number(value.toPrecision(6)));
