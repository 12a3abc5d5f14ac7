import type { CandidateSpec, TrainerName } from './training-types.js';

export type ParamValue = number | string | boolean | null;

/** One trainer with one value per parameter. */
export interface Candidate {
  readonly trainer: TrainerName;
  readonly params: Readonly<Record<string, ParamValue>>;
}

interface ParamRule {
  readonly accepts: (value: ParamValue) => boolean;
  readonly expected: string;
}

const isInteger =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (value: ParamValue) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
const integer = (min: number, max?: number): ParamRule => ({
  accepts: isInteger(min, max),
  expected: max === undefined ? `an integer from ${min}` : `an integer from ${min} to ${max}`,
});
const classWeight: ParamRule = {
  accepts: (value) => value === null || value === 'balanced',
  expected: 'balanced or null',
};

/** The parameters of each trainer; the names and defaults are those of packages/num. */
const TRAINER_PARAMS: Readonly<Record<TrainerName, Readonly<Record<string, ParamRule>>>> = {
  'logistic-regression': {
    c: {
      accepts: (value) => typeof value === 'number' && value > 0 && value <= 1e9,
      expected: 'a number above 0, at most 1e9',
    },
    maxIterations: integer(1, 100_000),
    classWeight,
  },
  'random-forest': {
    nEstimators: integer(1, 5_000),
    maxDepth: {
      accepts: (value) => value === null || isInteger(1)(value),
      expected: 'an integer from 1, or null for no limit',
    },
    minSamplesSplit: integer(2),
    minSamplesLeaf: integer(1),
    maxFeatures: {
      accepts: (value) => ['sqrt', 'log2', 'all'].includes(String(value)) || isInteger(1)(value),
      expected: 'sqrt, log2, all or an integer from 1',
    },
    bootstrap: { accepts: (value) => typeof value === 'boolean', expected: 'true or false' },
    maxBins: integer(2, 255),
    classWeight,
  },
};

export const MAX_CANDIDATES = 1000;

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** What is wrong with the candidates, in words; empty when all can be trained. */
export function candidateProblems(specs: readonly CandidateSpec[]): string[] {
  const problems: string[] = [];
  if (specs.length === 0) problems.push('candidates: at least one is needed');
  for (const [index, { trainer, params = {} }] of specs.entries()) {
    const rules = Object.hasOwn(TRAINER_PARAMS, trainer) ? TRAINER_PARAMS[trainer] : undefined;
    if (rules === undefined) {
      problems.push(`candidates.${index}: there is no trainer '${trainer}'; use ${trainerNames().join(' or ')}`);
      continue;
    }
    for (const [name, value] of Object.entries(params)) {
      const path = `candidates.${index}.params.${name}`;
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined) {
        problems.push(`${path}: ${trainer} has no such parameter; it has ${Object.keys(rules).join(', ')}`);
        continue;
      }
      const values = listOf<ParamValue>(value);
      if (values.length === 0) problems.push(`${path}: the list is empty`);
      for (const one of values) {
        if (!rule.accepts(one)) problems.push(`${path}: ${JSON.stringify(one)} is not ${rule.expected}`);
      }
    }
  }
  return problems;
}

function trainerNames(): TrainerName[] {
  return Object.keys(TRAINER_PARAMS) as TrainerName[];
}

/** How many candidates the grids have together, without expanding them. */
export function countCandidates(specs: readonly CandidateSpec[]): number {
  const sizes = specs.map(({ params = {} }) =>
    Object.values(params).reduce<number>((product, value) => product * listOf(value).length, 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Every combination of the listed values, each once. The order is that of the specs; within one, parameters by name with
 * the last varying fastest, because stored specs do not keep the order of their members.
 */
export function expandCandidates(specs: readonly CandidateSpec[]): Candidate[] {
  const seen = new Set<string>();
  const candidates: Candidate[] = [];
  for (const { trainer, params = {} } of specs) {
    let grid: Record<string, ParamValue>[] = [{}];
    for (const name of Object.keys(params).sort()) {
      const values = listOf(params[name] as ParamValue | readonly ParamValue[]);
      grid = grid.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
    }
    for (const point of grid) {
      const key = `${trainer} ${JSON.stringify(point)}`;
      if (!seen.has(key)) candidates.push({ trainer, params: point });
      seen.add(key);
    }
  }
  return candidates;
}
