import { isFairleadError } from '@fairlead/kernel';
import {
  createStudy,
  findTrainer,
  type ParamSpace,
  paramProblems,
  parseSearchSpace,
  type SearchSpace,
  type StudySpec,
  type Task,
  type TrainerDefinition,
} from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import { higherIsBetter, metricsOf } from './engine/selection-rules.js';
import type { SearchSpec, SelectionMetric } from './training-types.js';

export interface StudyRequest {
  readonly search: SearchSpec;
  readonly metric: SelectionMetric;
  readonly seed: number;
}

/** What the study of one trainer works towards, the selection metric first: pruners read it alone. */
export function objectivesOf({ objectives = [] }: SearchSpec, metric: SelectionMetric): SelectionMetric[] {
  return [metric, ...objectives.filter((one) => one !== metric)];
}

/** The study that searches the parameters of one trainer; those of `base` stay as they are. */
export function studySpecOf(base: Candidate, { search, metric, seed }: StudyRequest): StudySpec {
  const { sampler, pruner, trials: maxTrials, enqueue, stop } = search;
  const own = findTrainer(base.trainer)?.searchSpace ?? {};
  const given = search.space ?? search.spaces?.[base.trainer];
  const space = given ?? Object.fromEntries(Object.entries(own).filter(([name]) => !(name in base.params)));
  return {
    ...{ space, sampler, seed, stop: { ...stop, maxTrials } },
    directions: objectivesOf(search, metric).map((one) => (higherIsBetter(one) ? 'maximise' : 'minimise')),
    ...(pruner && { pruner }),
    ...(enqueue && { enqueued: enqueue }),
  };
}

/** A search whose spaces are as people write them. */
export interface WrittenSearch extends Omit<SearchSpec, 'space' | 'spaces'> {
  readonly space?: unknown;
  readonly spaces?: Readonly<Record<string, unknown>>;
}

/** The search with its spaces read, or what is wrong with them. */
export function readSearch({
  space,
  spaces,
  ...search
}: WrittenSearch): { readonly search: SearchSpec } | { readonly problems: string[] } {
  const problems: string[] = [];
  const read = (at: string, written: unknown): SearchSpace => {
    const parsed = attempt(() => parseSearchSpace(written));
    if ('value' in parsed) return parsed.value;
    problems.push(`${at}: ${parsed.problem}`);
    return {};
  };
  const one = space === undefined ? {} : { space: read('search.space', space) };
  const many = Object.entries(spaces ?? {}).map(([name, own]) => [name, read(`search.spaces.${name}`, own)] as const);
  if (problems.length > 0) return { problems };
  return { search: { ...search, ...one, ...(spaces && { spaces: Object.fromEntries(many) }) } };
}

/** What is wrong with a search, in words that name the member; empty when it can be done. */
export function searchProblems(
  search: SearchSpec,
  { candidates, metric, task }: { candidates: readonly Candidate[]; metric: SelectionMetric | undefined; task?: Task },
): string[] {
  if (metric === undefined) return ['search: nothing is searched for without a metric'];
  const problems = [...objectiveProblems(search, metric, task), ...trainerProblems(search, candidates)];
  if (problems.length > 0) return problems;
  const found = candidates.flatMap((base) => studyProblems(base, { search, metric, seed: 0 }));
  return [...new Set(found)];
}

function objectiveProblems({ objectives }: SearchSpec, metric: SelectionMetric, task: Task | undefined): string[] {
  if (objectives === undefined) return [];
  const problems: string[] = [];
  if (!objectives.includes(metric)) problems.push(`search.objectives: the metric ${metric} is not among them`);
  if (new Set(objectives).size < objectives.length) problems.push('search.objectives: one stands there twice');
  const known = task === undefined ? objectives : metricsOf(task);
  for (const one of objectives) {
    if (!known.includes(one)) problems.push(`search.objectives: ${one} does not judge ${task}`);
  }
  return problems;
}

/** A space belongs to one trainer, whose parameters and values it must name. */
function trainerProblems({ space, spaces = {}, enqueue }: SearchSpec, candidates: readonly Candidate[]): string[] {
  const trainers = [...new Set(candidates.map(({ trainer }) => trainer))];
  const members = [...(space ? ['space'] : []), ...(enqueue ? ['enqueue'] : [])];
  if (trainers.length > 1 && members.length > 0) {
    return members.map((name) => `search.${name}: it belongs to one trainer, but there are ${trainers.join(', ')}`);
  }
  if (space && Object.keys(spaces).length > 0) return ['search.spaces: name either space or spaces'];
  const strange = Object.keys(spaces).filter((name) => !trainers.includes(name));
  if (strange.length > 0) return strange.map((name) => `search.spaces.${name}: it is no trainer among the candidates`);
  const given = space ? [['search.space', trainers[0] ?? '', space] as const] : [];
  const named = Object.entries(spaces).map(([name, one]) => [`search.spaces.${name}`, name, one] as const);
  return [...given, ...named].flatMap(([at, name, one]) =>
    spaceProblems(one, { at, fixed: candidates.filter(({ trainer }) => trainer === name), trainer: findTrainer(name) }),
  );
}

function spaceProblems(
  given: SearchSpace,
  { at, fixed, trainer }: { at: string; fixed: readonly Candidate[]; trainer: TrainerDefinition | undefined },
): string[] {
  if (trainer === undefined) return [];
  const parsed = attempt(() => parseSearchSpace(given));
  if ('problem' in parsed) return [`${at}: ${parsed.problem}`];
  return Object.entries(parsed.value).flatMap(([name, space]) => {
    if (fixed.some(({ params }) => name in params)) return [`${at}.${name}: the candidate fixes it already`];
    const wrong = edgesOf(space).flatMap((value) => paramProblems(trainer, { [name]: value }));
    return [...new Set(wrong)].map((problem) => `${at}.${problem}`);
  });
}

function edgesOf(space: ParamSpace) {
  return space.kind === 'categorical' ? space.choices : [space.low, space.high];
}

/** What only the study itself can tell: samplers and spaces that do not go together, warm starts outside the space. */
function studyProblems(base: Candidate, request: StudyRequest): string[] {
  const spec = studySpecOf(base, request);
  if (Object.keys(spec.space).length === 0) {
    return [`search: ${base.trainer} has no parameter left to search; give it a space or fewer values`];
  }
  const { enqueued, ...plain } = spec;
  const cold = attempt(() => createStudy({ ...plain, stop: { maxTrials: 1 } }));
  if ('problem' in cold)
    return [`search.${cold.code === 'NUM_SEARCH_SPACE' ? 'space' : 'sampler or pruner'}: ${cold.problem}`];
  const stopped = attempt(() => createStudy(plain));
  if ('problem' in stopped) return [`search.stop: ${stopped.problem}`];
  const warm = attempt(() => createStudy(spec));
  return 'problem' in warm && enqueued ? [`search.enqueue: ${warm.problem}`] : [];
}

type Attempt<T> = { readonly value: T } | { readonly problem: string; readonly code: string };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (!isFairleadError(error) || error.fault !== 'user') throw error;
    return { problem: error.message.replace(/\.$/, ''), code: error.code };
  }
}
