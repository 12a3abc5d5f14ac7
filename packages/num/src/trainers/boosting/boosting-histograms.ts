import { type BoostingRoutines, type FeatureRun, type RowRange, WORD_FEATURES } from './boosting-routines.js';
import { BINS, type BoostingState } from './boosting-state.js';

/** Fewer rows are not worth a histogram of their own. */
const LEAST_BLOCK_ROWS = 8192;
/** Bytes of one bin: two sums and a count. */
export const CELL_BYTES = 20;
const PARTIAL_BYTES = 16e6;
const MOST_BLOCKS = 32;

/** Blocks into which the rows of a node may be cut: as many as their histograms have room. */
export function blockLimit(featureCount: number): number {
  return Math.max(1, Math.min(MOST_BLOCKS, Math.floor(PARTIAL_BYTES / (featureCount * BINS * CELL_BYTES))));
}

/**
 * Rows of a node are counted in blocks, each from its first row to its last, and the blocks' histograms are added in their
 * order. Blocks hang on the number of rows alone, so who counts which block changes no bit.
 */
export interface NodeToCount extends RowRange {
  readonly slot: number;
  readonly blockRows: number;
  readonly blockCount: number;
  /** Slot of the second block; the first is counted in the node's own. */
  readonly partialSlot: number;
}

export function nodeToCount(
  { featureCount, slotCount }: BoostingState,
  rows: RowRange,
  place: { readonly slot: number; readonly set: number },
): NodeToCount {
  const limit = blockLimit(featureCount);
  const many = rows.end - rows.start;
  const blockRows = Math.max(LEAST_BLOCK_ROWS, Math.ceil(many / limit));
  const blockCount = Math.max(1, Math.ceil(many / blockRows));
  return { ...rows, slot: place.slot, blockRows, blockCount, partialSlot: slotCount + place.set * (limit - 1) };
}

/** Features of the tree in runs of neighbours within a word, each at most `widest` long. */
export function featureRuns({ treeFeatures, featureCount }: BoostingState, widest: number): FeatureRun[] {
  const runs: FeatureRun[] = [];
  for (let first = 0; first < featureCount; first++) {
    if (!treeFeatures[first]) continue;
    const end = Math.min(first + widest, featureCount, first - (first % WORD_FEATURES) + WORD_FEATURES);
    let after = first + 1;
    while (after < end && treeFeatures[after]) after++;
    runs.push({ first, width: after - first });
    first = after - 1;
  }
  return runs;
}

/** Counts block `block` of the node for a run of features, in a slot that is cleared first. */
export function countBlock(
  state: BoostingState,
  routines: BoostingRoutines,
  { node, block, run }: { readonly node: NodeToCount; readonly block: number; readonly run: FeatureRun },
  by: { readonly output: number; readonly member: number },
): void {
  const slot = block === 0 ? node.slot : node.partialSlot + block - 1;
  const at = (slot * state.featureCount + run.first) * BINS;
  state.sums.fill(0, 2 * at, 2 * (at + run.width * BINS));
  state.counts.fill(0, at, at + run.width * BINS);
  const start = node.start + block * node.blockRows;
  const end = Math.min(node.end, start + node.blockRows);
  routines.countRun({ ...node, start, end }, run, { slot, ...by });
}

/** Adds the histograms of the node's blocks of feature `f`, in their order. */
export function joinBlocks(state: BoostingState, node: NodeToCount, f: number): void {
  const { sums, counts, featureCount, constantHessian } = state;
  const to = (node.slot * featureCount + f) * BINS;
  for (let block = 1; block < node.blockCount; block++) {
    const from = ((node.partialSlot + block - 1) * featureCount + f) * BINS;
    for (let i = 0; i < 2 * BINS; i++) sums[2 * to + i] += sums[2 * from + i];
    if (!constantHessian) for (let i = 0; i < BINS; i++) counts[to + i] += counts[from + i];
  }
  // Of hessians that are 1 the sum is the count.
  if (constantHessian) for (let i = 0; i < BINS; i++) counts[to + i] = sums[2 * (to + i) + 1];
}

/** slot `from` −= slot `part`, feature `f`: the sibling's histogram without looking at its rows. */
export function subtractFeature(state: BoostingState, f: number, from: number, part: number): void {
  const { sums, counts, featureCount } = state;
  const a = (from * featureCount + f) * BINS;
  const b = (part * featureCount + f) * BINS;
  for (let i = 0; i < 2 * BINS; i++) sums[2 * a + i] -= sums[2 * b + i];
  for (let i = 0; i < BINS; i++) counts[a + i] -= counts[b + i];
}
