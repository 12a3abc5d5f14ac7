import { numErrors } from '../num-errors.js';
import { type Fold, holdOut, kFold, type NestedFold, nestedFolds, repeatedFolds, stratifiedKFold } from './folds.js';
import { groupKFold, leaveOneGroupOut, stratifiedGroupKFold } from './group-folds.js';
import { createRng, type Rng } from './rng.js';
import { timeSeriesFolds } from './time-folds.js';

/** A validation scheme as plain JSON. Random unless `shuffle: false`, except time series, which have no choice. */
export type FoldSpec =
  | {
      /** `stratified` kinds need class labels, `group` kinds groups. */
      readonly kind: 'k-fold' | 'stratified' | 'group' | 'stratified-group';
      readonly folds: number;
      readonly shuffle?: boolean;
      /** Default 1; needs shuffling. */
      readonly repeats?: number;
    }
  | { readonly kind: 'leave-one-group-out' }
  | { readonly kind: 'hold-out'; readonly testRatio: number; readonly shuffle?: boolean }
  /** Rows must be sorted by time. */
  | {
      readonly kind: 'time-series';
      readonly folds: number;
      readonly gap?: number;
      readonly testSize?: number;
      readonly maxTrainSize?: number;
    };

/** What folds are made of; only what the scheme needs must be there. */
export interface FoldData {
  readonly rowCount: number;
  readonly labels?: Int32Array;
  readonly groups?: Int32Array;
}

/**
 * Folds of a scheme given as data.
 *
 * @throws NUM_COLUMN when the scheme needs labels or groups that are not given; NUM_RANGE, NUM_TOO_FEW as its function.
 */
export function planFolds(spec: FoldSpec, data: FoldData, seed: number): Fold[] {
  return foldsFrom(spec, data, createRng(seed).fork('folds'));
}

/** Nested validation: `inner` folds of each outer fold's training rows, with labels and groups taken along. */
export function planNestedFolds(
  { outer, inner }: { outer: FoldSpec; inner: FoldSpec },
  data: FoldData,
  seed: number,
): NestedFold[] {
  const rng = createRng(seed).fork('folds');
  return nestedFolds(foldsFrom(outer, data, rng), (rows, index) => {
    const { labels, groups } = data;
    const part: FoldData = {
      rowCount: rows.length,
      ...(labels && { labels: rows.map((row) => labels[row]) }),
      ...(groups && { groups: rows.map((row) => groups[row]) }),
    };
    return foldsFrom(inner, part, rng.fork('inner').fork(index));
  });
}

function foldsFrom(spec: FoldSpec, data: FoldData, rng: Rng): Fold[] {
  switch (spec.kind) {
    case 'leave-one-group-out':
      return leaveOneGroupOut(needed(data, 'groups', spec.kind));
    case 'time-series':
      return timeSeriesFolds(data.rowCount, spec);
    case 'hold-out':
      return [holdOut(data.rowCount, spec.testRatio, spec.shuffle === false ? undefined : rng)];
    default: {
      const { repeats = 1, shuffle = true } = spec;
      if (!shuffle && repeats > 1)
        throw numErrors.NUM_RANGE('Folds that are not shuffled are the same in each repeat.');
      if (!shuffle) return foldsOnce(spec, data);
      return repeatedFolds(repeats, rng, (repeat) => foldsOnce(spec, data, repeat));
    }
  }
}

function foldsOnce(spec: Extract<FoldSpec, { repeats?: number }>, data: FoldData, rng?: Rng): Fold[] {
  const { kind, folds } = spec;
  if (kind === 'k-fold') return kFold(data.rowCount, folds, rng);
  if (kind === 'stratified') return stratifiedKFold(needed(data, 'labels', kind), folds, rng);
  const groups = needed(data, 'groups', kind);
  return kind === 'group'
    ? groupKFold(groups, folds, rng)
    : stratifiedGroupKFold(needed(data, 'labels', kind), groups, folds, rng);
}

function needed(data: FoldData, what: 'labels' | 'groups', kind: string): Int32Array {
  const column = data[what];
  if (column) return column;
  throw numErrors.NUM_COLUMN(`Folds of the kind ${kind} need ${what}.`, { data: { kind, needed: what } });
}
