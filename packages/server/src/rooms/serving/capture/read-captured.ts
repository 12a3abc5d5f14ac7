import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { toRows } from '@fairlead/frame';
import { quoteLiteral } from '../../../platform/lake/index.js';
import type { CaptureObject } from '../serving-store.js';
import type { CapturedRow, CaptureQuery } from '../serving-types.js';
import { idsOf, rowsOf } from './block-rows.js';
import { byArrival, rowMatcher } from './capture-rules.js';
import type { PlacedRow, SegmentFile } from './capture-types.js';
import { toCapturedRow } from './captured-row.js';
import type { CompactDeps } from './compact-segment.js';
import { type Block, readBlocks, timeRange } from './segment-block.js';

/** Lines read at once from the end of an object: what the usual question for the last rows needs, and little more. */
const SLICE_LINES = 1024;

interface Source {
  readonly untilMs: number;
  /** Its rows, newest first. */
  slices(): AsyncGenerator<PlacedRow[]>;
}

/**
 * Rows of the segments on disk and of the compacted objects, oldest first. `last` rows are those that arrived last: sources are
 * read from the newest back, each from its end, and only as far as needed. Several processes write at the same time, so the
 * newest source does not have all of the newest rows.
 */
export async function readCaptured(
  deps: CompactDeps,
  query: CaptureQuery,
  segments: readonly SegmentFile[],
): Promise<PlacedRow[]> {
  // Files before the index: a segment that is compacted in between is then found twice, never missed.
  const files = await Promise.all(segments.map(async ({ id, path }) => ({ id, bytes: await readSegment(path) })));
  const { endpoint, fromMs, untilMs, last = Infinity } = query;
  const range = { endpoint, ...(fromMs !== undefined && { fromMs }), ...(untilMs !== undefined && { untilMs }) };
  const objects = await deps.store.listCaptureObjects(deps.db, range);
  const ids = query.ids && new Set(query.ids);
  const compacted = new Set(objects.map(({ segment }) => segment));
  const sources = [
    ...files.filter(({ id }) => !compacted.has(id)).map((file) => fileSource(file, ids)),
    ...objects.map((object) => ({ untilMs: object.untilMs, slices: () => objectRows(deps, object, query) })),
  ].sort((a, b) => b.untilMs - a.untilMs);
  const matches = rowMatcher(query);
  let found: PlacedRow[] = [];
  for (const source of sources) {
    const oldest = found[0]?.row.atMs ?? -Infinity;
    if (found.length >= last && source.untilMs < oldest) break;
    found = [...found, ...(await lastOf(source, last, matches))].sort(byArrival);
    if (found.length > last) found = found.slice(found.length - last);
  }
  return found;
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

function fileSource({ id, bytes }: { id: string; bytes: Buffer }, ids: ReadonlySet<string> | undefined): Source {
  const { blocks } = readBlocks(bytes);
  return { untilMs: timeRange(blocks).untilMs, slices: () => fileRows(id, blocks, ids) };
}

/** In slices between which others get their turn. */
async function* fileRows(
  segment: string,
  blocks: readonly Block[],
  ids: ReadonlySet<string> | undefined,
): AsyncGenerator<PlacedRow[]> {
  let line = blocks.reduce((sum, { header }) => sum + header.rows, 0);
  for (const block of [...blocks].reverse()) {
    // Whoever asks for ids seldom finds one: making rows costs much more than reading their ids.
    if (ids !== undefined && !idsOf(block, { shadows: true }).some((id) => ids.has(id))) {
      line -= block.header.rows;
      continue;
    }
    yield rowsOf(block)
      .reverse()
      .map((row) => ({ row, segment, line: --line }));
    await setImmediate();
  }
}

/** Rows of a compacted segment, newest first; all in one slice unless only the last are wanted, whatever their ids are. */
async function* objectRows(
  { objects, lake }: CompactDeps,
  { segment, digest, rowCount }: CaptureObject,
  query: CaptureQuery,
): AsyncGenerator<PlacedRow[]> {
  const path = await objects.localPath(digest);
  const size = query.last === undefined || query.ids !== undefined ? rowCount : SLICE_LINES;
  for (let until = rowCount; until > 0; until -= size) {
    const where = `${whereOf(query)} AND line >= ${until - size} AND line < ${until}`;
    const sql = `SELECT * FROM read_parquet(${quoteLiteral(path)}) WHERE ${where}`;
    const table = await lake.query(sql, query.ids === undefined ? [] : [JSON.stringify(query.ids)]);
    const rows = toRows(table).map((cells) => ({ ...toCapturedRow(cells), segment }));
    yield rows.sort((a, b) => b.line - a.line);
  }
}

/** Lets DuckDB skip what the matcher would refuse anyway. The ids, which may be many, are a parameter: JSON. */
function whereOf({ environment, fromMs, untilMs, version, shadow, ids }: CaptureQuery): string {
  const parts = [`environment = '${environment.replaceAll("'", "''")}'`];
  if (fromMs !== undefined) parts.push(`at_ms >= ${Number(fromMs)}`);
  if (untilMs !== undefined) parts.push(`at_ms < ${Number(untilMs)}`);
  if (version !== undefined) parts.push(`version = ${Number(version)}`);
  if (shadow !== undefined) parts.push(`shadow = ${shadow ? 'true' : 'false'}`);
  if (ids !== undefined) parts.push(`id IN (SELECT unnest(from_json(?, '["VARCHAR"]')))`);
  return parts.join(' AND ');
}

/** Nothing when the file has just been compacted, or was never made. */
async function readSegment(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
