import { isDeepStrictEqual } from 'node:util';
import { mlflowErrors } from './mlflow-errors.js';
import { type Fields, isRecord } from './read-fields.js';

const NEEDED = ['artifact_path', 'flavors', 'utc_time_created', 'run_id'] as const;

/** What a client before 3.0 says of a model that it has logged. */
export function readModelJson(fields: Fields): Record<string, unknown> {
  const model = parse(fields.neededText('model_json'));
  if (!isRecord(model)) throw mlflowErrors.MLF_PARAMETER_INVALID('Malformed model info: model_json is no JSON object.');
  const missing = NEEDED.filter((name) => !Object.hasOwn(model, name));
  if (missing.length === 0) return model;
  throw mlflowErrors.MLF_PARAMETER_INVALID(`Model json is missing mandatory fields: ${missing.join(', ')}.`);
}

/** The list in the tag with the model at its end; sent again, the model is there once. */
export function appendModel(tag: string | undefined, model: Readonly<Record<string, unknown>>): string {
  const before = parse(tag ?? '[]');
  const history: readonly unknown[] = Array.isArray(before) ? before : [];
  return JSON.stringify(history.some((one) => isDeepStrictEqual(one, model)) ? history : [...history, model]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
