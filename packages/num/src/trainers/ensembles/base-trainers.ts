import { type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { createRng } from '../../random/rng.js';
import { paramProblems } from '../param-rules.js';
import type { ParamRule, Params } from '../param-types.js';
import type { ClassificationContext, FitContext, TrainerDefinition } from '../trainer-definition.js';
import type { FittedClassifierBase, FittedRegressorBase } from '../trainer-types.js';

/** Finds a trainer by its name; the catalogue gives it, since it lists the ensembles too. */
export type FindTrainer = (name: string) => TrainerDefinition | undefined;

/** A trainer inside of another, with its parameters. */
export interface BaseTrainer {
  readonly definition: TrainerDefinition;
  readonly params: Params;
}

/** Names of trainers, separated by commas: parameters are plain values, so that every search and file can hold them. */
export function estimatorsParam(fallback: string): ParamRule {
  return {
    fallback,
    expected: 'names of trainers separated by commas',
    accepts: (value) => typeof value === 'string' && namesOf(value).length > 0,
  };
}

/** JSON text: parameters by name of the trainer. */
export function estimatorParamsParam(): ParamRule {
  return {
    fallback: null,
    expected: 'JSON text like {"random-forest":{"maxDepth":5}}, or null',
    accepts: (value) => value === null || (typeof value === 'string' && parseParams(value) !== undefined),
  };
}

function namesOf(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function parseParams(text: string): Record<string, Params> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
    const ok = isObject(parsed) && Object.values(parsed as object).every(isObject);
    return ok ? (parsed as Record<string, Params>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The trainers that `names` lists, with their parameters from the JSON text `paramsText`.
 *
 * @throws NUM_RANGE when one is unknown, cannot do the task or refuses its parameters.
 */
export function baseTrainers(
  find: FindTrainer,
  text: { names: string; params: string | null },
  task: 'classify' | 'regress',
): BaseTrainer[] {
  const given = text.params === null ? {} : (parseParams(text.params) ?? {});
  const names = namesOf(text.names);
  const stray = Object.keys(given).find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw numErrors.NUM_RANGE(`There are parameters for ${stray}, which is not among ${names.join(', ')}.`);
  }
  return names.map((name) => {
    const definition = find(name);
    if (!definition?.[task])
      throw numErrors.NUM_RANGE(`There is no trainer ${name} that can ${task}.`, { data: { name } });
    const params = given[name] ?? {};
    const problems = paramProblems(definition, params);
    if (problems.length > 0)
      throw numErrors.NUM_RANGE(`${name} cannot be fitted: ${problems.join('; ')}.`, { data: { name } });
    return { definition, params };
  });
}

/** Seed, weights and progress of one fit among several; `rows` when it sees some rows only. */
export interface PartContext {
  readonly label: string;
  /** Place among all fits, for the progress. */
  readonly part: number;
  readonly parts: number;
  readonly rows?: Int32Array;
}

function partContext<C extends FitContext>(context: C, { label, part, parts, rows }: PartContext): C {
  const { onProgress, sampleWeight } = context;
  return {
    ...context,
    seed: createRng(context.seed).fork(label).int(0x100000000),
    ...(onProgress && { onProgress: (ratio: number) => onProgress((part + ratio) / parts) }),
    ...(sampleWeight && rows && { sampleWeight: Float64Array.from(rows, (row) => sampleWeight[row]) }),
  };
}

export function classifyPart(
  { definition, params }: BaseTrainer,
  data: { x: FeatureMatrix; y: Int32Array },
  context: ClassificationContext,
  part: PartContext,
): FittedClassifierBase {
  const { x, y } = data;
  const { rows } = part;
  const own = rows ? selectMatrixRows(x, rows) : x;
  const targets = rows ? Int32Array.from(rows, (row) => y[row]) : y;
  return (definition.classify as NonNullable<TrainerDefinition['classify']>)(
    own,
    targets,
    params,
    partContext(context, part),
  );
}

export function regressPart(
  { definition, params }: BaseTrainer,
  data: { x: FeatureMatrix; y: Float64Array },
  context: FitContext,
  part: PartContext,
): FittedRegressorBase {
  const { x, y } = data;
  const { rows } = part;
  const own = rows ? selectMatrixRows(x, rows) : x;
  const targets = rows ? Float64Array.from(rows, (row) => y[row]) : y;
  return (definition.regress as NonNullable<TrainerDefinition['regress']>)(
    own,
    targets,
    params,
    partContext(context, part),
  );
}

/** All values at which any of the models jumps, by feature. */
export function jointThresholds(
  models: readonly (FittedClassifierBase | FittedRegressorBase)[],
  featureCount: number,
): ArrayLike<number>[] {
  const lists: number[][] = Array.from({ length: featureCount }, () => []);
  for (const model of models) {
    model.thresholds?.().forEach((values, f) => {
      for (let i = 0; i < values.length; i++) lists[f].push(values[i]);
    });
  }
  return lists;
}
