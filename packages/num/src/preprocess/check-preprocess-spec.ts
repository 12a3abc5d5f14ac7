import { numErrors } from '../num-errors.js';
import { booleanParam, choiceParam, eitherParam, integerParam, numberParam } from '../trainers/param-rules.js';
import type { ParamRule, ParamValue } from '../trainers/param-types.js';
import type { DatePart, PreprocessSpec } from './preprocess-spec.js';

type Rules = Readonly<Record<string, ParamRule>>;

const scale = choiceParam('standard', ['standard', 'min-max', 'robust', 'none']);
const quantile = (fallback: number) => numberParam(fallback, { min: 0, max: 1 });

/** The options of every kind of block and step: for the check at the border, and for people. */
export const PREPROCESS_RULES: Readonly<Record<'columns' | 'steps', Readonly<Record<string, Rules>>>> = {
  columns: {
    numeric: {
      clipLower: quantile(0),
      clipUpper: quantile(1),
      impute: eitherParam(
        choiceParam('median', ['mean', 'median', 'most-frequent', 'none']),
        numberParam(0, { min: -3.4e38, max: 3.4e38 }),
      ),
      missingIndicator: booleanParam(false),
      scale,
      bins: integerParam(5, 2, 1000),
      binStrategy: choiceParam('quantile', ['quantile', 'uniform']),
      binEncoding: choiceParam('codes', ['codes', 'one-hot']),
      period: numberParam(24, { above: 0 }),
    },
    boolean: {
      impute: choiceParam('most-frequent', ['most-frequent', 'none']),
      missingIndicator: booleanParam(false),
    },
    category: {
      encoding: choiceParam('auto', ['auto', 'one-hot', 'codes', 'frequency', 'target']),
      maxCategories: integerParam(256, 1),
      minFrequency: numberParam(0, { min: 0 }),
      unknown: choiceParam('infrequent', ['infrequent', 'zeros']),
      drop: choiceParam('none', ['first', 'none']),
      smoothing: eitherParam(choiceParam('auto', ['auto']), numberParam(0, { min: 0 })),
      folds: integerParam(5, 2),
      scale,
    },
    text: {
      method: choiceParam('tf-idf', ['tf-idf', 'hashing']),
      tokens: choiceParam('words', ['words', 'characters']),
      lowercase: booleanParam(true),
      ngramMin: integerParam(1, 1, 8),
      ngramMax: integerParam(1, 1, 8),
      maxFeatures: integerParam(200, 1, 20000),
      minFrequency: integerParam(1, 1),
      buckets: choiceParam(
        256,
        Array.from({ length: 14 }, (_, bit) => 2 ** (bit + 1)),
      ),
    },
    date: {
      cyclical: booleanParam(false),
      impute: choiceParam('most-frequent', ['most-frequent', 'median', 'none']),
      missingIndicator: booleanParam(false),
      scale,
    },
  },
  steps: {
    polynomial: { degree: integerParam(2, 2, 6), interactionOnly: booleanParam(false) },
    select: {
      method: choiceParam('variance', ['variance', 'f-test', 'mutual-information']),
      threshold: numberParam(0, { min: 0 }),
      k: integerParam(10, 1),
    },
    scale: { method: scale },
    pca: { components: numberParam(2, { above: 0 }) },
  },
};

const DATE_PARTS: readonly DatePart[] = [
  'year',
  'month',
  'day',
  'weekday',
  'hour',
  'minute',
  'day-of-year',
  'week',
  'is-weekend',
];

/** What is wrong with a specification as it came from a file, one sentence part each; empty when it can be fitted. */
export function preprocessProblems(spec: unknown): string[] {
  if (!isRecord(spec) || !Array.isArray(spec.columns)) return ['columns: a list of columns is needed'];
  const problems = unknownMembers(spec, ['columns', 'steps'], '');
  if (spec.columns.length === 0) problems.push('columns: at least one is needed');
  spec.columns.forEach((column, i) => {
    problems.push(...blockProblems(column, { at: `columns.${i}`, member: 'kind', rules: PREPROCESS_RULES.columns }));
  });
  if (spec.steps !== undefined && !Array.isArray(spec.steps)) problems.push('steps: not a list');
  (Array.isArray(spec.steps) ? spec.steps : []).forEach((step, i) => {
    problems.push(...blockProblems(step, { at: `steps.${i}`, member: 'step', rules: PREPROCESS_RULES.steps }));
  });
  return problems;
}

