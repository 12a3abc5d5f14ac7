/** What a tree minimises, as a number, because it is looked at in hot code. Weighted impurities: see {@link proxyOf}. */
export const CRITERION = { gini: 0, entropy: 1, squaredError: 2, poisson: 3, absoluteError: 4 } as const;

/** Everything that growing any tree of a forest needs: plain data, so that it can travel to other threads. */
export interface TreeTask {
  /** Of binning: feature-major bins, thresholds, counts and holes of each feature. */
  readonly bins: Uint8Array;
  readonly thresholds: readonly Float32Array[];
  readonly binCounts: Int32Array;
  readonly hasMissing: Uint8Array;
  readonly extremes: Float32Array;
  readonly rowCount: number;
  readonly featureCount: number;
  readonly criterion: number;
  /** Numbers that describe a set of rows: weight per class (classCount), or weight and weighted sum (2). */
  readonly width: number;
  /** Unweighted classes: every row's bins, draws and class side by side, see packed-rows.ts; else empty. */
  readonly records: Uint8Array;
  /** Class codes, empty in regression. */
  readonly classes: Int32Array;
  /** Targets, empty in classification. Centred on 0 unless the criterion needs them as they are. */
  readonly targets: Float64Array;
  /** Class weight × sample weight of each row; empty when all are 1. */
  readonly weights: Float64Array;
  readonly seed: number;
  readonly bootstrap: boolean;
  /** Rows drawn for each tree. */
  readonly draws: number;
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minWeightFractionLeaf: number;
  readonly minImpurityDecrease: number;
  readonly maxFeatures: number;
  /** Best-first growth to this many leaves; Infinity: depth first. */
  readonly maxLeafNodes: number;
  /** One random threshold per feature instead of the best one. */
  readonly randomThresholds: boolean;
  /** Leaf distributions are rounded so that their sums over trees are exact in Float32. */
  readonly roundedLeaves: boolean;
}

/** Room for one tree, or its nodes. Children stand side by side: the right one is `left + 1`. */
export interface TreeNodes {
  /** −1 in a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  /** −1 in a leaf. */
  readonly left: Int32Array;
  /** 1: a row whose value is missing goes left. */
  readonly missingLeft: Uint8Array;
  /** Weighted rows that reached the node in training. */
  readonly cover: Float64Array;
  readonly impurity: Float64Array;
  /** nodeCount × outputs, row-major: class distribution, or the mean target. */
  readonly values: Float64Array;
}

/** Nodes that a tree cannot exceed. */
export function nodeLimit(task: TreeTask): number {
  const leaves = Math.max(1, Math.floor(task.draws / task.minSamplesLeaf));
  const byDepth = task.maxDepth < 30 ? 2 ** (task.maxDepth + 1) - 1 : Number.POSITIVE_INFINITY;
  return Math.min(2 * Math.min(leaves, task.maxLeafNodes) - 1, byDepth);
}

/** Values that a node answers with: one per class, or one. */
export function outputCount(task: TreeTask): number {
  return task.classes.length > 0 ? task.width : 1;
}

/**
 * What is maximised over splits, summed over both sides: −weight × impurity, without the terms that all splits share.
 * Gini: Σ n²/N; entropy (bits): Σ n log₂ n − N log₂ N; squared error: (Σ wy)²/W; Poisson: Σ wy · ln(Σ wy / W).
 */
export function proxyOf(stats: Float64Array, width: number, criterion: number): number {
  if (criterion === CRITERION.gini) {
    let weight = 0;
    let squares = 0;
    for (let k = 0; k < width; k++) {
      weight += stats[k];
      squares += stats[k] * stats[k];
    }
    return squares / weight;
  }
  if (criterion === CRITERION.squaredError) return (stats[1] * stats[1]) / stats[0];
  if (criterion === CRITERION.poisson) {
    return stats[1] > 0 ? stats[1] * Math.log(stats[1] / stats[0]) : Number.NEGATIVE_INFINITY;
  }
  let weight = 0;
  let sum = 0;
  for (let k = 0; k < width; k++) {
    if (stats[k] <= 0) continue;
    weight += stats[k];
    sum += stats[k] * Math.log2(stats[k]);
  }
  return sum - weight * Math.log2(weight);
}

/** True when the rows have one class only. */
export function isPure(stats: Float64Array, width: number): boolean {
  let present = 0;
  for (let k = 0; k < width; k++) if (stats[k] > 0) present++;
  return present <= 1;
}
