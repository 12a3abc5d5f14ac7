import { checkLength } from '../../checks.js';
import { numErrors } from '../../num-errors.js';
import { createRng, type Rng } from '../../random/rng.js';
import { learnScale } from '../numeric/learn-scale.js';
import { applyAffine } from '../numeric/numbers-part.js';
import type { CategorySpec } from '../preprocess-spec.js';
import type { LearnedPart, PreprocessTarget } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf } from './category-levels.js';
import { lookupPart } from './lookup-part.js';
import { collectCells, encodeTarget, targetColumns } from './target-statistics.js';

/**
 * Mean of the target per category. The training features are learned out of fold (seeded, stratified for classes): a
 * row's own target never takes part in its feature, which would otherwise tell the answer.
 *
 * @throws NUM_TOO_FEW when there is no target or fewer rows than folds
 */
export function fitTargetPart(
  table: TableView,
  levels: CategoryLevels,
  options: { readonly spec: CategorySpec; readonly target: PreprocessTarget | undefined; readonly seed: number },
): LearnedPart {
  const { spec, target, seed } = options;
  const { name, smoothing = 'auto', folds = 5, scale = 'none' } = spec;
  if (target === undefined) {
    throw numErrors.NUM_TOO_FEW(`Column ${name} is to be encoded by the target, but no target was given.`, {
      data: { column: name },
    });
  }
  const n = table.rowCount;
  checkLength('target', target.kind === 'classes' ? target.codes.length : target.values.length, n);
  const columns = targetColumns(name, target);
  const codes = codesOf(table, levels);
  const foldOf = assignFolds(target, n, { folds, rng: createRng(seed).fork(`target encoding of ${name}`) });
  const width = columns.length;
  const outOfFold = new Float32Array(n * width);
  const values = new Float32Array((levels.count + 1) * width);
  columns.forEach((column, k) => {
    const cells = collectCells(column.values, codes, { count: levels.count, folds, foldOf });
    const feature = outOfFold.subarray(k * n, (k + 1) * n);
    const byFold = Array.from({ length: folds }, (_, fold) => encodeTarget(cells, fold, smoothing));
    for (let row = 0; row < n; row++) feature[row] = byFold[foldOf[row]][codes[row]];
    const learned = learnScale(feature, scale);
    applyAffine(feature, learned);
    const all = Float32Array.from(encodeTarget(cells, -1, smoothing));
    applyAffine(all, learned);
    for (let code = 0; code <= levels.count; code++) values[code * width + k] = all[code];
  });
  const part = lookupPart(levels, { values, names: columns.map((column) => column.name) });
  return { part, training: (out: Float32Array) => out.set(outOfFold) };
}

/** A fold 0..folds−1 for each row, at random; each class is dealt out evenly. @throws NUM_TOO_FEW */
function assignFolds(target: PreprocessTarget, n: number, { folds, rng }: { folds: number; rng: Rng }): Int32Array {
  if (n < folds) throw numErrors.NUM_TOO_FEW(`${n} rows cannot make ${folds} folds.`, { data: { rows: n, folds } });
  const order = new Int32Array(n);
  for (let row = 0; row < n; row++) order[row] = row;
  rng.shuffle(order);
  const foldOf = new Int32Array(n);
  const dealt = new Int32Array(target.kind === 'classes' ? target.classCount : 1);
  // Each class begins at another fold, so that small classes do not all lie in the first.
  for (let code = 0; code < dealt.length; code++) dealt[code] = code;
  for (let i = 0; i < n; i++) {
    const row = order[i];
    const code = target.kind === 'classes' ? target.codes[row] : 0;
    foldOf[row] = dealt[code]++ % folds;
  }
  return foldOf;
}
