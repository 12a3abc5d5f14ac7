import { createHash } from 'node:crypto';
import { canonicalJson, isFairleadError } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { EndStatus, TrackingService } from '../tracking/index.js';
import type { Room } from './pipelines-deps.js';
import type { RunRecord } from './pipelines-store.js';
import type { Json } from './pipelines-types.js';
import type { PreparedStep } from './prepare-step.js';

const MAX_PARAM = 6000;
const PARAMS_PER_BATCH = 100;

/** The tracking run of the pipeline run; harmless to call again. Its id is the run's id, or a new one after a resume. */
export async function ensureParentRun(room: Room, context: ChangeContext, run: RunRecord): Promise<void> {
  const { loggable } = loggableParams(run.params);
  await room.tracking.startRun(context, {
    id: run.trackingRunId,
    experiment: run.pipeline,
    name: `${run.pipeline}-${run.id.slice(-8)}`,
    params: Object.fromEntries(loggable.slice(0, PARAMS_PER_BATCH)),
    tags: { 'fairlead.pipeline': run.pipeline, 'fairlead.pipelineRun': run.id, 'fairlead.trigger': run.trigger.kind },
  });
}

/** Starts the tracking run of one attempt, with what it ran on and its parameters. Returns its id. */
export async function startStepRun(room: Room, context: ChangeContext, step: PreparedStep): Promise<string> {
  const { tracking } = room;
  const { run, name, params, argv, seed, projectFolder } = step;
  await ensureParentRun(room, context, run);
  const environment = await tracking.captureEnvironment(
    projectFolder,
    { step: seed },
    argv.length > 0 ? argv : undefined,
  );
  const { loggable, complete } = loggableParams(params);
  const { id } = await tracking.startRun(context, {
    experiment: run.pipeline,
    name,
    parentRunId: run.trackingRunId,
    tags: { 'fairlead.pipeline': run.pipeline, 'fairlead.pipelineRun': run.id, 'fairlead.step': name },
    params: Object.fromEntries(loggable.slice(0, PARAMS_PER_BATCH)),
    environment,
  });
  for (let start = PARAMS_PER_BATCH; start < loggable.length; start += PARAMS_PER_BATCH) {
    const batch = Object.fromEntries(loggable.slice(start, start + PARAMS_PER_BATCH));
    await tracking.logBatch(context, id, { params: batch });
  }
  if (!complete) {
    await tracking.putArtifact(context, id, { path: 'params.json', bytes: Buffer.from(canonicalJson(params)) });
  }
  return id;
}

/** Ends a tracking run unless it has ended already; one that is not there needs no end. */
export async function endTrackingRun(
  tracking: TrackingService,
  context: ChangeContext,
  { id, status }: { id: string; status: EndStatus },
): Promise<void> {
  try {
    await tracking.endRun(context, id, status);
  } catch (error) {
    if (!isFairleadError(error) || (error.code !== 'TRK_RUN_ENDED' && error.code !== 'TRK_RUN_NOT_FOUND')) throw error;
  }
}

/**
 * Parameters as tracking takes them: nested members under dotted names. What does not fit as it is (a very long value, an
 * unusual name) makes the list incomplete; the whole then goes into params.json.
 */
function loggableParams(params: Readonly<Record<string, Json>>): {
  readonly loggable: [string, string][];
  readonly complete: boolean;
} {
  const flat = flatten('', params);
  const loggable = flat.filter(([key]) => /^[\w.\- :]{1,250}$/.test(key) && !/^\.+$/.test(key));
  const shortened = loggable.map(([key, value]): [string, string] =>
    value.length <= MAX_PARAM && !value.includes('\0')
      ? [key, value]
      : [key, `sha256:${createHash('sha256').update(value).digest('hex')}`],
  );
  const complete = loggable.length === flat.length && shortened.every(([, value], i) => value === loggable[i]?.[1]);
  return { loggable: shortened, complete };
}

function flatten(path: string, value: Json): [string, string][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) => flatten(path === '' ? key : `${path}.${key}`, member));
  }
  return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
}
