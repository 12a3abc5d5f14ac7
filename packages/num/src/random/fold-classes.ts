import type { Fold } from './folds.js';

interface FoldClassProblem {
  /** Index of the fold. */
  readonly fold: number;
  readonly part: 'train' | 'test';
  /**
   * - `empty`: the part has no row;
   * - `one-class`: it has a single class, so nothing can be learned or no AUC computed;
   * - `class-absent`: classes of the whole are not in it; absent from train, they can never be predicted.
   */
  readonly problem: 'empty' | 'one-class' | 'class-absent';
  /** Class codes concerned: the absent ones, or the only one. */
  readonly classes: readonly number[];
}

export type FoldClassVerdict =
  | { readonly verdict: 'pass' }
  | { readonly verdict: 'fail'; readonly problems: readonly FoldClassProblem[] };

/** Whether every part of every fold has rows of every class that the labels have. To be shown, and decided on by the caller. */
export function foldClasses(folds: readonly Fold[], labels: Int32Array): FoldClassVerdict {
  const all = [...new Set(labels)].sort((a, b) => a - b);
  const problems = folds.flatMap((fold, index) =>
    (['train', 'test'] as const).flatMap((part) => {
      const found = partProblem(fold[part], labels, all);
      return found === undefined ? [] : [{ fold: index, part, ...found }];
    }),
  );
  return problems.length === 0 ? { verdict: 'pass' } : { verdict: 'fail', problems };
}

function partProblem(
  rows: Int32Array,
  labels: Int32Array,
  all: readonly number[],
): Pick<FoldClassProblem, 'problem' | 'classes'> | undefined {
  const present = new Set<number>();
  for (const row of rows) present.add(labels[row]);
  if (present.size === 0) return { problem: 'empty', classes: [] };
  if (present.size === 1) return { problem: 'one-class', classes: [...present] };
  if (present.size === all.length) return undefined;
  return { problem: 'class-absent', classes: all.filter((label) => !present.has(label)) };
}
