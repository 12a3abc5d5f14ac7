import type { ParamValue } from '../trainers/param-types.js';
import { checkSearchSpace, throwProblems } from './search-space.js';
import type { ParamSpace, SearchSpace } from './search-types.js';

type Json = Readonly<Record<string, unknown>>;

const KEYS = ['kind', 'low', 'high', 'log', 'step', 'choices', 'when'];

/**
 * A space as people write it in YAML or on the command line:
 *
 * - `[rbf, linear]`: categorical; `5` or `auto`: that value alone;
 * - `{low: 1, high: 9}`: an integer when low, high and step are integers, otherwise a float; `kind: float` or
 *   `kind: int` decides against that; `log: true` and `step` as in {@link ParamSpace};
 * - `{choices: […], when: {kernel: rbf}}`: only with that value of `kernel`, or one of a list of values.
 *
 * What `SearchSpace` itself allows is understood as it stands.
 *
 * @example parseSearchSpace({ c: { low: 0.001, high: 1000, log: true }, kernel: ['rbf', 'linear'] })
 * @throws NUM_SEARCH_SPACE that names every problem at once.
 */
export function parseSearchSpace(json: unknown): SearchSpace {
  if (!isObject(json)) {
    throwProblems([{ param: 'space', problem: 'it must be an object of parameters by name' }]);
    return {};
  }
  // Without a prototype, a parameter named __proto__ is one like any other until the check refuses it.
  const space: Record<string, ParamSpace> = Object.create(null);
  const problems: { param: string; problem: string }[] = [];
  for (const [param, value] of Object.entries(json)) {
    const parsed = parseParam(value);
    if (typeof parsed === 'string') problems.push({ param, problem: parsed });
    else space[param] = parsed;
  }
  throwProblems(problems);
  checkSearchSpace(space);
  return { ...space };
}

/** The parameter, or what is wrong with it. */
function parseParam(json: unknown): ParamSpace | string {
  if (isValue(json)) return { kind: 'categorical', choices: [json] };
  if (Array.isArray(json)) return parseChoices(json);
  if (!isObject(json)) return 'it must be a list of choices, one value, or an object with low and high';
  const strange = Object.keys(json).filter((key) => !KEYS.includes(key));
  if (strange.length > 0) return `${strange.join(', ')} is unknown; known are ${KEYS.join(', ')}`;
  const range = 'choices' in json ? parseChoices(json.choices) : parseRange(json);
  if (typeof range === 'string' || json.when === undefined) return range;
  const when = parseCondition(json.when);
  return typeof when === 'string' ? when : { ...range, when };
}

function parseChoices(json: unknown): ParamSpace | string {
  if (!Array.isArray(json) || !json.every(isValue))
    return 'choices must be a list of texts, numbers, true, false or null';
  return { kind: 'categorical', choices: json };
}

function parseRange(json: Json): ParamSpace | string {
  const { kind, low, high, log = false, step } = json;
  if (kind !== undefined && kind !== 'int' && kind !== 'float')
    return 'kind must be int or float, or choices must be given';
  if (typeof low !== 'number' || typeof high !== 'number')
    return 'low and high must be numbers, or choices must be given';
  if (typeof log !== 'boolean') return 'log must be true or false';
  if (step !== undefined && typeof step !== 'number') return 'step must be a number';
  const whole = [low, high, step ?? 1].every(Number.isSafeInteger);
  const range = { low, high, ...(log && { log }), ...(step !== undefined && { step }) };
  return { kind: kind ?? (whole ? 'int' : 'float'), ...range };
}

function parseCondition(json: unknown): NonNullable<ParamSpace['when']> | string {
  const wrong = 'when must name one parameter and its values, for example {kernel: [rbf, poly]}';
  if (!isObject(json)) return wrong;
  const isExact = Object.keys(json).sort().join() === 'in,param' && typeof json.param === 'string';
  const entries = isExact ? [[json.param as string, json.in] as const] : Object.entries(json);
  if (entries.length !== 1) return wrong;
  const [param, allowed] = entries[0];
  const values = Array.isArray(allowed) ? allowed : [allowed];
  return values.every(isValue) ? { param, in: values } : wrong;
}

function isValue(value: unknown): value is ParamValue {
  return value === null || ['number', 'string', 'boolean'].includes(typeof value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
