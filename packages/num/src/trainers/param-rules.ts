import type { ParamRule, Params, ParamValue, WrittenParam } from './param-types.js';
import type { TrainerDefinition } from './trainer-definition.js';

/** An integer in [min, max]. */
export function integerParam(fallback: number | null, min: number, max = Number.MAX_SAFE_INTEGER): ParamRule {
  const expected = max === Number.MAX_SAFE_INTEGER ? `an integer from ${min}` : `an integer from ${min} to ${max}`;
  return {
    fallback,
    expected: fallback === null ? `${expected}, or null` : expected,
    accepts: (value) => (value === null ? fallback === null : Number.isSafeInteger(value) && within(value, min, max)),
  };
}

/** A number in [min, max]; with `above`, in (min, max]. */
export function numberParam(fallback: number | null, range: { min?: number; above?: number; max?: number }): ParamRule {
  const { min = range.above ?? Number.NEGATIVE_INFINITY, above, max = Number.POSITIVE_INFINITY } = range;
  const lower = above === undefined ? `from ${min}` : `above ${above}`;
  const expected = `a number ${lower}${max === Number.POSITIVE_INFINITY ? '' : ` to ${max}`}`;
  return {
    fallback,
    expected: fallback === null ? `${expected}, or null` : expected,
    accepts: (value) =>
      value === null
        ? fallback === null
        : within(value, min, max) && (above === undefined || (value as number) > above),
  };
}

/** One of some texts, numbers or null. */
export function choiceParam(fallback: ParamValue, choices: readonly ParamValue[]): ParamRule {
  return {
    fallback,
    expected: choices
      .map((choice) => JSON.stringify(choice))
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
    accepts: (value) => choices.includes(value),
  };
}

export function booleanParam(fallback: boolean): ParamRule {
  return { fallback, expected: 'true or false', accepts: (value) => typeof value === 'boolean' };
}

/** Accepts what any of the rules accepts; the first one's fallback counts. */
export function eitherParam(first: ParamRule, second: ParamRule): ParamRule {
  return {
    fallback: first.fallback,
    expected: `${first.expected}, or ${second.expected}`,
    accepts: (value) => first.accepts(value) || second.accepts(value),
  };
}

export const classWeightParam = choiceParam(null, ['balanced', null]);

function within(value: ParamValue, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
}

/** What is wrong with the parameters, one sentence part each; empty when the trainer can be fitted with them. */
export function paramProblems(trainer: TrainerDefinition, params: Params): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    const rule = Object.hasOwn(trainer.params, name) ? trainer.params[name] : undefined;
    if (rule === undefined) {
      const known = Object.keys(trainer.params).join(', ') || 'none';
      problems.push(`${name}: ${trainer.name} has no such parameter; it has ${known}`);
    } else if (!rule.accepts(value)) {
      problems.push(`${name}: ${JSON.stringify(value)} is not ${rule.expected}`);
    } else {
      for (const problem of rule.problemsWithin?.(value) ?? []) problems.push(`${name}.${problem}`);
    }
  }
  return problems;
}

/**
 * The values to try that a written parameter stands for: a list is a grid, unless the parameter itself is a list: then it
 * is one value, and a list of lists is the grid. What fits no form is handed on for {@link paramProblems} to name.
 */
export function writtenValues(rule: ParamRule | undefined, written: WrittenParam): readonly ParamValue[] {
  const one = (value: WrittenParam): ParamValue =>
    (typeof value === 'object' && value !== null ? (rule?.textOf?.(value) ?? value) : value) as ParamValue;
  const whole = one(written);
  return Array.isArray(whole) ? whole.map(one) : [whole];
}

/** `n_estimators` and `C` as `nEstimators` and `c`: parameters copied from a scikit-learn script mean the same here. */
export function camelCaseParams<V>(params: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [camelCase(name), value]));
}

function camelCase(name: string): string {
  const joined = name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

/** The parameters that are not null, as the options of a fit: they were checked by {@link paramProblems} at the border. */
export function givenParams<Options extends object>(params: Params): Options {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null)) as Options;
}
