/** A share for people, to two places of a percent: `0.5 %`. `ratio` is 0..1 or a difference of such. */
export const share = (ratio: number): string => `${roundTo(ratio * 100, 2)} %`;

/** A latency, to a tenth of a millisecond or three digits: `39.4 ms`, `2503.1 ms`, `0.123 ms`. */
export const milliseconds = (valueMs: number): string => `${short(valueMs)} ms`;

/** `19 MB`, of bytes. */
export const megabytes = (bytes: number): string => `${short(bytes / 1e6)} MB`;

/** `1 row`, `2 rows`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** To four places, as people read it. */
export const rounded = (value: number): string => String(roundTo(value, 4));

function short(value: number): number {
  return Math.abs(value) >= 10 ? roundTo(value, 1) : Number(value.toPrecision(3));
}

function roundTo(value: number, places: number): number {
  const scale = 10 ** places;
  return Math.round(value * scale) / scale;
}
