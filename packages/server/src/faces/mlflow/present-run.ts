import type { MetricPoint, Run, RunLinks, RunModelLink, RunStatus } from '../../rooms/tracking/index.js';
import { showArtifactRoot } from './artifact-root.js';
import { joinRunTags } from './reserved-tags.js';
import { presentNumber, presentPairs, unlessEmpty } from './wire.js';

const STATUS: Readonly<Record<RunStatus, string>> = {
  running: 'RUNNING',
  scheduled: 'SCHEDULED',
  finished: 'FINISHED',
  failed: 'FAILED',
  killed: 'KILLED',
};

export const RUN_STATUS: Readonly<Record<string, RunStatus>> = {
  RUNNING: 'running',
  SCHEDULED: 'scheduled',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'killed',
};

export function presentRunInfo(run: Run): object {
  return {
    run_uuid: run.id,
    run_id: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userName,
    status: STATUS[run.status],
    start_time: run.startedAtMs,
    end_time: run.endedAtMs ?? undefined,
    artifact_uri: showArtifactRoot(run.artifactRoot),
    lifecycle_stage: run.lifecycle,
  };
}

export function presentRun(run: Run, links?: RunLinks): object {
  return {
    info: presentRunInfo(run),
    data: {
      metrics: unlessEmpty(run.latest.map(presentMetric)),
      params: presentPairs(run.params),
      tags: unlessEmpty(joinRunTags(run)),
    },
    inputs: {
      dataset_inputs: unlessEmpty(links?.datasets.map(presentInput) ?? []),
      model_inputs: unlessEmpty(links?.modelInputs.map(({ modelId }) => ({ model_id: modelId })) ?? []),
    },
    outputs: { model_outputs: unlessEmpty(links?.modelOutputs.map(presentOutput) ?? []) },
  };
}

/** As the answer to its making: no model can have come out of it. */
export function presentNewRun(run: Run): object {
  return { ...presentRun(run), outputs: undefined };
}

export function presentMetric({ key, value, timestampMs, step, dataset }: MetricPoint): object {
  const metric = { key, value: presentNumber(value), timestamp: timestampMs, step };
  return dataset === undefined ? metric : { ...metric, dataset_name: dataset.name, dataset_digest: dataset.digest };
}

export function presentMetricOfRun(point: MetricPoint & { readonly runId: string }): object {
  return { ...presentMetric(point), run_id: point.runId };
}

function presentInput({ dataset, tags }: RunLinks['datasets'][number]): object {
  return {
    tags: presentPairs(tags),
    dataset: {
      name: dataset.name,
      digest: dataset.digest,
      source_type: dataset.sourceType,
      source: dataset.source,
      schema: dataset.schema ?? undefined,
      profile: dataset.profile ?? undefined,
    },
  };
}

function presentOutput({ modelId, step }: RunModelLink): object {
  return { model_id: modelId, step: step ?? 0 };
}
