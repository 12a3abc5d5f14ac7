import type { MetricPoint, NewRun, RunBatch, RunInput } from '../../rooms/tracking/index.js';
import { mlflowErrors } from './mlflow-errors.js';
import type { Fields } from './read-fields.js';
import { splitRunTags } from './reserved-tags.js';
import { suggestName } from './suggest-name.js';

/** The run, under its name or the older one that clients also send. */
export function readRunId(fields: Fields): string {
  return fields.text('run_id') || fields.text('run_uuid') || fields.neededText('run_id');
}

/** A new run. Its name comes as a parameter, as a tag, or not at all: then it gets one that people can say. */
export function readNewRun(fields: Fields): NewRun {
  const { name: tagged, ...split } = splitRunTags(readTags(fields));
  const name = fields.text('run_name');
  if (name && tagged && name !== tagged) {
    throw mlflowErrors.MLF_PARAMETER_INVALID(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values ` +
        `(run_name='${name.slice(0, 80)}', mlflow.runName='${tagged.slice(0, 80)}').`,
    );
  }
  const startedAtMs = fields.whole('start_time', { min: 0 });
  return {
    ...split,
    experimentId: fields.neededText('experiment_id'),
    name: name || tagged || suggestName(),
    userName: fields.text('user_id') ?? '',
    ...(startedAtMs !== undefined && { startedAtMs }),
  };
}

type LoggedMetric = NonNullable<RunBatch['modelMetrics']>[number];

/** What runs/log-batch carries. A parameter that stands twice is refused; of a tag the last one counts. */
export function readBatch(fields: Fields): RunBatch {
  const metrics: MetricPoint[] = [];
  const modelMetrics: LoggedMetric[] = [];
  for (const item of fields.items('metrics')) {
    const point = readMetric(item);
    if (item.has('model_id')) modelMetrics.push(readModelMetric(point, item));
    metrics.push(item.has('model_id') ? point : readMeasured(point, item));
  }
  return { metrics, params: readParams(fields.items('params')), ...readTagsOfRun(readTags(fields)), modelMetrics };
}

/** Tags, and the changes of the run's fields that are among them. */
export function readTagsOfRun(all: Readonly<Record<string, string>>): Pick<RunBatch, 'tags' | 'change'> {
  const { tags, ...change } = splitRunTags(all);
  return { tags, ...(Object.keys(change).length > 0 && { change }) };
}

export function readMetric(fields: Fields): MetricPoint {
  return {
    key: fields.neededText('key'),
    value: fields.neededNumber('value'),
    timestampMs: fields.neededWhole('timestamp', { min: 0 }),
    step: fields.whole('step') ?? 0,
  };
}

/** A metric with the dataset that it was measured on, if any. One of a model keeps it with the model. */
export function readMeasured(point: MetricPoint, fields: Fields): MetricPoint {
  const [name, digest] = [fields.text('dataset_name') ?? '', fields.text('dataset_digest') ?? ''];
  if (name === '' && digest === '') return point;
  if (name !== '' && digest !== '') return { ...point, dataset: { name, digest } };
  throw fields.refuse('dataset_name, dataset_digest', name || digest, 'both or none of them');
}

/** The same metric as one of a model, on a dataset or on none. */
export function readModelMetric(point: MetricPoint, fields: Fields): LoggedMetric {
  return {
    ...point,
    modelId: fields.neededText('model_id'),
    datasetName: fields.text('dataset_name') || null,
    datasetDigest: fields.text('dataset_digest') || null,
  };
}

export function readTags(fields: Fields, name = 'tags'): Record<string, string> {
  return Object.fromEntries(fields.items(name).map((tag) => [tag.neededText('key'), tag.text('value') ?? '']));
}

export function readParams(items: readonly Fields[]): Record<string, string> {
  const params = new Map<string, string>();
  for (const item of items) {
    const key = item.neededText('key');
    if (params.has(key)) throw item.refuse('key', key, 'every parameter once');
    params.set(key, item.text('value') ?? '');
  }
  return Object.fromEntries(params);
}

export function readInput(fields: Fields): RunInput {
  const dataset = fields.neededMessage('dataset');
  return {
    tags: readTags(fields),
    dataset: {
      name: dataset.neededText('name'),
      digest: dataset.neededText('digest'),
      sourceType: dataset.neededText('source_type'),
      source: dataset.neededText('source'),
      schema: dataset.text('schema') ?? null,
      profile: dataset.text('profile') ?? null,
    },
  };
}
