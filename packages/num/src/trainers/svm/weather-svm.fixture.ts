import { type FeatureMatrix, matrixFromColumns } from '../../linalg/matrix.js';
import { weatherDays } from '../../weather.fixture.js';

/** Seattle's days, roughly scaled, with three targets of the next day: rain, its level, the highest temperature. */
export interface SvmWeather {
  readonly x: FeatureMatrix;
  readonly wet: Int32Array;
  readonly level: Int32Array;
  readonly high: Float64Array;
  /** 2 on every third day, ½ on the others. */
  readonly weights: Float64Array;
}

/** `tomorrow` of the last day is not in the file that `weatherDays` reads, so it is left out. */
export function svmWeather(): SvmWeather {
  const days = weatherDays('Seattle');
  const next = days.slice(1);
  const today = days.slice(0, -1);
  return {
    x: matrixFromColumns([
      today.map((day) => day.precipitation / 10),
      today.map((day) => day.temp_max / 10),
      today.map((day) => day.temp_min / 10),
      today.map((day) => day.wind / 3),
    ]),
    wet: Int32Array.from(next, (day) => Number(day.wet)),
    level: Int32Array.from(next, (day) => Number(day.wet) + Number(day.precipitation > 5)),
    high: Float64Array.from(next, (day) => day.temp_max),
    weights: Float64Array.from(next, (_, i) => (i % 3 === 0 ? 2 : 0.5)),
  };
}
