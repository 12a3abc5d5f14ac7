import { checkFinite, checkLength } from '../checks.js';
import { mean } from './probability-metrics.js';

function errors(yTrue: Float64Array, yPredicted: Float64Array, of: (difference: number) => number): number {
  checkLength('yPredicted', yPredicted.length, yTrue.length);
  checkFinite('yTrue', yTrue);
  checkFinite('yPredicted', yPredicted);
  return mean(yTrue.map((value, i) => of(value - yPredicted[i])));
}

/** Root of the mean squared error, in the unit of y. */
export function rootMeanSquaredError(yTrue: Float64Array, yPredicted: Float64Array): number {
  return Math.sqrt(errors(yTrue, yPredicted, (d) => d * d));
}

/** Mean absolute error, in the unit of y. */
export function meanAbsoluteError(yTrue: Float64Array, yPredicted: Float64Array): number {
  return errors(yTrue, yPredicted, Math.abs);
}

/** Coefficient of determination. Constant y: 1 when perfect, else 0; one row: NaN (scikit-learn's conventions). */
export function rSquared(yTrue: Float64Array, yPredicted: Float64Array): number {
  const squared = errors(yTrue, yPredicted, (d) => d * d);
  if (yTrue.length < 2) return Number.NaN;
  const centre = mean(yTrue);
  const spread = mean(yTrue.map((value) => (value - centre) ** 2));
  if (spread === 0) return squared === 0 ? 1 : 0;
  return 1 - squared / spread;
}
