import type { BinnedMatrix } from '../trees/binning.js';
import { SET_WORDS } from './boosting-state.js';
import type { GrowingNode } from './growing-node.js';

/** Bits of `flags`. */
export const FLAG = { missingLeft: 1, categorical: 2 } as const;

/** Stands for a threshold above every value: only missing rows go right. */
const ABOVE_ALL = 3.4028234663852886e38;

/** All trees end to end, root first; node numbers are global. Tree t answers for output t mod K. */
export interface BoostedTrees {
  readonly treeStarts: Int32Array;
  /** −1 in a leaf. */
  readonly feature: Int32Array;
  /** A numeric row goes left when its Float32 value ≤ threshold. */
  readonly threshold: Float32Array;
  readonly flags: Uint8Array;
  /** Left child; the right one is the next node. */
  readonly left: Int32Array;
  /** First word of a categorical node's set of codes that go left, in `sets`. */
  readonly set: Int32Array;
  readonly sets: Uint32Array;
  /** What a leaf adds, a Float32 value; 0 elsewhere. */
  readonly value: Float64Array;
  /** Loss that the split saves; 0 in a leaf. */
  readonly gain: Float64Array;
  /** Training rows that came through. */
  readonly cover: Int32Array;
}

/** Flattens the trees level by level, so that siblings are neighbours. */
export function joinBoostedTrees(
  trees: readonly (readonly GrowingNode[])[],
  values: ReadonlyMap<GrowingNode, number>,
  binned: BinnedMatrix,
): BoostedTrees {
  const count = trees.reduce((sum, tree) => sum + tree.length, 0);
  const setCount = trees.reduce((sum, tree) => sum + tree.filter((node) => node.children && node.split?.set).length, 0);
  const out = {
    treeStarts: new Int32Array(trees.length + 1),
    feature: new Int32Array(count).fill(-1),
    threshold: new Float32Array(count),
    flags: new Uint8Array(count),
    left: new Int32Array(count),
    set: new Int32Array(count),
    sets: new Uint32Array(setCount * SET_WORDS),
    value: new Float64Array(count),
    gain: new Float64Array(count),
    cover: new Int32Array(count),
  };
  let at = 0;
  let sets = 0;
  trees.forEach((tree, t) => {
    out.treeStarts[t] = at;
    let next = at + 1;
    for (const node of tree) {
      out.cover[at] = node.end - node.start;
      const { split } = node;
      if (node.children && split) {
        out.feature[at] = split.feature;
        out.gain[at] = split.gain;
        out.left[at] = next;
        next += 2;
        out.flags[at] = split.missingLeft * FLAG.missingLeft;
        if (split.set) {
          out.flags[at] |= FLAG.categorical;
          out.set[at] = sets;
          out.sets.set(split.set, sets);
          sets += SET_WORDS;
        } else {
          out.threshold[at] = binned.thresholds[split.feature][split.bin] ?? ABOVE_ALL;
        }
      } else {
        out.value[at] = values.get(node) ?? 0;
      }
      at++;
    }
  });
  out.treeStarts[trees.length] = at;
  return Object.freeze(out);
}

/** The nodes of a tree level by level. */
export function nodesOf(root: GrowingNode): GrowingNode[] {
  const nodes = [root];
  for (let i = 0; i < nodes.length; i++) nodes.push(...(nodes[i].children ?? []));
  return nodes;
}

/** Per feature, ascending: thresholds of numeric features, codes of categorical ones that some tree asks for. */
export function boostedThresholds(trees: BoostedTrees, categoryCounts: Int32Array): Float32Array[] {
  const seen = Array.from(categoryCounts, () => new Set<number>());
  for (let node = 0; node < trees.feature.length; node++) {
    const f = trees.feature[node];
    if (f < 0) continue;
    if ((trees.flags[node] & FLAG.categorical) === 0) {
      if (trees.threshold[node] < ABOVE_ALL) seen[f].add(trees.threshold[node]);
    } else for (let code = 0; code < categoryCounts[f]; code++) seen[f].add(code);
  }
  return seen.map((values) => Float32Array.from(values).sort());
}

/** Share of each feature in all gains; all 0 when no tree could split. */
export function gainImportances(trees: BoostedTrees, featureCount: number): Float64Array {
  const out = new Float64Array(featureCount);
  let total = 0;
  for (let node = 0; node < trees.feature.length; node++) {
    if (trees.feature[node] < 0) continue;
    out[trees.feature[node]] += trees.gain[node];
    total += trees.gain[node];
  }
  return total > 0 ? out.map((gain) => gain / total) : out;
}
