import type {
  SourceDataset,
  SourceExperiment,
  SourceLinks,
  SourceLoggedModel,
  SourceModelMetric,
  SourceRun,
} from './import-source.js';
import type { LocalFolder } from './local-folder.js';
import { readModelMetricLine } from './metric-line-rules.js';
import { readLines } from './read-lines.js';
import { isModelId, isRunId, readLifecycle, readModelStatus, readRecord, readStatus } from './read-record.js';
import { readYaml, type YamlRecord, type YamlValue } from './read-yaml.js';
import type { Tell } from './tell-problem.js';

const MAX_TEXT_BYTES = 1 << 20;
/** A dataset's profile alone may have 16 MB. */
const MAX_META_BYTES = 20 << 20;

type Parts = readonly string[];
type Texts = Record<string, string>;

/** What the records of one mlruns folder are read with. */
export interface FolderReader {
  readonly folder: LocalFolder;
  readonly tell: Tell;
}

const placeOf = ({ folder }: FolderReader, parts: Parts) => [folder.root, ...parts].join('/');

/** The record of a folder; undefined when it has none. Throws as LocalFolder.text and readYaml do. */
export async function readMeta(reader: FolderReader, parts: Parts): Promise<YamlRecord | undefined> {
  const path = [...parts, 'meta.yaml'];
  const text = await reader.folder.text(path, MAX_META_BYTES);
  return text === undefined ? undefined : readYaml(text, placeOf(reader, path));
}

/** Files of a folder as names and texts; slashes of a name are folders. What cannot be read is told and left out. */
export async function readTexts({ folder, tell }: FolderReader, parts: Parts): Promise<Texts> {
  const texts: [string, string][] = [];
  const refused = (place: string, why: string) => tell.refused(place, why);
  for await (const file of folder.walk(parts, refused)) {
    await tell.around(async () => {
      texts.push([file.path, await folder.textOf(file, MAX_TEXT_BYTES)]);
    });
  }
  return Object.fromEntries(texts);
}

export async function readExperiment(
  reader: FolderReader,
  parts: Parts,
  lifecycle: 'active' | 'deleted',
): Promise<SourceExperiment | undefined> {
  const meta = await readMeta(reader, parts);
  if (meta === undefined) return undefined;
  const fields = readRecord(meta, placeOf(reader, [...parts, 'meta.yaml']));
  const id = fields.text('experiment_id');
  if (id !== parts.at(-1))
    throw fields.refuse(`experiment_id is ${JSON.stringify(id.slice(0, 80))}, not the folder's name`);
  return {
    id,
    name: fields.text('name'),
    lifecycle,
    tags: await readTexts(reader, [...parts, 'tags']),
    artifactRoot: fields.optionalText('artifact_location'),
    createdAtMs: fields.whole('creation_time'),
    updatedAtMs: fields.whole('last_update_time'),
  };
}

export async function readRun(reader: FolderReader, experiment: Parts, name: string): Promise<SourceRun | undefined> {
  const parts = [...experiment, name];
  const meta = await readMeta(reader, parts);
  if (meta === undefined) return undefined;
  const fields = readRecord(meta, placeOf(reader, [...parts, 'meta.yaml']));
  const id = fields.optionalText('run_id') || fields.text('run_uuid');
  if (id !== name || !isRunId(id))
    throw fields.refuse(`run_id is ${JSON.stringify(id.slice(0, 80))}, not the folder's name`);
  const experimentId = experiment.at(-1) as string;
  if (fields.text('experiment_id') !== experimentId) throw fields.refuse('experiment_id is that of another experiment');
  const tags = await readTexts(reader, [...parts, 'tags']);
  return {
    id,
    experimentId,
    name: fields.optionalText('run_name') || (tags['mlflow.runName'] ?? fields.optionalText('name')),
    status: readStatus(fields.optionalText('status'), fields),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    startedAtMs: fields.whole('start_time'),
    endedAtMs: fields.whole('end_time'),
    userName: fields.optionalText('user_id'),
    artifactRoot: fields.optionalText('artifact_uri'),
    params: await readTexts(reader, [...parts, 'params']),
    tags,
    links: await readLinks(reader, experiment, parts),
  };
}

