import { checkFinite } from '../checks.js';

/**
 * Rows per block for the block bootstrap of a mean over related rows, by Politis & White (2004) with the correction of
 * Patton, Politis & White (2009), for circular blocks: (2G²/D)^⅓ · n^⅓ from the autocovariances up to the lag where they
 * can no longer be told from noise. 1 for rows without memory, n^⅓ when the series is constant.
 *
 * @param series one value per row in the order of time, for example the loss of each row. At most 3√n and n/3 is given.
 */
export function automaticBlockLength(series: Float64Array): number {
  return measureMemory(series).blockLength;
}

/** How long rows remember each other, as an interval from blocks needs to know it. */
export interface SeriesMemory {
  readonly blockLength: number;
  /**
   * ≥ 1: what blocks of this length lose of the standard deviation of the mean. Their variance misses −G/b of the long-run
   * variance (Künsch 1989); G and that variance are estimated here anyway. At most 1.58.
   */
  readonly stretch: number;
}

/** {@link automaticBlockLength} and what its blocks still miss. @throws NUM_NOT_FINITE */
export function measureMemory(series: Float64Array): SeriesMemory {
  checkFinite('series', series);
  const n = series.length;
  if (n < 9) return { blockLength: 1, stretch: 1 };
  const most = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3));
  const quiet = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))));
  const lags = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + quiet);
  const covariance = autocovariances(series, lags);
  if (covariance[0] <= 0) return { blockLength: Math.min(most, Math.round(n ** (1 / 3))), stretch: 1 };
  const noise = 2 * Math.sqrt(Math.log10(n) / n) * covariance[0];
  const memory = lastLoudLag(covariance, { noise, quiet });
  const window = Math.min(lags, 2 * Math.max(1, memory));
  let g = 0;
  let spectrum = covariance[0];
  for (let lag = 1; lag <= window; lag++) {
    const ratio = lag / window;
    const taper = ratio <= 0.5 ? 1 : 2 * (1 - ratio); // flat-top kernel (Politis & Romano 1995)
    g += 2 * taper * lag * covariance[lag];
    spectrum += 2 * taper * covariance[lag];
  }
  const below = (4 / 3) * spectrum * spectrum;
  if (!(below > 0) || memory === 0 || spectrum <= 0) return { blockLength: 1, stretch: 1 };
  const length = ((2 * g * g) / below) ** (1 / 3) * n ** (1 / 3);
  const blockLength = Math.min(most, Math.max(1, Math.ceil(length)));
  return { blockLength, stretch: 1 / Math.sqrt(Math.min(1, Math.max(0.4, 1 - g / spectrum / blockLength))) };
}

function autocovariances(series: Float64Array, lags: number): Float64Array {
  const n = series.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += series[i];
  const centred = series.map((value) => value - sum / n);
  const out = new Float64Array(lags + 1);
  for (let lag = 0; lag <= lags; lag++) {
    let product = 0;
    for (let i = lag; i < n; i++) product += centred[i] * centred[i - lag];
    out[lag] = product / n;
  }
  return out;
}

/** The lag after which `quiet` lags in a row lie within the noise; the last loud one when there is no such stretch. */
function lastLoudLag(covariance: Float64Array, { noise, quiet }: { noise: number; quiet: number }): number {
  let silent = 0;
  let last = 0;
  for (let lag = 1; lag < covariance.length; lag++) {
    if (Math.abs(covariance[lag]) >= noise) {
      last = lag;
      silent = 0;
    } else if (++silent === quiet) return lag - quiet;
  }
  return last;
}
