import type { CapturedRow, CaptureQuery } from '../serving-types.js';
import type { PlacedRow } from './capture-types.js';

/** Whether a captured row answers a query; `last` and `endpoint` are not its business. */
export function rowMatcher(query: CaptureQuery): (row: CapturedRow) => boolean {
  const { environment, fromMs = -Infinity, untilMs = Infinity, version, shadow } = query;
  const ids = query.ids && new Set(query.ids);
  return (row) =>
    row.environment === environment &&
    row.atMs >= fromMs &&
    row.atMs < untilMs &&
    (version === undefined || row.version === version) &&
    (shadow === undefined || row.shadow === shadow) &&
    (ids === undefined || ids.has(row.id));
}

/** Whether something with rows of a time, both ends inclusive, may have rows that a query asks for. */
export function overlaps(
  { fromMs = -Infinity, untilMs = Infinity }: Pick<CaptureQuery, 'fromMs' | 'untilMs'>,
  range: { readonly fromMs: number; readonly untilMs: number },
): boolean {
  return range.untilMs >= fromMs && range.fromMs < untilMs;
}

/** By time, then in the order of arrival. */
export function byArrival(a: PlacedRow, b: PlacedRow): number {
  if (a.row.atMs !== b.row.atMs) return a.row.atMs - b.row.atMs;
  if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
  return a.line - b.line;
}
