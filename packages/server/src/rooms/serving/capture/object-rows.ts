import { toRows } from '@fairlead/frame';
import { quoteLiteral } from '../../../platform/lake/index.js';
import type { CaptureObject } from '../serving-store.js';
import type { CaptureQuery } from '../serving-types.js';
import type { PlacedRow } from './capture-types.js';
import { toCapturedRow } from './captured-row.js';
import type { CompactDeps } from './compact-segment.js';

/** Lines read at once from the end of an object: what the usual question for the last rows needs, and little more. */
const SLICE_LINES = 1024;

/** Rows of a compacted segment, newest first; all in one slice unless only the last are wanted, whatever their ids are. `untilLine` is exclusive. */
export async function* objectRows(
  { objects, lake }: CompactDeps,
  { segment, digest, rowCount }: CaptureObject,
  query: CaptureQuery,
  { fromLine = 0, untilLine = rowCount }: { readonly fromLine?: number; readonly untilLine?: number } = {},
): AsyncGenerator<PlacedRow[]> {
  const path = await objects.localPath(digest);
  const size = query.last === undefined || query.ids !== undefined ? untilLine - fromLine : SLICE_LINES;
  for (let until = untilLine; until > fromLine; until -= size) {
    const where = `${whereOf(query)} AND line >= ${Math.max(fromLine, until - size)} AND line < ${until}`;
    const sql = `SELECT * FROM read_parquet(${quoteLiteral(path)}) WHERE ${where}`;
    const table = await lake.query(sql, query.ids === undefined ? [] : [JSON.stringify(query.ids)]);
    const rows = toRows(table).map((cells) => ({ segment, ...toCapturedRow(cells) }));
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
