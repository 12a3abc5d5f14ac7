import { columnOf, type Table } from '@fairlead/frame';
import { findTrainer, type PreprocessSpec, preprocessProblems } from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import { trainingErrors } from './training-errors.js';

/** The kinds of column that a block can read. */
const READS: Readonly<Record<PreprocessSpec['columns'][number]['kind'], readonly string[]>> = {
  numeric: ['float64'],
  boolean: ['boolean'],
  category: ['string', 'float64', 'boolean'],
  text: ['string'],
  date: ['timestamp'],
};

/** The columns that a specification reads, each once, in its order. */
export function preprocessColumns({ columns }: PreprocessSpec): string[] {
  return [...new Set(columns.map(({ name }) => name))];
}

export interface GivenPreprocessing {
  readonly spec: PreprocessSpec;
  /** Named beside the specification; then both must name the same columns. */
  readonly features: readonly string[] | undefined;
  readonly candidates: readonly Candidate[];
}

/**
 * Refuses a specification that no fit could use, before one begins: everything that is wrong at once, with the path of
 * each member.
 *
 * @throws TRN_PREPROCESS_INVALID
 */
export function checkPreprocess(table: Table, { spec, features, candidates }: GivenPreprocessing): void {
  const shape = preprocessProblems(spec);
  const problems =
    shape.length > 0
      ? shape
      : [...columnProblems(table, spec), ...featureProblems(spec, features), ...gapProblems(spec, candidates)];
  if (problems.length === 0) return;
  const text = problems.map((problem) => `preprocess.${problem}`);
  throw trainingErrors.TRN_PREPROCESS_INVALID(`${text.join('; ')}.`, { data: { problems: text } });
}

function columnProblems(table: Table, { columns }: PreprocessSpec): string[] {
  return columns.flatMap(({ name, kind }, i) => {
    if (!table.columns.has(name)) {
      return [`columns.${i}.name: there is no column ${name}; there are ${[...table.columns.keys()].join(', ')}`];
    }
    const found = columnOf(table, name).kind;
    if (READS[kind].includes(found)) return [];
    return [`columns.${i}.kind: ${name} is ${found}, but ${kind} reads ${READS[kind].join(' or ')}`];
  });
}

function featureProblems(spec: PreprocessSpec, features: readonly string[] | undefined): string[] {
  if (features === undefined) return [];
  const named = preprocessColumns(spec);
  const without = features.filter((name) => !named.includes(name));
  const surplus = named.filter((name) => !features.includes(name));
  return [
    ...without.map((name) => `columns: the feature ${name} has no block`),
    ...surplus.map((name) => `columns: ${name} is not among the features`),
  ];
}

/** A gap that stays one would break a trainer that cannot read it, if not in training then in service. */
function gapProblems({ columns }: PreprocessSpec, candidates: readonly Candidate[]): string[] {
  const strict = [...new Set(candidates.map(({ trainer }) => trainer))].filter(
    (name) => findTrainer(name)?.needs.missing === 'impute',
  );
  if (strict.length === 0) return [];
  return columns.flatMap((block, i) =>
    'impute' in block && block.impute === 'none'
      ? [`columns.${i}.impute: ${strict.join(', ')} cannot read a missing value`]
      : [],
  );
}
