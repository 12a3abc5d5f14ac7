const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `90s`, `15m`, `4h`, `1d` or a plain number of milliseconds. Throws RangeError. */
export function parseDurationMs(value: string | number): number {
  if (typeof value === 'number') return value;
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(value);
  if (match === null) throw new RangeError(`'${value}' is no length of time: write 500ms, 90s, 15m, 4h or 1d.`);
  return Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN);
}

/** A length of time for people: `340 ms`, `2.1 s`, `3 min 20 s`, `4 h`, `2 d`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  const [big, small, bigName, smallName] =
    durationMs < 3_600_000
      ? [60_000, 1_000, 'min', 's']
      : durationMs < 86_400_000
        ? [3_600_000, 60_000, 'h', 'min']
        : [86_400_000, 3_600_000, 'd', 'h'];
  const whole = Math.floor(durationMs / big);
  const rest = Math.floor((durationMs % big) / small);
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}
