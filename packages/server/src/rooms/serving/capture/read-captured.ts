import { readFile } from 'node:fs/promises';
import { toRows } from '@fairlead/frame';
import type { Db } from '../../../platform/db/index.js';
import { quoteLiteral } from '../../../platform/lake/index.js';
import type { ObjectStore } from '../../../platform/objects/index.js';
import type { CaptureObject, ServingStore } from '../serving-store.js';
import type { CaptureQuery } from '../serving-types.js';
import { byArrival, rowMatcher } from './capture-rules.js';
import type { CaptureLake, PlacedRow } from './capture-types.js';
import { NEWLINE, nextTurn, parseLine } from './segment-format.js';
import { ROW_COLUMNS, toCapturedRow } from './segment-table.js';

export interface ReadDeps {
  readonly db: Db;
  readonly store: ServingStore;
  readonly objects: ObjectStore;
  readonly lake: CaptureLake;
}

/** Lines read at once from the end of an object: what the usual question for the last rows needs, and little more. */
const SLICE_LINES = 1024;

/** What rows of former versions do not say. */
const ABSENT = { queueMs: null, computeMs: null, propensity: null };

interface SegmentFile {
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * Rows of the segments on disk and of the compacted objects, oldest first. `last` rows are those that arrived last: segments
 * are read from the newest back, each from its end, and only as far as needed.
 */
export async function readCaptured(
  deps: ReadDeps,
  query: CaptureQuery,
  segments: readonly { readonly id: string; readonly path: string }[],
): Promise<PlacedRow[]> {
  // Files before the index: a segment that is compacted in between is then found twice, never missed.
  const files = (await Promise.all(segments.map(readSegmentFile))).flat();
  const { endpoint, fromMs, untilMs, last = Infinity } = query;
  const range = { endpoint, ...(fromMs !== undefined && { fromMs }), ...(untilMs !== undefined && { untilMs }) };
  const objects = await deps.store.listCaptureObjects(deps.db, range);
  const compacted = new Set(objects.map(({ segment }) => segment));
  const sources = [
    ...files.filter(({ id }) => !compacted.has(id)).map((file) => ({ id: file.id, slices: () => fileRows(file) })),
    ...objects.map((object) => ({ id: object.segment, slices: () => objectRows(deps, object, query) })),
  ].sort((a, b) => (a.id < b.id ? 1 : -1));
  const matches = rowMatcher(query);
  const found: PlacedRow[] = [];
  for (const { slices } of sources) {
    if (found.length >= last) break;
    for await (const slice of slices()) {
      for (const placed of slice) if (found.length < last && matches(placed.row)) found.push(placed);
      if (found.length >= last) break;
    }
  }
  return found.sort(byArrival);
}

async function readSegmentFile({ id, path }: { id: string; path: string }): Promise<SegmentFile[]> {
  try {
    return [{ id, bytes: await readFile(path) }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Rows of a segment on disk, newest first, in slices between which others get their turn. */
async function* fileRows({ id, bytes }: SegmentFile): AsyncGenerator<PlacedRow[]> {
  let slice: PlacedRow[] = [];
  for (let end = bytes.length; end > 0; ) {
    const start = bytes.lastIndexOf(NEWLINE, end - 1) + 1;
    const value = parseLine(bytes.toString('utf8', start, end));
    if (value !== undefined && !('kinds' in value))
      slice.push({ row: { ...ABSENT, ...value }, segment: id, line: start });
    end = start - 1;
    if (slice.length < SLICE_LINES) continue;
    yield slice;
    slice = [];
    await nextTurn();
  }
  yield slice;
}

/** Rows of a compacted segment, newest first; all in one slice unless only the last are wanted. */
async function* objectRows(
  { objects, lake }: ReadDeps,
  { segment, digest, rowCount }: CaptureObject,
  query: CaptureQuery,
): AsyncGenerator<PlacedRow[]> {
  const path = await objects.localPath(digest);
  const size = query.last === undefined ? rowCount : SLICE_LINES;
  for (let until = rowCount; until > 0; until -= size) {
    const where = `${whereOf(query)} AND line >= ${until - size} AND line < ${until}`;
    // By a pattern: objects of former versions do not have all of them.
    const columns = `COLUMNS('^(${ROW_COLUMNS.join('|')})$')`;
    const table = await lake.query(`SELECT ${columns} FROM read_parquet(${quoteLiteral(path)}) WHERE ${where}`);
    const rows = toRows(table).map((cells) => ({ ...toCapturedRow(cells), segment }));
    yield rows.sort((a, b) => b.line - a.line);
  }
}

/** Lets DuckDB skip what the matcher would refuse anyway; the ids stay with the matcher, they may be many. */
function whereOf({ environment, fromMs, untilMs, version, shadow }: CaptureQuery): string {
  const parts = [`environment = '${environment.replaceAll("'", "''")}'`];
  if (fromMs !== undefined) parts.push(`at_ms >= ${Number(fromMs)}`);
  if (untilMs !== undefined) parts.push(`at_ms < ${Number(untilMs)}`);
  if (version !== undefined) parts.push(`version = ${Number(version)}`);
  if (shadow !== undefined) parts.push(`shadow = ${shadow ? 'true' : 'false'}`);
  return parts.join(' AND ');
}
