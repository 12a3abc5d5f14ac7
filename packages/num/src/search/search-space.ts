import { numErrors } from '../num-errors.js';
import type { ParamSpace, SearchSpace } from './search-types.js';

interface SearchSpaceProblem {
  readonly param: string;
  /** A sentence part: "…: high is below low". */
  readonly problem: string;
}

/** @throws NUM_SEARCH_SPACE that names every problem of the space at once. */
export function checkSearchSpace(space: SearchSpace): void {
  throwProblems(searchSpaceProblems(space));
}

export function throwProblems(problems: readonly SearchSpaceProblem[]): void {
  if (problems.length === 0) return;
  const text = problems.map(({ param, problem }) => `${param}: ${problem}`).join('; ');
  throw numErrors.NUM_SEARCH_SPACE(`The search space cannot be used. ${text}.`, { data: { problems } });
}

/** What is wrong with a space, parameter by parameter; empty when it can be searched. */
function searchSpaceProblems(space: SearchSpace): SearchSpaceProblem[] {
  const names = Object.keys(space).sort();
  if (names.length === 0) return [{ param: 'space', problem: 'it has no parameter' }];
  return names.flatMap((param) => {
    if (param === '' || param === '__proto__') return [{ param, problem: 'this is no name for a parameter' }];
    const found = [...valueProblems(space[param]), ...conditionProblems(space, param)];
    return found.map((problem) => ({ param, problem }));
  });
}

function valueProblems(space: ParamSpace): string[] {
  if (space.kind === 'categorical') {
    if (space.choices.length === 0) return ['choices are empty'];
    if (new Set(space.choices).size < space.choices.length) return ['choices repeat a value'];
    return space.choices.some((choice) => typeof choice === 'number' && !Number.isFinite(choice))
      ? ['a choice is not finite']
      : [];
  }
  const { low, high, step, log } = space;
  if (!Number.isFinite(low) || !Number.isFinite(high)) return ['low and high must be finite numbers'];
  const problems: string[] = [];
  if (high < low) problems.push(`high (${high}) is below low (${low})`);
  if (!Number.isFinite(high - low)) problems.push('high − low is not finite');
  if (log && low <= 0) problems.push(`log needs low above 0, not ${low}`);
  if (step !== undefined && !(step > 0 && Number.isFinite(step))) problems.push(`step (${step}) must be above 0`);
  if (log && step !== undefined && (space.kind === 'float' || step !== 1))
    problems.push('log and step exclude each other');
  if (space.kind === 'int') {
    if (![low, high, step ?? 1].every(Number.isSafeInteger))
      problems.push('low, high and step of an int must be integers');
  }
  return problems;
}

function conditionProblems(space: SearchSpace, param: string): string[] {
  const { when } = space[param];
  if (when === undefined) return [];
  if (!Object.hasOwn(space, when.param)) return [`when names ${when.param}, which is no parameter of this space`];
  if (when.in.length === 0) return ['when allows no value'];
  const parent = space[when.param];
  if (parent.kind === 'categorical') {
    const strange = when.in.filter((value) => !parent.choices.includes(value));
    if (strange.length > 0)
      return [`${when.param} can never be ${strange.map((value) => JSON.stringify(value)).join(', ')}`];
  }
  const seen = new Set([param]);
  for (let at: string | undefined = when.param; at !== undefined; at = space[at]?.when?.param) {
    if (seen.has(at)) return [`its condition depends on itself through ${at}`];
    seen.add(at);
  }
  return [];
}
