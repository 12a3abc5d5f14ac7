import { keyProblem, LIMITS, textProblem } from '../tracking-rules.js';

export const MODEL_LIMITS = {
  name: 250,
  modelType: 500,
  metricsPerCall: 1000,
  paramsPerCall: 1000,
  tagsPerCall: 1000,
} as const;

// In an address `models:/NAME/…` these would mean something else.
const FORBIDDEN = /[/:.%"']/;

/** What is wrong with the name of a logged model, in words; null when it is fine. */
export function modelNameProblem(name: string): string | null {
  if (name.trim() === '') return 'it is empty';
  if (FORBIDDEN.test(name)) return `it has one of / : . % " '`;
  return textProblem(name, MODEL_LIMITS.name);
}

/** What is wrong with the params of a model, in words; null when they can be kept as they are. */
export function paramsProblem(params: Readonly<Record<string, string>>): string | null {
  return entriesProblem(params, { maxLength: LIMITS.paramValue, maxEntries: MODEL_LIMITS.paramsPerCall });
}

/** What is wrong with tags of a model, or with what changes of them, in words; null when they can be kept as they are. */
export function tagsProblem(tags: Readonly<Record<string, string | null>>): string | null {
  return entriesProblem(tags, { maxLength: LIMITS.tagValue, maxEntries: MODEL_LIMITS.tagsPerCall });
}

function entriesProblem(
  entries: Readonly<Record<string, string | null>>,
  { maxLength, maxEntries }: { maxLength: number; maxEntries: number },
): string | null {
  const list = Object.entries(entries);
  if (list.length > maxEntries) return `${list.length} at once, at most ${maxEntries} are allowed`;
  for (const [key, value] of list) {
    const problem = keyProblem(key) ?? (value === null ? null : textProblem(value, maxLength));
    if (problem !== null) return `${JSON.stringify(key.slice(0, 80))}: ${problem}`;
  }
  return null;
}
