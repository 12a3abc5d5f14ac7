import { artifactRootProblem } from './artifact-root-rules.js';
import { INPUT_LIMITS } from './inputs/input-rules.js';
import { trackingErrors } from './tracking-errors.js';
import { batchSizeProblem, keyProblem, LIMITS, pointProblem, textProblem } from './tracking-rules.js';
import type { MetricPoint, NewRun, RunBatch, RunChange, RunStatus } from './tracking-types.js';

type Values = Readonly<Record<string, string | number | boolean>>;

/** A batch whose every name and value may be stored as it is. */
export interface CheckedBatch {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly MetricPoint[];
}

/** Refuses what cannot be stored unchanged. Throws TRK_BATCH_TOO_LARGE, TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseBatch(batch: RunBatch): CheckedBatch {
  const tooMany = batchSizeProblem(batch);
  if (tooMany !== null) {
    throw trackingErrors.TRK_BATCH_TOO_LARGE(`The batch has ${tooMany}.`, { data: { observed: tooMany } });
  }
  for (const point of batch.metrics ?? []) {
    refuseKey('metric', point.key);
    const { name = '', digest = '' } = point.dataset ?? {};
    const problem =
      pointProblem(point) ?? textProblem(name, INPUT_LIMITS.name) ?? textProblem(digest, INPUT_LIMITS.digest);
    if (problem !== null) refuseValue('metric', point.key, problem);
  }
  return {
    params: parseValues('parameter', batch.params ?? {}, LIMITS.paramValue),
    tags: parseValues('tag', batch.tags ?? {}, LIMITS.tagValue),
    metrics: batch.metrics ?? [],
  };
}

/** Refuses a name that is empty, too long or has characters that cannot be stored. Throws TRK_VALUE_INVALID. */
export function parseName(what: 'experiment' | 'run', name: string): string {
  const problem = name.trim() === '' ? 'it is empty' : textProblem(name, LIMITS[`${what}Name`]);
  if (problem === null) return name;
  throw trackingErrors.TRK_VALUE_INVALID(`The name of the ${what} is not allowed: ${problem}.`, { data: { problem } });
}

/** Refuses an id that MLflow's clients would not take. Throws TRK_VALUE_INVALID. */
export function parseRunId(id: string): string {
  if (/^[A-Za-z0-9][\w-]{0,255}$/.test(id)) return id;
  const shown = id.slice(0, 80);
  throw trackingErrors.TRK_VALUE_INVALID(`${JSON.stringify(shown)} cannot be the id of a run.`, {
    data: { id: shown },
  });
}

/** Tags of a run or an experiment. Throws TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseTags(tags: Readonly<Record<string, string>>, of: 'run' | 'experiment'): Record<string, string> {
  return parseValues('tag', tags, of === 'run' ? LIMITS.tagValue : LIMITS.experimentTagValue);
}

/** The same where null removes a tag. Throws TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseTagChanges(
  tags: Readonly<Record<string, string | null>>,
  of: 'run' | 'experiment',
): Readonly<Record<string, string | null>> {
  const set = Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...tags, ...parseTags(Object.fromEntries(set), of) };
}

/** Throws TRK_VALUE_INVALID. */
export function parseNote(note: string): string {
  const problem = textProblem(note, LIMITS.note);
  if (problem === null) return note;
  throw trackingErrors.TRK_VALUE_INVALID(`The note is not allowed: ${problem}.`, { data: { problem } });
}

export interface RunFactsOfRequest {
  readonly name: string;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly userName: string;
  readonly group: string | null;
  readonly note: string;
}

/** What a new run says of itself, checked; the rest by default. Throws TRK_VALUE_INVALID. */
export function parseNewRun(run: NewRun, byDefault: { name: string; startedAtMs: number }): RunFactsOfRequest {
  return {
    name: parseName('run', run.name ?? byDefault.name),
    status: run.status ?? 'running',
    startedAtMs: parseTime('startedAtMs', run.startedAtMs ?? byDefault.startedAtMs),
    userName: parseText('userName', run.userName ?? '', LIMITS.userName),
    group: run.group === undefined ? null : parseText('group', run.group, LIMITS.group),
    note: parseNote(run.note ?? ''),
  };
}

export type CheckedChange = RunChange & { readonly tags: Readonly<Record<string, string | null>> };

/** A change of a run, checked. Throws TRK_KEY_INVALID, TRK_VALUE_INVALID. */
export function parseRunChange(change: RunChange): CheckedChange {
  if (change.name !== undefined) parseName('run', change.name);
  if (change.note !== undefined) parseNote(change.note);
  if (typeof change.group === 'string') parseText('group', change.group, LIMITS.group);
  if (typeof change.endedAtMs === 'number') parseTime('endedAtMs', change.endedAtMs);
  return { ...change, tags: parseTagChanges(change.tags ?? {}, 'run') };
}

function parseText(what: string, text: string, maxLength: number): string {
  const problem = textProblem(text, maxLength);
  return problem === null ? text : refuseValue('field', what, problem);
}

function parseTime(what: string, timeMs: number): number {
  return Number.isSafeInteger(timeMs) && timeMs >= 0 ? timeMs : refuseValue('field', what, `${timeMs} is not a time`);
}

/** Throws TRK_ARTIFACT_ROOT_REFUSED. */
export function parseArtifactRoot(root: string, allowed: readonly string[]): string {
  const problem = artifactRootProblem(root, allowed);
  if (problem === null) return root.replace(/\/+$/, '');
  const shown = root.slice(0, 80);
  throw trackingErrors.TRK_ARTIFACT_ROOT_REFUSED(`${JSON.stringify(shown)} cannot hold artifacts: ${problem}.`, {
    data: { root: shown, problem },
  });
}

function parseValues(what: string, values: Values, maxLength: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      refuseKey(what, key);
      const problem = textProblem(String(value), maxLength);
      if (problem !== null) refuseValue(what, key, problem);
      return [key, String(value)];
    }),
  );
}

function refuseKey(what: string, key: string): void {
  const problem = keyProblem(key);
  if (problem === null) return;
  const shown = key.slice(0, 80);
  throw trackingErrors.TRK_KEY_INVALID(`The ${what} name ${JSON.stringify(shown)} is not allowed: ${problem}.`, {
    data: { what, key: shown, problem },
  });
}

function refuseValue(what: string, key: string, problem: string): never {
  throw trackingErrors.TRK_VALUE_INVALID(`The ${what} "${key}" is not allowed: ${problem}.`, {
    data: { what, key, problem },
  });
}