async function readLinks(reader: FolderReader, experiment: Parts, run: Parts): Promise<SourceLinks> {
  const datasets: SourceLinks['datasets'][number][] = [];
  const modelInputs: string[] = [];
  const modelOutputs: SourceLinks['modelOutputs'][number][] = [];
  for (const { name } of await reader.folder.list([...run, 'inputs'])) {
    await reader.tell.around(async () => {
      const meta = (await readMeta(reader, [...run, 'inputs', name])) ?? {};
      const fields = readRecord(meta, placeOf(reader, [...run, 'inputs', name]));
      const id = fields.text('source_id');
      if (fields.text('source_type') === 'MODEL') modelInputs.push(id);
      else datasets.push({ dataset: await readDataset(reader, experiment, id), tags: textsOf(meta.tags) });
    });
  }
  for (const { name } of await reader.folder.list([...run, 'outputs'])) {
    await reader.tell.around(async () => {
      const meta = (await readMeta(reader, [...run, 'outputs', name])) ?? {};
      const fields = readRecord(meta, placeOf(reader, [...run, 'outputs', name]));
      modelOutputs.push({ modelId: fields.text('destination_id'), step: fields.whole('step') ?? 0 });
    });
  }
  return { datasets, modelInputs, modelOutputs };
}

async function readDataset(reader: FolderReader, experiment: Parts, id: string): Promise<SourceDataset> {
  const parts = [...experiment, 'datasets', id];
  const fields = readRecord((await readMeta(reader, parts)) ?? {}, placeOf(reader, parts));
  return {
    name: fields.text('name'),
    digest: fields.text('digest'),
    sourceType: fields.optionalText('source_type'),
    source: fields.optionalText('source'),
    schema: fields.optionalText('schema') || null,
    profile: fields.optionalText('profile') || null,
  };
}

/** A map of texts inside a record; anything else counts as none. */
function textsOf(value: YamlValue | undefined): Texts {
  if (value === null || value === undefined || typeof value !== 'object' || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, typeof one === 'string' ? one : '']));
}

export async function readLoggedModel(
  reader: FolderReader,
  experiment: Parts,
  name: string,
): Promise<SourceLoggedModel | undefined> {
  const parts = [...experiment, 'models', name];
  const meta = await readMeta(reader, parts);
  if (meta === undefined) return undefined;
  const fields = readRecord(meta, placeOf(reader, [...parts, 'meta.yaml']));
  const id = fields.text('model_id');
  if (id !== name || !isModelId(id))
    throw fields.refuse(`model_id is ${JSON.stringify(id.slice(0, 80))}, not the folder's name`);
  return {
    id,
    experimentId: experiment.at(-1) as string,
    name: fields.optionalText('name'),
    modelType: fields.optionalText('model_type'),
    sourceRunId: fields.optionalText('source_run_id') || null,
    status: readModelStatus(fields.optionalText('status')),
    lifecycle: readLifecycle(fields.optionalText('lifecycle_stage')),
    artifactRoot: fields.optionalText('artifact_location'),
    params: await readTexts(reader, [...parts, 'params']),
    tags: await readTexts(reader, [...parts, 'tags']),
    metrics: await readModelMetrics(reader, parts),
    createdAtMs: fields.whole('creation_timestamp'),
    updatedAtMs: fields.whole('last_updated_timestamp'),
  };
}

async function readModelMetrics({ folder, tell }: FolderReader, model: Parts): Promise<SourceModelMetric[]> {
  const metrics: SourceModelMetric[] = [];
  for await (const file of folder.walk([...model, 'metrics'], (place, why) => tell.refused(place, why))) {
    let number = 0;
    for await (const line of readLines(folder.read(file))) {
      number += 1;
      const point = line === undefined ? undefined : readModelMetricLine(line.trimEnd());
      if (point === undefined) tell.broken(`${file.absolute}:${number}`, 'the line is no point of a metric');
      else metrics.push({ key: file.path, ...point });
    }
  }
  return metrics;
}
