import type { DatePart } from '../preprocess-spec.js';

const DAY_MS = 86_400_000;

/** Year of a day counted from 1970-01-01, proleptic Gregorian. H. Hinnant, chrono-compatible low-level date algorithms. */
function civilOf(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = floorDiv(
    dayOfEra - floorDiv(dayOfEra, 1460) + floorDiv(dayOfEra, 36_524) - floorDiv(dayOfEra, 146_096),
    365,
  );
  const fromMarch = dayOfEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  const shifted = floorDiv(5 * fromMarch + 2, 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: fromMarch - floorDiv(153 * shifted + 2, 5) + 1,
  };
}

/** Day number of 1 January of a year. */
function newYearOf(year: number): number {
  const before = year - 1;
  return 365 * before + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 719_162;
}

const floorDiv = (a: number, b: number) => (a / b) | 0;

/** Monday is 0. */
const weekdayOf = (days: number) => (((days + 3) % 7) + 7) % 7;

/** One part of a time in epoch milliseconds, UTC. Weeks and their years are those of ISO 8601; months and days start at 1. */
export function datePartOf(epochMs: number, part: DatePart): number {
  const days = Math.floor(epochMs / DAY_MS);
  switch (part) {
    case 'hour':
      return floorDiv(epochMs - days * DAY_MS, 3_600_000);
    case 'minute':
      return floorDiv(epochMs - days * DAY_MS, 60_000) % 60;
    case 'weekday':
      return weekdayOf(days);
    case 'is-weekend':
      return weekdayOf(days) >= 5 ? 1 : 0;
    case 'week': {
      const thursday = days - weekdayOf(days) + 3;
      return floorDiv(thursday - newYearOf(civilOf(thursday).year), 7) + 1;
    }
    case 'day-of-year':
      return days - newYearOf(civilOf(days).year) + 1;
    default:
      return civilOf(days)[part];
  }
}

/** Parts that come round again: their first value and how many there are. */
export const CYCLES: Readonly<Partial<Record<DatePart, { readonly first: number; readonly count: number }>>> = {
  month: { first: 1, count: 12 },
  day: { first: 1, count: 31 },
  weekday: { first: 0, count: 7 },
  hour: { first: 0, count: 24 },
  minute: { first: 0, count: 60 },
  'day-of-year': { first: 1, count: 366 },
  week: { first: 1, count: 53 },
};
