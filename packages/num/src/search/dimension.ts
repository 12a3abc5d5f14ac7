import type { ParamValue } from '../trainers/param-types.js';
import type { ParamSpace } from './search-types.js';

/**
 * One parameter made ready for sampling. Samplers work in inner coordinates: the index of a choice, the number itself,
 * or its natural logarithm. Stepped numbers (every integer is) are cells of the width `step` around their lattice
 * points, so that the outermost points are as likely as the others.
 */
export interface Dimension {
  readonly name: string;
  readonly categorical: boolean;
  readonly choices: readonly ParamValue[];
  /** Bounds; `high` is the last lattice point of a stepped parameter. */
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** 0: continuous. */
  readonly step: number;
  /** How many values there are; Infinity for a continuous parameter. */
  readonly pointCount: number;
  readonly innerLow: number;
  readonly innerHigh: number;
}

/** @param space has passed `checkSearchSpace`. */
export function createDimension(name: string, space: ParamSpace): Dimension {
  if (space.kind === 'categorical') {
    const count = space.choices.length;
    const bounds = { low: 0, high: count - 1, innerLow: 0, innerHigh: count - 1 };
    return { name, categorical: true, choices: space.choices, log: false, step: 1, pointCount: count, ...bounds };
  }
  const { low, log = false } = space;
  const step = space.step ?? (space.kind === 'int' ? 1 : 0);
  const intervals = step > 0 ? Math.floor((space.high - low) / step + 1e-9) : 0;
  const high = step > 0 ? round12(low + intervals * step) : space.high;
  const innerLow = log ? Math.log(low - step / 2) : low - step / 2;
  const innerHigh = log ? Math.log(high + step / 2) : high + step / 2;
  const pointCount = step > 0 ? intervals + 1 : low === high ? 1 : Number.POSITIVE_INFINITY;
  return { name, categorical: false, choices: [], low, high, log, step, pointCount, innerLow, innerHigh };
}

/** The value at lattice point `index` of a parameter with countable values. */
export function pointAt(dimension: Dimension, index: number): ParamValue {
  if (dimension.categorical) return dimension.choices[index];
  return clamp(round12(dimension.low + index * dimension.step), dimension);
}

/** The value at `unit` in [0, 1), evenly in inner coordinates. */
export function valueAtUnit(dimension: Dimension, unit: number): ParamValue {
  if (dimension.pointCount === 1) return pointAt(dimension, 0);
  if (dimension.categorical || (dimension.step > 0 && !dimension.log)) {
    return pointAt(dimension, Math.min(Math.floor(unit * dimension.pointCount), dimension.pointCount - 1));
  }
  return valueOfInner(dimension, dimension.innerLow + unit * (dimension.innerHigh - dimension.innerLow));
}

/** The allowed value nearest to an inner coordinate. */
export function valueOfInner(dimension: Dimension, inner: number): ParamValue {
  if (dimension.categorical) return dimension.choices[inner];
  const value = dimension.log ? Math.exp(inner) : inner;
  if (dimension.step === 0) return clamp(value, dimension);
  const index = Math.round((value - dimension.low) / dimension.step);
  return pointAt(dimension, Math.min(Math.max(index, 0), dimension.pointCount - 1));
}

/** Inner coordinate of a value; NaN when the parameter cannot have that value. */
export function innerOf(dimension: Dimension, value: ParamValue | undefined): number {
  if (dimension.categorical) {
    const index = dimension.choices.indexOf(value as ParamValue);
    return index < 0 ? Number.NaN : index;
  }
  if (typeof value !== 'number' || !(value >= dimension.low && value <= dimension.high)) return Number.NaN;
  if (dimension.step > 0) {
    const index = (value - dimension.low) / dimension.step;
    if (Math.abs(index - Math.round(index)) > 1e-6) return Number.NaN;
  }
  return dimension.log ? Math.log(value) : value;
}

/** 0.30000000000000004 is no value that a person would have written. Also turns −0 into 0. */
function round12(value: number): number {
  return Number(value.toPrecision(12)) + 0;
}

function clamp(value: number, dimension: Dimension): number {
  return Math.min(Math.max(value, dimension.low), dimension.high) + 0;
}
