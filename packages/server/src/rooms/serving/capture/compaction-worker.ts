import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { serveRequests } from '../../../platform/compute/index.js';
import { encodeParquet } from '../../../platform/lake/index.js';
import { readBlocks, timeRange } from './segment-block.js';
import { segmentTable } from './segment-table.js';

// Entry of the threads that make Parquet of segments.

/** A sealed segment, and where its Parquet file goes. */
export interface CompactRequest {
  readonly segment: string;
  readonly target: string;
  /** Whether what answers requests goes first. A thread that has yielded once does so for good. */
  readonly yields: boolean;
}

/** What became of it; for no rows nothing is written. */
export interface CompactAnswer {
  readonly rows: number;
  /** Places in it that were torn or damaged. */
  readonly torn: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

const LOW_PRIORITY = 19;

serveRequests<undefined, CompactRequest, CompactAnswer>(() => {
  let isYielding = false;
  return (request) => {
    if (request.yields && !isYielding) yieldToAnswers();
    isYielding ||= request.yields;
    return compact(request);
  };
});

/** On Linux a thread has a priority of its own. Elsewhere this one competes with what answers, and is no less correct. */
function yieldToAnswers(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), LOW_PRIORITY);
  } catch {
    // Not on this system.
  }
}

function compact({ segment, target }: CompactRequest): CompactAnswer {
  const { blocks, torn } = readBlocks(readFileSync(segment));
  const rows = blocks.reduce((sum, { header }) => sum + header.rows, 0);
  if (rows > 0) writeFileSync(target, Buffer.concat(encodeParquet(segmentTable(blocks))));
  return { rows, torn, ...timeRange(blocks) };
}
