import { formatDuration } from '@fairlead/kernel';

const DAY_MS = 86_400_000;

/** The first 12 of a digest's 64 digits: enough to tell two apart by eye. */
export function shortDigest(digest: string | null): string {
  return digest === null ? '' : digest.slice(0, 12);
}

/** `2026-03-01 14:05` in UTC. */
export function formatTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** `3 min ago` within a day, then the date and time in UTC. */
export function formatWhen(atMs: number | null, nowMs: number): string {
  if (atMs === null) return '';
  const agoMs = nowMs - atMs;
  if (agoMs < 0 || agoMs >= DAY_MS) return formatTime(atMs);
  if (agoMs < 10_000) return 'just now';
  const roundMs = agoMs < 60_000 ? 1_000 : agoMs < 3_600_000 ? 60_000 : 3_600_000;
  const text = formatDuration(Math.floor(agoMs / roundMs) * roundMs);
  return `${text.replace('.0 s', ' s')} ago`;
}

export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, sizeBytes < 1 ? 0 : Math.floor(Math.log2(sizeBytes) / 10));
  return `${(sizeBytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** A ratio 0..1 as a percentage without needless digits. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? '' : `${Number((ratio * 100).toFixed(1))} %`;
}

/** Four significant digits; nothing for what is not known. */
export function formatNumber(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(Number(value.toPrecision(4)));
}

export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`;
}

/** JSON in one line, cut for a table. */
export function brief(value: unknown, maxCharacters = 60): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}
