import type { Interval } from '@fairlead/kernel';

const NOT_DEFINED = 'not defined';

/** At most `digits` significant digits, without an exponent where people expect none. */
export function formatNumber(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOT_DEFINED;
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return groupDigits(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(Math.max(0, digits - 2));
  return Number(value.toPrecision(digits)).toString();
}

/** 12 345 678 with thin spaces, as the SI asks. */
function groupDigits(value: number): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** A ratio 0..1 as `12.3 %`. */
export function formatRatio(ratio: number | null | undefined, decimals = 1): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return NOT_DEFINED;
  return `${(ratio * 100).toFixed(decimals).replace(/\.0+$/, '')}\u00a0%`;
}

/** `0.118 (95 % interval 0.041 to 0.187)` */
export function formatInterval(interval: Interval | null | undefined): string {
  if (interval === null || interval === undefined) return NOT_DEFINED;
  const { estimate, lower, upper, confidence } = interval;
  return `${formatNumber(estimate, 3)} (${formatRatio(confidence)} interval ${formatNumber(lower, 3)} to ${formatNumber(upper, 3)})`;
}

/** A p-value: small ones as a bound, since their digits mean nothing. */
export function formatP(pValue: number): string {
  if (!Number.isFinite(pValue)) return NOT_DEFINED;
  return pValue < 0.0001 ? '< 0.0001' : pValue.toFixed(4).replace(/0+$/, '').replace(/\.$/, '');
}

/** `2026-11-21 01:40:05 UTC` */
export function formatTime(atMs: number | null | undefined): string {
  if (atMs === null || atMs === undefined || !Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return NOT_DEFINED;
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `2026-11-21` */
export function formatDay(atMs: number): string {
  return formatTime(atMs).slice(0, 10);
}

/** `1.5 MB`, in powers of 1000. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3));
  return `${formatNumber(sizeBytes / 1000 ** power, 3)} ${units[power]}`;
}

/** The beginning of a digest or a long id. */
export function shorten(id: string, characters = 12): string {
  return id.length <= characters + 1 ? id : `${id.slice(0, characters)}…`;
}

/** "1 row", "2 rows" */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
