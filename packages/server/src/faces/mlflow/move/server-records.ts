import type {
  SourceExperiment,
  SourceLinks,
  SourceLoggedModel,
  SourceModel,
  SourceModelMetric,
  SourcePoint,
  SourceRun,
  SourceVersion,
} from './import-source.js';
import {
  isModelId,
  isRunId,
  readLifecycle,
  readModelStatus,
  readPythonNumber,
  readRecord,
  readStage,
  readStatus,
} from './read-record.js';

export type Json = Readonly<Record<string, unknown>>;

/** A list of objects in an answer; anything else in its place counts as none. */
export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter((one): one is Json => typeof one === 'object' && one !== null) : [];
}

export function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** `[{key, value}]` as MLflow writes maps. */
function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(listOf(value).map((one) => [text(one.key), text(one.value)]));
}

export function toExperiment(answer: Json, url: string): SourceExperiment {
  const fields = readRecord(answer, `${url}: experiment ${text(answer.experiment_id)}`);
  return {
    id: fields.text('experiment_id'),
    name: fields.text('name'),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    tags: textsOf(answer.tags),
    artifactRoot: fields.optionalText('artifact_location'),
    createdAtMs: fields.whole('creation_time'),
    updatedAtMs: fields.whole('last_update_time'),
  };
}

/** The run, and the keys of its metrics. */
export function toRun(answer: Json, url: string): { run: SourceRun; metricKeys: string[] } {
  const info = objectOf(answer.info);
  const data = objectOf(answer.data);
  const id = text(info.run_id) || text(info.run_uuid);
  const fields = readRecord(info, `${url}: run ${id.slice(0, 80)}`);
  if (!isRunId(id)) throw fields.refuse('run_id is no id of a run');
  const tags = textsOf(data.tags);
  const run: SourceRun = {
    id,
    experimentId: fields.text('experiment_id'),
    name: fields.optionalText('run_name') || (tags['mlflow.runName'] ?? ''),
    status: readStatus(fields.optionalText('status'), fields),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    startedAtMs: fields.whole('start_time'),
    endedAtMs: fields.whole('end_time'),
    userName: fields.optionalText('user_id'),
    artifactRoot: fields.optionalText('artifact_uri'),
    params: textsOf(data.params),
    tags,
    links: toLinks(objectOf(answer.inputs), objectOf(answer.outputs)),
  };
  return { run, metricKeys: listOf(data.metrics).map((metric) => text(metric.key)) };
}

function toLinks(inputs: Json, outputs: Json): SourceLinks {
  return {
    datasets: listOf(inputs.dataset_inputs).map((input) => {
      const dataset = objectOf(input.dataset);
      return {
        dataset: {
          name: text(dataset.name),
          digest: text(dataset.digest),
          sourceType: text(dataset.source_type),
          source: text(dataset.source),
          schema: text(dataset.schema) || null,
          profile: text(dataset.profile) || null,
        },
        tags: textsOf(input.tags),
      };
    }),
    modelInputs: listOf(inputs.model_inputs).map((input) => text(input.model_id)),
    modelOutputs: listOf(outputs.model_outputs).map((output) => ({
      modelId: text(output.model_id),
      step: Number(output.step ?? 0),
    })),
  };
}

export function toPoint(answer: Json): SourcePoint | undefined {
  const { value } = answer;
  const number = typeof value === 'number' ? value : readPythonNumber(text(value));
  const timestampMs = Number(answer.timestamp ?? 0);
  const step = Number(answer.step ?? 0);
  const isPoint =
    number !== undefined && Number.isSafeInteger(timestampMs) && timestampMs >= 0 && Number.isSafeInteger(step);
  return isPoint ? { value: number, timestampMs, step } : undefined;
}

export function toLoggedModel(answer: Json, url: string): SourceLoggedModel {
  const info = objectOf(answer.info);
  const data = objectOf(answer.data);
  const id = text(info.model_id);
  const fields = readRecord(info, `${url}: logged model ${id.slice(0, 80)}`);
  if (!isModelId(id)) throw fields.refuse('model_id is no id of a model');
  return {
    id,
    experimentId: fields.text('experiment_id'),
    name: fields.optionalText('name'),
    modelType: fields.optionalText('model_type'),
    sourceRunId: fields.optionalText('source_run_id') || null,
    status: readModelStatus(fields.optionalText('status')),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    artifactRoot: fields.optionalText('artifact_uri'),
    params: textsOf(data.params),
    tags: textsOf(info.tags),
    metrics: listOf(data.metrics).flatMap((metric) => modelMetric(metric)),
    createdAtMs: fields.whole('creation_timestamp_ms'),
    updatedAtMs: fields.whole('last_updated_timestamp_ms'),
  };
}

function modelMetric(answer: Json): SourceModelMetric[] {
  const point = toPoint(answer);
  if (point === undefined) return [];
  return [
    {
      key: text(answer.key),
      ...point,
      runId: text(answer.run_id),
      datasetName: text(answer.dataset_name) || null,
      datasetDigest: text(answer.dataset_digest) || null,
    },
  ];
}

export function toModel(answer: Json, versions: readonly SourceVersion[], url: string): SourceModel {
  const fields = readRecord(answer, `${url}: registered model ${text(answer.name)}`);
  return {
    name: fields.text('name'),
    description: fields.optionalText('description'),
    tags: textsOf(answer.tags),
    aliases: Object.fromEntries(listOf(answer.aliases).map((one) => [text(one.alias), Number(one.version)])),
    versions,
    createdAtMs: fields.whole('creation_timestamp'),
    updatedAtMs: fields.whole('last_updated_timestamp'),
  };
}

export function toVersion(answer: Json, url: string): SourceVersion {
  const fields = readRecord(answer, `${url}: version ${text(answer.name)}/${text(answer.version)}`);
  const version = fields.whole('version');
  if (version === null || version < 1) throw fields.refuse('version is no number above 0');
  const source = fields.optionalText('source');
  const { stage, lifecycle } = readStage(fields.optionalText('current_stage'), fields);
  return {
    version,
    source,
    runId: fields.optionalText('run_id') || null,
    loggedModelId: fields.optionalText('model_id') || (/^models:\/(m-[\w-]+)$/.exec(source)?.[1] ?? null),
    description: fields.optionalText('description'),
    link: fields.optionalText('run_link'),
    stage,
    lifecycle,
    tags: textsOf(answer.tags),
    filesRoot: source,
    createdAtMs: fields.whole('creation_timestamp'),
    updatedAtMs: fields.whole('last_updated_timestamp'),
  };
}
