import { checkLength } from '../../checks.js';
import { numErrors } from '../../num-errors.js';
import { kFold, stratifiedKFold } from '../../random/folds.js';
import { createRng } from '../../random/rng.js';
import { learnScale } from '../numeric/learn-scale.js';
import { applyAffine } from '../numeric/numbers-part.js';
import type { CategorySpec } from '../preprocess-spec.js';
import type { LearnedPart, PreprocessTarget } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf } from './category-levels.js';
import { lookupPart } from './lookup-part.js';
import { encodeTarget, targetColumns } from './target-statistics.js';

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
  const { name, smoothing = 'auto', folds: foldCount = 5, scale = 'none' } = spec;
  if (target === undefined) {
    throw numErrors.NUM_TOO_FEW(`Column ${name} is to be encoded by the target, but no target was given.`, {
      data: { column: name },
    });
  }
  const n = table.rowCount;
  checkLength('target', target.kind === 'classes' ? target.codes.length : target.values.length, n);
  const columns = targetColumns(name, target);
  const codes = codesOf(table, levels);
  const rng = createRng(seed).fork(`target encoding of ${name}`);
  const folds = target.kind === 'classes' ? stratifiedKFold(target.codes, foldCount, rng) : kFold(n, foldCount, rng);
  const width = columns.length;
  const outOfFold = new Float32Array(n * width);
  const table32 = new Float32Array((levels.count + 1) * width);
  columns.forEach(({ values }, k) => {
    const feature = outOfFold.subarray(k * n, (k + 1) * n);
    for (const { train, test } of folds) {
      const encoding = encodeTarget(values, { codes, count: levels.count, rows: train, smoothing });
      for (let i = 0; i < test.length; i++) feature[test[i]] = encoding[codes[test[i]]];
    }
    const learned = learnScale(feature, scale);
    applyAffine(feature, learned);
    const all = Float32Array.from(encodeTarget(values, { codes, count: levels.count, smoothing }));
    applyAffine(all, learned);
    for (let code = 0; code <= levels.count; code++) table32[code * width + k] = all[code];
  });
  const part = lookupPart(levels, { values: table32, names: columns.map((column) => column.name) });
  return { part, training: (out: Float32Array) => out.set(outOfFold) };
}
