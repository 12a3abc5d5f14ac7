import { type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { createRng } from '../../random/rng.js';
import { camelCaseParams, paramProblems, writtenValues } from '../param-rules.js';
import type { ParamRule, Params, WrittenParam } from '../param-types.js';
import type { ClassificationContext, FitContext, TrainerDefinition } from '../trainer-definition.js';
import type { FittedClassifierBase, FittedRegressorBase } from '../trainer-types.js';

/** Finds a trainer by its name; the catalogue gives it, since it lists the ensembles too. */
export type FindTrainer = (name: string) => TrainerDefinition | undefined;

/** A trainer inside of another, with its parameters. */
export interface BaseTrainer {
  readonly definition: TrainerDefinition;
  readonly params: Params;
}

/**
 * Names of trainers, or an object with the parameters of each: {"random-forest": {"maxDepth": 5}, "ridge": {}}. With
 * `trainer` among the parameters the key is a name of one's own, so that a trainer may stand there twice. It travels as
 * text, since parameters are plain values that every search and file can hold.
 */
export function estimatorsParam(fallback: string, find: FindTrainer): ParamRule {
  return {
    fallback,
    expected:
      'names of trainers, as in ["random-forest", "svc"], or {"random-forest": {"maxDepth": 5}, "own name": {"trainer": "svc"}}',
    problemsWithin: (value) => problemsOf(find, parseEstimators(String(value))),
    textOf: (written) => {
      if (!Array.isArray(written)) return JSON.stringify(written);
      return written.every(isName) ? written.join(',') : undefined;
    },
    accepts: (value) => typeof value === 'string' && parseEstimators(value) !== undefined,
  };
}

/** One trainer: its name, or an object of its name and parameters. */
export function estimatorParam(fallback: string, find: FindTrainer): ParamRule {
  return {
    fallback,
    problemsWithin: (value) => problemsOf(find, parseEstimators(String(value))),
    expected: 'the name of a trainer, or {"random-forest": {"maxDepth": 5}}',
    textOf: (written) => (Array.isArray(written) ? undefined : JSON.stringify(written)),
    accepts: (value) => typeof value === 'string' && parseEstimators(value)?.size === 1,
  };
}

const isName = (value: unknown) => typeof value === 'string' && !/[,{]/.test(value);

/** Parameters by name of the trainer, beside a list of names; those of an own name are judged with the list. */
export function estimatorParamsParam(find: FindTrainer): ParamRule {
  return {
    fallback: null,
    problemsWithin: (value) => {
      const given = Object.entries(value === null ? {} : (parseParams(String(value)) ?? {}));
      return problemsOf(find, new Map(given.filter(([name]) => find(name) !== undefined)));
    },
    expected: 'an object like {"random-forest": {"maxDepth": 5}}, or null',
    textOf: (written) => (Array.isArray(written) ? undefined : JSON.stringify(written)),
    accepts: (value) => value === null || (typeof value === 'string' && parseParams(value) !== undefined),
  };
}

type WrittenParams = Readonly<Record<string, WrittenParam>>;

function parseEstimators(text: string): Map<string, WrittenParams> | undefined {
  const named = text.trim().startsWith('{') ? parseParams(text) : undefined;
  if (named !== undefined) return Object.keys(named).length > 0 ? new Map(Object.entries(named)) : undefined;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length > 0 ? new Map(names.map((name) => [name, {}])) : undefined;
}

function parseParams(text: string): Record<string, WrittenParams> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
    const ok = isObject(parsed) && Object.values(parsed as object).every(isObject);
    return ok ? (parsed as Record<string, WrittenParams>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The trainers that `estimators` lists, with the parameters that stand there or in `params`, both as text; parameters may be
 * in scikit-learn's spelling.
 *
 * @throws NUM_RANGE when one is unknown, cannot do the task or refuses its parameters.
 */
export function baseTrainers(
  find: FindTrainer,
  text: { estimators: string; params: string | null },
  task: 'classify' | 'regress',
): BaseTrainer[] {
  const listed = parseEstimators(text.estimators) ?? new Map<string, WrittenParams>();
  const given = text.params === null ? {} : (parseParams(text.params) ?? {});
  const stray = Object.keys(given).find((name) => !listed.has(name));
  if (stray !== undefined) {
    throw numErrors.NUM_RANGE(
      `There are parameters for ${stray}, which is not among ${[...listed.keys()].join(', ')}.`,
    );
  }
  return [...listed].map(([name, own]) => {
    const { trainer, definition, written } = lookUp(find, name, { ...own, ...given[name] });
    if (!definition?.[task])
      throw numErrors.NUM_RANGE(`There is no trainer ${trainer} that can ${task}.`, { data: { name } });
    const params = plainParams(definition, written);
    const problems = paramProblems(definition, params);
    if (problems.length > 0)
      throw numErrors.NUM_RANGE(`${name} cannot be fitted: ${problems.join('; ')}.`, { data: { name } });
    return { definition, params };
  });
}

/** The trainer that an entry means, by its member `trainer` or else by its name, and the entry's parameters. */
function lookUp(find: FindTrainer, name: string, { trainer: own, ...written }: WrittenParams) {
  const trainer = typeof own === 'string' ? own : name;
  return { trainer, definition: find(trainer), written };
}

/** What no fit could use, by path: unknown trainers, and parameters that they refuse. */
function problemsOf(find: FindTrainer, listed: ReadonlyMap<string, WrittenParams> = new Map()): string[] {
  return [...listed].flatMap(([name, own]) => {
    const { trainer, definition, written } = lookUp(find, name, own);
    if (definition === undefined) return [`${name}: there is no trainer '${trainer}'`];
    return paramProblems(definition, plainParams(definition, written)).map((problem) => `${name}.${problem}`);
  });
}

/** One value each: there is no grid inside of an ensemble, and a list of values is handed on to be refused. */
function plainParams({ params: rules }: TrainerDefinition, written: WrittenParams): Params {
  const named = Object.entries(camelCaseParams(written)).map(([name, value]) => {
    const values = writtenValues(Object.hasOwn(rules, name) ? rules[name] : undefined, value);
    return [name, values.length === 1 ? values[0] : value];
  });
  return Object.fromEntries(named) as Params;
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
