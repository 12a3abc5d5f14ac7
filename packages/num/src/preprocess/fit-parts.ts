import { fitCategory } from './category/fit-category.js';
import { fitDatePart } from './date/date-part.js';
import { fitBinsPart } from './numeric/bins-part.js';
import { fitCyclicalPart } from './numeric/cyclical-part.js';
import { missingPart } from './numeric/missing-part.js';
import { fitNumbersPart } from './numeric/numbers-part.js';
import type { BooleanSpec, ColumnSpec, NumericSpec } from './preprocess-spec.js';
import type { LearnedPart, PreprocessDecision, PreprocessTarget } from './preprocess-types.js';
import type { TableView } from './table-view.js';
import { hashingPart } from './text/hashing-part.js';
import { fitTfIdfPart } from './text/tf-idf-part.js';

export interface FittedParts {
  readonly learned: readonly LearnedPart[];
  /** The blocks with every 'auto' resolved. */
  readonly columns: readonly ColumnSpec[];
  readonly decisions: readonly PreprocessDecision[];
}

/**
 * Learns every block. Features come in this order: numbers and booleans that stay one feature each, as specified; their
 * missing indicators; then the features of every other block, as specified.
 */
export function fitParts(
  table: TableView,
  columns: readonly ColumnSpec[],
  options: { readonly target: PreprocessTarget | undefined; readonly seed: number },
): FittedParts {
  const decisions: PreprocessDecision[] = [];
  const numbers = columns.filter(isPlain);
  const flagged = columns.filter((spec) => 'missingIndicator' in spec && spec.missingIndicator && spec.kind !== 'date');
  const learned: LearnedPart[] = [];
  if (numbers.length > 0) learned.push({ part: fitNumbersPart(table, numbers) });
  if (flagged.length > 0) {
    const inputs = flagged.map(({ name, kind }) => {
      const column = kind === 'boolean' ? ('boolean' as const) : ('float64' as const);
      return { name, type: 'float' as const, column, missing: 'impute' as const };
    });
    learned.push({ part: missingPart(inputs) });
  }
  const resolved = columns.map((spec): ColumnSpec => {
    if (isPlain(spec)) return spec;
    const fitted = fitBlock(table, spec, options);
    learned.push(fitted);
    if (fitted.decision) decisions.push(fitted.decision);
    return fitted.spec;
  });
  return { learned, columns: resolved, decisions };
}

type Block = Exclude<ColumnSpec, BooleanSpec>;
type BlockFit = LearnedPart & { readonly spec: ColumnSpec; readonly decision?: PreprocessDecision };

function fitBlock(
  table: TableView,
  spec: Block,
  options: { readonly target: PreprocessTarget | undefined; readonly seed: number },
): BlockFit {
  switch (spec.kind) {
    case 'category':
      return fitCategory(table, spec, options);
    case 'text':
      return { part: spec.method === 'hashing' ? hashingPart(spec) : fitTfIdfPart(table, spec), spec };
    case 'date':
      return fitDatePart(table, spec);
    case 'numeric':
      if (spec.period !== undefined) return { part: fitCyclicalPart(table, { ...spec, period: spec.period }), spec };
      return { part: fitBinsPart(table, spec), spec };
  }
}

function isPlain(spec: ColumnSpec): spec is NumericSpec | BooleanSpec {
  return spec.kind === 'boolean' || (spec.kind === 'numeric' && spec.bins === undefined && spec.period === undefined);
}
