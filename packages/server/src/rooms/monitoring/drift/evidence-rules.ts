import {
  type CategoryProfile,
  type ColumnProfile,
  finiteCount,
  type NumericProfile,
  profileDeviation,
} from '@fairlead/num';

/** Three significant digits, without exponent for what people meet. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(3));
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

/** "9 %", "0.4 %". */
export function formatShare(ratio: number): string {
  const percent = ratio * 100;
  return `${percent > 0 && percent < 1 ? Number(percent.toPrecision(1)) : Math.round(percent)} %`;
}

const SHOWN_CATEGORIES = 2;

/** What moved between two profiles of a column, in words. */
export function describeShift(reference: ColumnProfile, current: ColumnProfile): string {
  if (reference.kind === 'numeric' && current.kind === 'numeric') return describeNumbers(reference, current);
  if (reference.kind === 'category' && current.kind === 'category') return describeCategories(reference, current);
  return `${reference.kind} → ${current.kind}`;
}

function describeNumbers(reference: NumericProfile, current: NumericProfile): string {
  const parts: string[] = [];
  const [before, now] = [profileDeviation(reference), profileDeviation(current)];
  if (finiteCount(current) > 0 && finiteCount(reference) > 0) {
    const shift = (current.mean - reference.mean) / before;
    const inDeviations = Number.isFinite(shift) ? ` (${shift < 0 ? '−' : '+'}${Math.abs(shift).toFixed(1)} sd)` : '';
    parts.push(`mean ${formatNumber(reference.mean)} → ${formatNumber(current.mean)}${inDeviations}`);
    // The spread is named only when it says more than the mean does.
    if (Math.abs(shift) < 0.5 && before > 0 && Math.abs(Math.log((now || Number.MIN_VALUE) / before)) > 0.2) {
      parts.push(`sd ${formatNumber(before)} → ${formatNumber(now)}`);
    }
  }
  return [...parts, ...describeMissing(silentOf(reference), silentOf(current))].join(', ');
}

function silentOf(profile: NumericProfile): number {
  return profile.count === 0 ? 0 : 1 - finiteCount(profile) / profile.count;
}

function describeCategories(reference: CategoryProfile, current: CategoryProfile): string {
  const before = new Map(reference.categories);
  const now = new Map(current.categories);
  const share = (count: number | undefined, of: number) => (of > 0 ? (count ?? 0) / of : 0);
  const moved = [...new Set([...before.keys(), ...now.keys()])]
    .map((value) => ({
      value,
      from: share(before.get(value), reference.count),
      to: share(now.get(value), current.count),
    }))
    .sort((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from) || (a.value < b.value ? -1 : 1))
    .slice(0, SHOWN_CATEGORIES)
    .map(({ value, from, to }) => `${value} ${before.has(value) ? formatShare(from) : 'never'} → ${formatShare(to)}`);
  const missing = describeMissing(share(reference.missing, reference.count), share(current.missing, current.count));
  return [...moved, ...missing].join(', ');
}

function describeMissing(from: number, to: number): string[] {
  return Math.abs(to - from) >= 0.01 ? [`missing ${formatShare(from)} → ${formatShare(to)}`] : [];
}