/**
 * A specification as it was read from JSON or YAML, which may be anything.
 *
 * @throws NUM_RANGE with everything that is wrong, each with the path of its member
 */
export function parsePreprocessSpec(json: unknown): PreprocessSpec {
  const problems = preprocessProblems(json);
  if (problems.length === 0) return json as PreprocessSpec;
  throw numErrors.NUM_RANGE(`Preprocessing cannot be fitted: ${problems.join('; ')}.`, { data: { problems } });
}

function blockProblems(
  block: unknown,
  { at, member, rules }: { at: string; member: 'kind' | 'step'; rules: Readonly<Record<string, Rules>> },
): string[] {
  if (!isRecord(block)) return [`${at}: not an object`];
  const kind = String(block[member]);
  const known = Object.hasOwn(rules, kind) ? rules[kind] : undefined;
  if (known === undefined) return [`${at}.${member}: "${kind}" is not one of ${Object.keys(rules).join(', ')}`];
  const named = member === 'kind' ? ['kind', 'name'] : ['step'];
  const lists = kind === 'date' ? ['parts'] : [];
  const problems = unknownMembers(block, [...named, ...lists, ...Object.keys(known)], `${at}.`);
  if (member === 'kind' && typeof block.name !== 'string') problems.push(`${at}.name: the name of a column is needed`);
  for (const [name, rule] of Object.entries(known)) {
    const value = block[name];
    if (value === undefined || rule.accepts(value as ParamValue)) continue;
    problems.push(`${at}.${name}: ${JSON.stringify(value)} is not ${rule.expected}`);
  }
  return [...problems, ...contradictions(block, at)];
}

/** Options that are right alone and wrong together. */
function contradictions(block: Record<string, unknown>, at: string): string[] {
  const problems: string[] = [];
  const { kind, bins, period, impute, scale: asked, clipLower = 0, clipUpper = 1, ngramMin = 1, ngramMax = 1 } = block;
  if (kind === 'numeric') {
    if (bins !== undefined && period !== undefined) problems.push(`${at}: bins and period exclude each other`);
    const replaced = bins !== undefined || period !== undefined;
    if (replaced && asked !== undefined && asked !== 'none')
      problems.push(`${at}.scale: bins and period are not scaled`);
    if (bins !== undefined && impute === 'none') problems.push(`${at}.impute: a missing number has no bin`);
    if ((clipLower as number) >= (clipUpper as number)) problems.push(`${at}.clipUpper: not above clipLower`);
  }
  if (kind === 'text' && (ngramMax as number) < (ngramMin as number)) problems.push(`${at}.ngramMax: below ngramMin`);
  if (kind === 'date' && block.parts !== undefined) problems.push(...partProblems(block.parts, `${at}.parts`));
  if (block.step === 'pca' && (block.components as number) > 1 && !Number.isInteger(block.components)) {
    problems.push(`${at}.components: neither a whole number nor a share below 1`);
  }
  return problems;
}

function partProblems(parts: unknown, at: string): string[] {
  if (!Array.isArray(parts) || parts.length === 0) return [`${at}: a list of ${DATE_PARTS.join(', ')} is needed`];
  const wrong = parts.filter((part, i) => !DATE_PARTS.includes(part) || parts.indexOf(part) !== i);
  return wrong.map((part) => `${at}: ${JSON.stringify(part)} stands twice or is not one of ${DATE_PARTS.join(', ')}`);
}

function unknownMembers(value: Record<string, unknown>, known: readonly string[], at: string): string[] {
  const surplus = Object.keys(value).filter((name) => !known.includes(name));
  return surplus.map((name) => `${at}${name}: there is no such option; there are ${known.join(', ')}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
