import { BLOCK_ROWS } from '../linalg/column-block.js';

/** Values that the partial sums of all chunks may take together: 32 MB. */
const MOST_PARTIAL_VALUES = 4e6;
const MOST_CHUNKS = 32;

/**
 * How many chunks rows are cut into whose sums are made apart and added in order. It follows from the width of a sum
 * alone, never from the number of threads, so neither does the result.
 */
export function chunkCount(valuesPerSum: number): number {
  return Math.max(1, Math.min(MOST_CHUNKS, Math.floor(MOST_PARTIAL_VALUES / valuesPerSum)));
}

/** First row of a chunk and the one after its last; chunks are whole blocks, and may be empty. */
export function chunkRows(rowCount: number, chunk: number, chunks: number): [number, number] {
  const blocks = Math.ceil(rowCount / BLOCK_ROWS);
  const at = (part: number) => Math.min(rowCount, BLOCK_ROWS * Math.floor((blocks * part) / chunks));
  return [at(chunk), at(chunk + 1)];
}

/** out = the sum over the chunks of partial[chunk · stride + from + i], in order. */
export function addChunks(partial: Float64Array, span: { stride: number; from: number }, out: Float64Array): void {
  out.fill(0);
  for (let at = span.from; at < partial.length; at += span.stride) {
    for (let i = 0; i < out.length; i++) out[i] += partial[at + i];
  }
}
