import {
  type FeatureNeeds,
  findTrainer,
  type Params,
  type ParamValue,
  paramProblems,
  type Task,
  TRAINERS,
  tasksOf,
  type WrittenParam,
  writtenValues,
} from '@fairlead/num';
import type { CandidateSpec } from './training-types.js';

/** One trainer with one value per parameter. */
export interface Candidate {
  readonly trainer: string;
  readonly params: Params;
  /** What its features shall be otherwise than the trainer's needs say. */
  readonly needs?: Partial<FeatureNeeds>;
}

export const MAX_CANDIDATES = 1000;

/** The values to try that a written parameter stands for. */
function valuesOf(trainer: string, param: string, written: WrittenParam): readonly ParamValue[] {
  const rules = findTrainer(trainer)?.params ?? {};
  return writtenValues(Object.hasOwn(rules, param) ? rules[param] : undefined, written);
}

/** What is wrong with the candidates, in words; empty when all can be trained. */
export function candidateProblems(specs: readonly CandidateSpec[], task?: Task): string[] {
  const problems: string[] = [];
  if (specs.length === 0) problems.push('candidates: at least one is needed');
  for (const [index, { trainer: name, params = {} }] of specs.entries()) {
    const trainer = findTrainer(name);
    if (trainer === undefined) {
      const names = TRAINERS.map((known) => known.name).join(', ');
      problems.push(`candidates.${index}: there is no trainer '${name}'; there are ${names}`);
      continue;
    }
    if (task !== undefined && !tasksOf(trainer).includes(task)) {
      const able = TRAINERS.filter((known) => tasksOf(known).includes(task)).map((known) => known.name);
      problems.push(`candidates.${index}: ${name} cannot do ${task}; ${able.join(', ') || 'no trainer'} can`);
    }
    for (const [param, value] of Object.entries(params)) {
      const values = valuesOf(name, param, value);
      if (values.length === 0) problems.push(`candidates.${index}.params.${param}: the list is empty`);
      const found = new Set(values.flatMap((one) => paramProblems(trainer, { [param]: one })));
      for (const problem of found) problems.push(`candidates.${index}.params.${problem}`);
    }
  }
  return problems;
}

/** How many candidates the grids have together, without expanding them. */
export function countCandidates(specs: readonly CandidateSpec[]): number {
  const sizes = specs.map(({ trainer, params = {} }) =>
    Object.entries(params).reduce((product, [name, value]) => product * valuesOf(trainer, name, value).length, 1),
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
  for (const { trainer, params = {}, needs } of specs) {
    let grid: Record<string, ParamValue>[] = [{}];
    for (const name of Object.keys(params).sort()) {
      const values = valuesOf(trainer, name, params[name] as WrittenParam);
      grid = grid.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
    }
    for (const point of grid) {
      const key = `${trainer} ${JSON.stringify([point, needs])}`;
      if (!seen.has(key)) candidates.push({ trainer, params: point, ...(needs && { needs }) });
      seen.add(key);
    }
  }
  return candidates;
}
