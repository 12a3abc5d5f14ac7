import type { MetricPoint } from './metric-types.js';
import { trackingErrors } from './tracking-errors.js';

/** Refuses a size that is not in 1..max. Throws TRK_VALUE_INVALID. */
export function parseReading(what: string, size: number, max: number): void {
  if (Number.isSafeInteger(size) && size >= 1 && size <= max) return;
  throw trackingErrors.TRK_VALUE_INVALID(`${what} is ${size}; it must be 1 to ${max}.`, { data: { what, size, max } });
}

/** Where a page of a history ended: time, step, whether the value is NaN, and the value (0 for NaN). */
export function toStoredPosition({ timestampMs, step, value }: MetricPoint): readonly number[] {
  return Number.isNaN(value) ? [timestampMs, step, 1, 0] : [timestampMs, step, 0, value];
}

export function fromStoredPosition(key: string, position: readonly (string | number)[]): MetricPoint {
  const [timestampMs, step, special, value] = position as readonly number[];
  return {
    key,
    timestampMs: timestampMs as number,
    step: step as number,
    value: special === 1 ? Number.NaN : (value as number),
  };
}
