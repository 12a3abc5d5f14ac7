import { setImmediate } from 'node:timers/promises';
import type { SegmentFile } from './capture-types.js';
import { readPart } from './read-part.js';
import { type FoundBlock, scanBlocks, timeRange } from './segment-block.js';

/** Whole blocks of a segment that stand together. */
export interface Stretch {
  readonly startBytes: number;
  /** Exclusive. */
  readonly endBytes: number;
  /** When the first and the last of its rows were asked for; both inclusive. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Place of its first row in the segment. */
  readonly firstLine: number;
  readonly rows: number;
}

interface Known {
  readonly stretches: Stretch[];
  /** How far it was read. */
  endBytes: number;
  lines: number;
  /** A segment is read by one caller at a time; others want the rest only. */
  reading: Promise<void>;
}

/** Blocks of mode `sync` may have one row: entries for each would be as large as the segment. */
const STRETCH_BYTES = 256 * 1024;

/**
 * What stands where in the segments, so that readers of the log read what they need of them and no more. Learned when somebody reads,
 * each byte once: one segment at a time is in memory, and about 100 bytes per 256 KiB of it are kept.
 */
export class SegmentIndex {
  readonly #known = new Map<string, Known>();

  /** In the order of the rows; none of a segment that is no file any more, or is none yet. */
  async stretches(segment: SegmentFile): Promise<readonly Stretch[]> {
    const known = this.#knownOf(segment);
    const reading = known.reading.then(() => learn(known, segment.path));
    known.reading = reading.then(
      () => undefined,
      () => undefined,
    );
    if (!(await reading)) this.forget(segment);
    return [...known.stretches];
  }

  /** The segment is no file any more. */
  forget({ id }: Pick<SegmentFile, 'id'>): void {
    this.#known.delete(id);
  }

  #knownOf({ id }: SegmentFile): Known {
    let known = this.#known.get(id);
    if (known === undefined) {
      known = { stretches: [], endBytes: 0, lines: 0, reading: Promise.resolve() };
      this.#known.set(id, known);
    }
    return known;
  }
}

/** Reads what a segment has got since the last time; whether there is such a file. A torn end is read again: it may be a block that is being written. */
async function learn(known: Known, path: string): Promise<boolean> {
  const bytes = await readPart(path, known.endBytes);
  if (bytes === undefined) {
    known.stretches.length = 0;
    return false;
  }
  const offset = known.endBytes;
  let sinceTurnBytes = 0;
  for (const found of scanBlocks(bytes)) {
    if (found === 'torn') continue;
    add(known, found, offset);
    sinceTurnBytes += found.end - found.start;
    if (sinceTurnBytes < STRETCH_BYTES) continue;
    sinceTurnBytes = 0;
    // Requests get their turn.
    await setImmediate();
  }
  return true;
}

function add(known: Known, { block, start, end }: FoundBlock, offset: number): void {
  const { rows } = block.header;
  const range = timeRange([block]);
  const [startBytes, endBytes] = [offset + start, offset + end];
  const last = known.stretches.at(-1);
  if (last !== undefined && endBytes - last.startBytes <= STRETCH_BYTES) {
    known.stretches[known.stretches.length - 1] = {
      ...last,
      endBytes,
      fromMs: Math.min(last.fromMs, range.fromMs),
      untilMs: Math.max(last.untilMs, range.untilMs),
      rows: last.rows + rows,
    };
  } else known.stretches.push({ startBytes, endBytes, ...range, firstLine: known.lines, rows });
  known.endBytes = endBytes;
  known.lines += rows;
}
