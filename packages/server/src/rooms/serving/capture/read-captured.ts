import type { CapturedRow, CaptureQuery } from '../serving-types.js';
import { byArrival, overlaps, rowMatcher } from './capture-rules.js';
import type { PlacedRow, SegmentFile } from './capture-types.js';
import { objectRows } from './object-rows.js';
import { type ReadDeps, stretchRows } from './segment-rows.js';

/** A part of the log that is read by itself. */
interface Source {
  readonly untilMs: number;
  /** Its rows, newest first. */
  slices(): AsyncGenerator<PlacedRow[]>;
}

/**
 * Rows of the segments on disk and of the compacted objects, oldest first. `last` rows are those that arrived last: sources are
 * read from the newest back, each from its end, and only as far as needed. Several processes write at the same time, so the
 * newest source does not have all of the newest rows. However many segments wait, of those that do not have what is asked for
 * nothing is read, and of the others 256 KiB at a time are in memory, beside the rows that are found.
 */
export async function readCaptured(
  deps: ReadDeps,
  query: CaptureQuery,
  segments: readonly SegmentFile[],
): Promise<PlacedRow[]> {
  const { last = Infinity } = query;
  const matches = rowMatcher(query);
  const found: PlacedRow[] = [];
  for (const source of await newestFirst(deps, query, segments)) {
    if (found.length >= last && source.untilMs < (found[0]?.row.atMs ?? Infinity)) break;
    for (const row of await lastOf(source, last, matches)) found.push(row);
    if (found.length < last) continue;
    found.sort(byArrival);
    found.splice(0, found.length - last);
  }
  return found.sort(byArrival);
}

async function newestFirst(
  deps: ReadDeps,
  query: CaptureQuery,
  segments: readonly SegmentFile[],
): Promise<readonly Source[]> {
  const { endpoint, fromMs, untilMs } = query;
  // Files before the index of objects: a segment that is compacted in between is then found twice, never missed.
  const files: (Source & { readonly segment: string })[] = [];
  for (const segment of segments) {
    for (const stretch of await deps.index.stretches(segment)) {
      if (!overlaps(query, stretch)) continue;
      const slices = () => stretchRows(deps, { segment, stretch }, query);
      files.push({ segment: segment.id, untilMs: stretch.untilMs, slices });
    }
  }
  const range = { endpoint, ...(fromMs !== undefined && { fromMs }), ...(untilMs !== undefined && { untilMs }) };
  const objects = await deps.store.listCaptureObjects(deps.db, range);
  const compacted = new Set(objects.map(({ segment }) => segment));
  return [
    ...files.filter(({ segment }) => !compacted.has(segment)),
    ...objects.map((object) => ({ untilMs: object.untilMs, slices: () => objectRows(deps, object, query) })),
  ].sort((a, b) => b.untilMs - a.untilMs);
}

async function lastOf(source: Source, last: number, matches: (row: CapturedRow) => boolean): Promise<PlacedRow[]> {
  const found: PlacedRow[] = [];
  if (last === 0) return found;
  for await (const slice of source.slices()) {
    for (const placed of slice) if (found.length < last && matches(placed.row)) found.push(placed);
    if (found.length >= last) break;
  }
  return found;
}
