import { trainingErrors } from '../training-errors.js';
import type { FlatValidation, Validation } from '../training-types.js';
import type { FitFileOptions } from './fit-types.js';

type Folds = Extract<FlatValidation, { kind: 'time-series' | 'k-fold' }>;

/** How candidates are compared on so many rows; `inner` is what chooses among them. @throws TRN_SEARCH_INVALID */
export function planValidation(
  rows: number,
  time: string | null,
  options: Pick<FitFileOptions, 'folds' | 'nested' | 'budgetMs'>,
): { validation: Validation; inner: Folds } {
  const { folds, nested, budgetMs } = options;
  const inner: Folds =
    time !== null
      ? { kind: 'time-series', folds: folds ?? 3 }
      : { kind: 'k-fold', folds: folds ?? (rows > 20_000 ? 3 : 5) };
  if (nested === undefined) return { validation: inner, inner };
  if (budgetMs !== undefined) {
    throw trainingErrors.TRN_SEARCH_INVALID(
      'nested: searches that are compared must be alike, so no budget may cut one short; leave out one of the two.',
      { data: { problems: ['nested', 'budgetMs'] } },
    );
  }
  return { validation: { kind: 'nested', outer: { ...inner, folds: nested }, inner }, inner };
}

/** For people. */
export function validationWords(validation: Validation): string {
  if (validation.kind === 'nested') {
    return `${validationWords(validation.inner)}, the selection judged by ${validationWords(validation.outer)},`;
  }
  if (validation.kind === 'time-series') return `${validation.folds} folds in order of time`;
  return validation.kind === 'k-fold' ? `${validation.folds} random folds` : validation.kind;
}
