import type { MonitorSpec } from './monitoring-types.js';

/** The first member that cannot be, in words; null for a sound monitor. */
export function problemOf(spec: MonitorSpec): string | null {
  const { windowRows, minRows, everyRows, drift, performance, service } = spec;
  const whole = (value: number, min: number) => Number.isSafeInteger(value) && value >= min;
  if (!whole(windowRows, 1) || windowRows > 50_000) return `windowRows is ${windowRows}; it must be 1 to 50000`;
  if (!whole(minRows, 1) || minRows > windowRows)
    return `minRows is ${minRows}; it must be 1 to windowRows ${windowRows}`;
  if (!whole(everyRows, 0)) return `everyRows is ${everyRows}; it must be a whole number from 0`;
  if (!(drift.alpha > 0 && drift.alpha < 1)) return `drift.alpha is ${drift.alpha}; it must lie between 0 and 1`;
  if (!(drift.minEffect > 0)) return `drift.minEffect is ${drift.minEffect}; it must be above 0`;
  const { checks, of } = drift.confirm ?? { checks: 1, of: 1 };
  if (!whole(checks, 1) || !whole(of, checks) || of > 10) {
    return `drift.confirm is ${checks} of ${of}; it must be 1 or more of at most 10`;
  }
  if (performance !== undefined && !(performance.worseBy >= 0 && performance.worseBy <= 1)) {
    return `performance.worseBy is ${performance.worseBy}; it must be 0 to 1`;
  }
  const { maxErrorRatio = 0, maxP95Ms = 1 } = service ?? {};
  if (!(maxErrorRatio >= 0 && maxErrorRatio <= 1))
    return `service.maxErrorRatio is ${maxErrorRatio}; it must be 0 to 1`;
  if (!(maxP95Ms > 0)) return `service.maxP95Ms is ${maxP95Ms}; it must be above 0`;
  return null;
}
