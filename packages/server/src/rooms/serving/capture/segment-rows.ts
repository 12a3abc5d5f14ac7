import { setImmediate } from 'node:timers/promises';
import type { CaptureQuery } from '../serving-types.js';
import { idsOf, rowsOf } from './block-rows.js';
import type { PlacedRow, SegmentFile } from './capture-types.js';
import type { CompactDeps } from './compact-segment.js';
import { objectRows } from './object-rows.js';
import { readPart } from './read-part.js';
import { type Block, readBlocks } from './segment-block.js';
import type { SegmentIndex, Stretch } from './segment-index.js';

export interface ReadDeps extends CompactDeps {
  readonly index: SegmentIndex;
}

/** Rows of a stretch, newest first, in slices between which others get their turn. */
export async function* stretchRows(
  deps: ReadDeps,
  { segment, stretch }: { readonly segment: SegmentFile; readonly stretch: Stretch },
  query: CaptureQuery,
): AsyncGenerator<PlacedRow[]> {
  const { startBytes, endBytes, firstLine, rows } = stretch;
  let untilLine = firstLine + rows;
  const bytes = await readPart(segment.path, startBytes, endBytes);
  if (bytes === undefined) {
    // It has become an object since the reader began.
    const objects = await deps.store.listCaptureObjects(deps.db, { endpoint: segment.endpoint });
    const object = objects.find((one) => one.segment === segment.id);
    if (object !== undefined) yield* objectRows(deps, object, query, { fromLine: firstLine, untilLine });
    return;
  }
  const ids = query.ids && new Set(query.ids);
  for (const block of readBlocks(bytes).blocks.reverse()) {
    const nextLine = untilLine;
    untilLine -= block.header.rows;
    if (!mayMatch(block, query, ids)) continue;
    yield rowsOf(block)
      .reverse()
      .map((row, i) => ({ row, segment: segment.id, line: nextLine - 1 - i }));
    await setImmediate();
  }
}

/** Making rows costs much more than looking at what they share and at their ids; who asks for ids seldom finds one. */
function mayMatch(block: Block, { environment, version }: CaptureQuery, ids: ReadonlySet<string> | undefined): boolean {
  const { source } = block.header;
  if (source.environment !== environment || (version !== undefined && source.version !== version)) return false;
  return ids === undefined || idsOf(block, { shadows: true }).some((id) => ids.has(id));
}
