const DAY_MS = 86_400_000;
/** Days on the circle of a year: those of a leap year, so that a date has the same place in every year. */
const CIRCLE = 366;
const LEAP_YEAR = 2024;

/** Place of the date (UTC) in a leap year, 0..365. */
export function dayOfYear(timeMs: number): number {
  const date = new Date(timeMs);
  return (Date.UTC(LEAP_YEAR, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(LEAP_YEAR, 0, 1)) / DAY_MS;
}

/** A stretch of the year that may run over new year: `lengthDays` days from `firstDay`. */
export interface Season {
  readonly firstDay: number;
  readonly lengthDays: number;
}

/**
 * The shortest stretch of the year that holds all the times, widened on both sides. Times that are spread over the year
 * give the whole of it.
 */
export function seasonOf(timesMs: ArrayLike<number>, marginDays = 15): Season {
  const days = [...new Set(Array.from(timesMs, dayOfYear))].sort((a, b) => a - b);
  const [first = 0] = days;
  // The season is what remains of the circle when its largest gap is cut out.
  let [gap, start] = [0, first];
  days.forEach((day, i) => {
    const next = days[i + 1] ?? first + CIRCLE;
    if (next - day > gap) [gap, start] = [next - day, next % CIRCLE];
  });
  const lengthDays = Math.min(CIRCLE, CIRCLE - gap + 1 + 2 * marginDays);
  return { firstDay: (start - marginDays + CIRCLE) % CIRCLE, lengthDays };
}

export function inSeason({ firstDay, lengthDays }: Season, timeMs: number): boolean {
  return (dayOfYear(timeMs) - firstDay + CIRCLE) % CIRCLE < lengthDays;
}

/** "17 Dec – 15 Mar". */
export function describeSeason({ firstDay, lengthDays }: Season): string {
  const name = (day: number) =>
    new Date(Date.UTC(LEAP_YEAR, 0, 1) + (day % CIRCLE) * DAY_MS).toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    });
  return `${name(firstDay)} – ${name(firstDay + lengthDays - 1)}`;
}

/** Epoch ms of a captured or stored time: epoch ms, digits as text, or ISO 8601; null for anything else. */
export function parseTimeMs(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value === '') return null;
  const ms = /^-?\d{9,}$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isFinite(ms) ? ms : null;
}
