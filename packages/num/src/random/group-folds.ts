import { checkLength } from '../checks.js';
import { checkFolds, type Fold, foldsOf } from './folds.js';
import type { Rng } from './rng.js';
import { range } from './split.js';

/** Group codes as 0, 1, … in rising order of code, and how many there are. */
function denseGroups(groups: Int32Array): { groupOf: Int32Array; count: number } {
  const codes = [...new Set(groups)].sort((a, b) => a - b);
  const indexOf = new Map(codes.map((code, index) => [code, index]));
  return { groupOf: groups.map((code) => indexOf.get(code) ?? 0), count: codes.length };
}

/**
 * k folds that never part a group (equal code). Without `rng` the largest group goes to the smallest fold, and so on:
 * the folds of scikit-learn's GroupKFold. With it groups are shuffled and dealt in equal numbers of groups.
 */
export function groupKFold(groups: Int32Array, k: number, rng?: Rng): Fold[] {
  const { groupOf, count } = denseGroups(groups);
  checkFolds(k, count, 'groups');
  const foldOfGroup = new Int32Array(count);
  if (rng) {
    const order = rng.shuffle(range(count));
    for (let i = 0; i < count; i++) foldOfGroup[order[i]] = Math.floor((i * k) / count);
  } else {
    const sizes = new Int32Array(count);
    for (const group of groupOf) sizes[group]++;
    const filled = new Float64Array(k);
    for (const group of range(count).sort((a, b) => sizes[b] - sizes[a] || b - a)) {
      const fold = filled.indexOf(filled.reduce((least, size) => Math.min(least, size)));
      filled[fold] += sizes[group];
      foldOfGroup[group] = fold;
    }
  }
  return foldsOf(
    groupOf.map((group) => foldOfGroup[group]),
    k,
  );
}

/** One fold per group, in rising order of code: scikit-learn's LeaveOneGroupOut. */
export function leaveOneGroupOut(groups: Int32Array): Fold[] {
  const { groupOf, count } = denseGroups(groups);
  checkFolds(Math.max(count, 2), count, 'groups');
  return foldsOf(groupOf, count);
}

/**
 * k folds that never part a group and keep the shares of the classes as well as that allows: groups with the most
 * uneven classes first, each to the fold that then leaves the shares most even. Without `rng` the folds of
 * scikit-learn's StratifiedGroupKFold; `rng` shuffles the groups before.
 *
 * @throws NUM_SHAPE when labels and groups differ in length, NUM_TOO_FEW for fewer groups than folds.
 */
export function stratifiedGroupKFold(labels: Int32Array, groups: Int32Array, k: number, rng?: Rng): Fold[] {
  checkLength('groups', groups.length, labels.length);
  const { groupOf, count } = denseGroups(groups);
  checkFolds(k, count, 'groups');
  const { groupOf: classOf, count: classCount } = denseGroups(labels);
  const classTotals = new Float64Array(classCount);
  const perGroup = Array.from({ length: count }, () => new Float64Array(classCount));
  for (let row = 0; row < labels.length; row++) {
    classTotals[classOf[row]]++;
    perGroup[groupOf[row]][classOf[row]]++;
  }
  const order = rng ? rng.shuffle(range(count)) : range(count);
  const spread = perGroup.map(deviation);
  const places = Array.from(order).sort((a, b) => spread[b] - spread[a]);
  const perFold = Array.from({ length: k }, () => new Float64Array(classCount));
  const foldOfGroup = new Int32Array(count);
  for (const group of places) {
    const fold = bestFold(perFold, perGroup[group], classTotals);
    foldOfGroup[group] = fold;
    for (let c = 0; c < classCount; c++) perFold[fold][c] += perGroup[group][c];
  }
  return foldsOf(
    groupOf.map((group) => foldOfGroup[group]),
    k,
  );
}

/** The fold in which the group leaves the classes' shares most even; of equals the one with fewer rows. */
function bestFold(perFold: readonly Float64Array[], group: Float64Array, classTotals: Float64Array): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let fewest = Number.POSITIVE_INFINITY;
  const shares = new Float64Array(perFold.length);
  for (let fold = 0; fold < perFold.length; fold++) {
    let sum = 0;
    for (let c = 0; c < classTotals.length; c++) {
      for (let f = 0; f < perFold.length; f++)
        shares[f] = (perFold[f][c] + (f === fold ? group[c] : 0)) / classTotals[c];
      sum += deviation(shares);
    }
    const uneven = sum / classTotals.length;
    const rows = perFold[fold].reduce((total, count) => total + count, 0);
    const isAsEven = Math.abs(uneven - least) <= 1e-8 + 1e-5 * least;
    if (uneven < least || (isAsEven && rows < fewest)) {
      best = fold;
      least = uneven;
      fewest = rows;
    }
  }
  return best;
}

/** Population standard deviation. */
function deviation(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
