import { learnScale } from '../numeric/learn-scale.js';
import { applyAffine } from '../numeric/numbers-part.js';
import type { CategorySpec } from '../preprocess-spec.js';
import type { LearnedPart, PreprocessDecision, PreprocessTarget } from '../preprocess-types.js';
import type { TableView } from '../table-view.js';
import { type CategoryLevels, codesOf, learnLevels } from './category-levels.js';
import { codePart } from './code-part.js';
import { lookupPart } from './lookup-part.js';
import { oneHotPart } from './one-hot-part.js';
import { fitTargetPart } from './target-part.js';

/** 'auto' gives one feature per category up to so many: beyond it trainers pay for columns that are nearly always 0. */
export const AUTO_ONE_HOT = 64;

export interface CategoryFit extends LearnedPart {
  /** The specification with the encoding that was chosen. */
  readonly spec: CategorySpec;
  readonly decision?: PreprocessDecision;
}

/** Learns a category column in the encoding asked for, or chooses one and says why. */
export function fitCategory(
  table: TableView,
  spec: CategorySpec,
  options: { readonly target: PreprocessTarget | undefined; readonly seed: number },
): CategoryFit {
  const levels = learnLevels(table, spec.name, spec);
  const asked = spec.encoding ?? 'auto';
  const chosen = asked === 'auto' ? chooseEncoding(levels, options.target !== undefined) : undefined;
  const encoding = chosen?.choice ?? asked;
  const resolved: CategorySpec = { ...spec, encoding: encoding as NonNullable<CategorySpec['encoding']> };
  const decision = chosen && { column: spec.name, ...chosen };
  return { ...learn(table, levels, { ...options, spec: resolved }), spec: resolved, ...(decision && { decision }) };
}

function chooseEncoding({ count }: CategoryLevels, hasTarget: boolean): { choice: string; reason: string } {
  if (count <= AUTO_ONE_HOT) return { choice: 'one-hot', reason: `${count} categories, up to ${AUTO_ONE_HOT}` };
  const many = `${count} categories are too many for one feature each`;
  if (hasTarget)
    return { choice: 'target', reason: `${many}; the mean of the target per category, learned out of fold` };
  return { choice: 'frequency', reason: `${many}, and there is no target to average` };
}

function learn(
  table: TableView,
  levels: CategoryLevels,
  options: { readonly spec: CategorySpec; readonly target: PreprocessTarget | undefined; readonly seed: number },
): LearnedPart {
  switch (options.spec.encoding) {
    case 'codes':
      return { part: codePart(levels) };
    case 'frequency':
      return { part: frequencyPart(table, levels, options.spec) };
    case 'target':
      return fitTargetPart(table, levels, options);
    default:
      return { part: oneHotPart(levels, options.spec) };
  }
}

/** Share of the training rows that have the category. */
function frequencyPart(table: TableView, levels: CategoryLevels, { name, scale = 'none' }: CategorySpec) {
  const codes = codesOf(table, levels);
  const counts = new Float64Array(levels.count + 1);
  for (let row = 0; row < codes.length; row++) counts[codes[row]]++;
  const values = Float32Array.from(counts, (count) => count / codes.length);
  if (scale !== 'none') {
    const feature = new Float32Array(codes.length);
    for (let row = 0; row < codes.length; row++) feature[row] = values[codes[row]];
    applyAffine(values, learnScale(feature, scale));
  }
  return lookupPart(levels, { values, names: [`${name}_frequency`] });
}
