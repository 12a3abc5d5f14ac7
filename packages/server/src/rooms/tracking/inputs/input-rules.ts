import type { RunInput } from '../input-types.js';
import { keyProblem, textProblem } from '../tracking-rules.js';

/** The tag of an input that says what a dataset was used for: a word of the clients' own. */
export const CONTEXT_TAG = 'mlflow.data.context';

/** The limits of MLflow's store, but for the digest, where a sha256 in hex has to fit; nothing is cut off. */
export const INPUT_LIMITS = {
  name: 500,
  digest: 64,
  sourceType: 500,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
  perCall: 1000,
  tagsPerCall: 5000,
} as const;

/** What is wrong with an input, in words; null when it can be kept as it is. */
export function inputProblem({ dataset, tags }: RunInput): string | null {
  for (const field of ['name', 'digest', 'sourceType', 'source', 'schema', 'profile'] as const) {
    const text = dataset[field];
    const required = field === 'name' || field === 'digest';
    const problem =
      text === null ? null : required && text === '' ? 'it is empty' : textProblem(text, INPUT_LIMITS[field]);
    if (problem !== null) return `the ${field} of a dataset: ${problem}`;
  }
  for (const [key, value] of Object.entries(tags)) {
    const problem =
      key.length > INPUT_LIMITS.tagKey
        ? `the key has ${key.length} characters, at most ${INPUT_LIMITS.tagKey} are allowed`
        : (keyProblem(key) ?? textProblem(value, INPUT_LIMITS.tagValue));
    if (problem !== null) return `the tag ${JSON.stringify(key.slice(0, 80))}: ${problem}`;
  }
  return null;
}

/** One input per dataset: of two with the same name and digest the later tags count, the earlier dataset stays. */
export function mergeInputs(inputs: readonly RunInput[]): RunInput[] {
  const merged = new Map<string, RunInput>();
  for (const { dataset, tags } of inputs) {
    const key = JSON.stringify([dataset.name, dataset.digest]);
    const known = merged.get(key);
    merged.set(key, { dataset: known?.dataset ?? dataset, tags: { ...known?.tags, ...tags } });
  }
  return [...merged.values()];
}
