import { createHash } from 'node:crypto';
import { throwIfAborted } from '@fairlead/kernel';
import { createAddressMap } from './address-map.js';
import { attemptEach, type ExportOptions, type ExportSummary, noCounts } from './export-summary.js';
import type { FileOwner, ImportSource, SourceExperiment, SourceLoggedModel, SourceRun } from './import-source.js';
import { addressOf, type MlrunsExport } from './mlruns-export.js';
import { pythonNumber, writeMeta } from './write-meta.js';
import { writeModels } from './write-mlruns-registry.js';
import { createTree, type WrittenTree } from './write-tree.js';

/**
 * Writes a source as the folder store that MLflow's clients open with `set_tracking_uri("file:DIR")`, registry included.
 * Throws MOVE_TARGET_TAKEN; what the layout cannot hold (a metric that is a folder of another, a model with a slash in its
 * name) is named in the summary's problems.
 */
export async function exportMlruns(
  source: ImportSource,
  folder: string,
  { onProgress, signal }: ExportOptions = {},
): Promise<ExportSummary> {
  const counts = noCounts();
  const out: MlrunsExport = {
    source,
    tree: await createTree(folder),
    counts,
    problems: [],
    moved: createAddressMap(),
    datasets: new Set(),
    report: () => {
      throwIfAborted(signal);
      onProgress?.(counts);
    },
  };
  await out.tree.folder(['.trash']);
  for await (const experiment of source.experiments()) await writeExperiment(out, experiment);
  await writeModels(out);
  return { folder: out.tree.root, format: 'mlruns', counts, problems: out.problems };
}

async function writeExperiment(out: MlrunsExport, experiment: SourceExperiment): Promise<void> {
  const { id, lifecycle } = experiment;
  const parts = lifecycle === 'deleted' ? ['.trash', id] : [id];
  await out.tree.text(
    [...parts, 'meta.yaml'],
    writeMeta({
      artifact_location: addressOf(out, id),
      creation_time: experiment.createdAtMs,
      experiment_id: id,
      last_update_time: experiment.updatedAtMs,
      lifecycle_stage: lifecycle,
      name: experiment.name,
    }),
  );
  await writeTexts(out, [...parts, 'tags'], experiment.tags);
  out.counts.experiments += 1;
  for await (const run of out.source.runs(id)) await writeRun(out, parts, run);
  for await (const model of out.source.loggedModels(id)) await writeLoggedModel(out, parts, model);
}

const STATUS_NUMBERS = { running: 1, scheduled: 2, finished: 3, failed: 4, killed: 5 } as const;

async function writeRun(out: MlrunsExport, experiment: readonly string[], run: SourceRun): Promise<void> {
  const parts = [...experiment, run.id];
  const artifacts = addressOf(out, run.experimentId, run.id, 'artifacts');
  out.moved.add(run.artifactRoot, artifacts);
  await out.tree.text(
    [...parts, 'meta.yaml'],
    writeMeta({
      artifact_uri: artifacts,
      ...(run.lifecycle === 'deleted' && { deleted_time: run.endedAtMs ?? run.startedAtMs }),
      end_time: run.endedAtMs,
      entry_point_name: '',
      experiment_id: run.experimentId,
      lifecycle_stage: run.lifecycle,
      run_id: run.id,
      run_name: run.name,
      source_name: '',
      source_type: 4,
      source_version: '',
      start_time: run.startedAtMs,
      status: STATUS_NUMBERS[run.status],
      tags: [],
      user_id: run.userName,
    }),
  );
  for (const folder of ['params', 'metrics', 'tags', 'artifacts']) await out.tree.folder([...parts, folder]);
  await writeTexts(out, [...parts, 'params'], run.params);
  await writeTexts(out, [...parts, 'tags'], run.tags);
  await writePoints(out, parts, run);
  await writeLinks(out, experiment, run);
  await writeFiles(out, [...parts, 'artifacts'], { kind: 'run', ...run });
  out.counts.runs += 1;
  out.report();
}

async function writeTexts(out: MlrunsExport, parts: readonly string[], texts: Readonly<Record<string, string>>) {
  for (const [key, text] of Object.entries(texts)) {
    await attemptEach(out.problems, () => out.tree.text([...parts, ...key.split('/')], text));
  }
}

/** Parts of one series follow one another, so one file is open at a time. */
async function writePoints(out: MlrunsExport, parts: readonly string[], run: SourceRun): Promise<void> {
  const files = new Map<string, Awaited<ReturnType<WrittenTree['appender']>>>();
  try {
    for await (const { key, points } of out.source.points(run)) {
      await attemptEach(out.problems, async () => {
        const file = files.get(key) ?? (await out.tree.appender([...parts, 'metrics', ...key.split('/')]));
        files.set(key, file);
        await file.append(points.map((p) => `${p.timestampMs} ${pythonNumber(p.value)} ${p.step}\n`).join(''));
        out.counts.points += points.length;
      });
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
}

/** Ids in this layout are made of what they name, so that a client that logs the same again finds it. */
const idOf = (...texts: readonly string[]) => createHash('md5').update(texts.join('')).digest('hex');

async function writeLinks(out: MlrunsExport, experiment: readonly string[], { id, links }: SourceRun): Promise<void> {
  const written = new Set<string>();
  for (const { dataset, tags } of links.datasets) {
    const datasetId = idOf(dataset.name, dataset.digest);
    const link = idOf(datasetId, id);
    if (written.has(link)) continue;
    written.add(link);
    await writeDataset(out, [...experiment, 'datasets', datasetId, 'meta.yaml'], dataset);
    const meta = {
      source_id: datasetId,
      source_type: 'DATASET',
      destination_id: datasetId,
      destination_type: 'RUN',
      tags,
    };
    await out.tree.text([...experiment, id, 'inputs', link, 'meta.yaml'], writeMeta(meta));
  }
  for (const modelId of new Set(links.modelInputs)) {
    const meta = {
      source_id: modelId,
      source_type: 'MODEL',
      destination_id: modelId,
      destination_type: 'RUN',
      tags: {},
    };
    await out.tree.text([...experiment, id, 'inputs', idOf(modelId, id), 'meta.yaml'], writeMeta(meta));
  }
  for (const { modelId, step } of links.modelOutputs) {
    const ends = {
      source_id: modelId,
      source_type: 'RUN_OUTPUT',
      destination_id: modelId,
      destination_type: 'MODEL_OUTPUT',
    };
    const path = [...experiment, id, 'outputs', modelId, 'meta.yaml'];
    await attemptEach(out.problems, () => out.tree.text(path, writeMeta({ ...ends, step, tags: {} })));
  }
}

/** Runs share datasets: the second one finds it written. */
async function writeDataset(
  out: MlrunsExport,
  path: readonly string[],
  { name, digest, sourceType, source, schema, profile }: SourceRun['links']['datasets'][number]['dataset'],
): Promise<void> {
  const key = path.join('/');
  if (out.datasets.has(key)) return;
  out.datasets.add(key);
  await out.tree.text(path, writeMeta({ digest, name, profile, schema, source, source_type: sourceType }));
}

async function writeFiles(out: MlrunsExport, parts: readonly string[], owner: FileOwner): Promise<void> {
  for await (const file of out.source.files(owner)) {
    await attemptEach(out.problems, async () => {
      const { sizeBytes } = await out.tree.bytes([...parts, ...file.path.split('/')], file.open());
      out.counts.files += 1;
      out.counts.fileBytes += sizeBytes;
    });
    out.report();
  }
}

const MODEL_STATUS_NUMBERS = { pending: 1, ready: 2, failed: 3 } as const;

async function writeLoggedModel(
  out: MlrunsExport,
  experiment: readonly string[],
  model: SourceLoggedModel,
): Promise<void> {
  const parts = [...experiment, 'models', model.id];
  const artifacts = addressOf(out, model.experimentId, 'models', model.id, 'artifacts');
  out.moved.add(model.artifactRoot, artifacts);
  out.moved.add(`models:/${model.id}`, artifacts);
  await out.tree.text(
    [...parts, 'meta.yaml'],
    writeMeta({
      artifact_location: artifacts,
      creation_timestamp: model.createdAtMs,
      experiment_id: model.experimentId,
      last_updated_timestamp: model.updatedAtMs,
      lifecycle_stage: model.lifecycle,
      model_id: model.id,
      model_type: model.modelType || null,
      name: model.name,
      source_run_id: model.sourceRunId,
      status: MODEL_STATUS_NUMBERS[model.status],
      status_message: null,
    }),
  );
  await out.tree.folder([...parts, 'params']);
  await out.tree.folder([...parts, 'metrics']);
  await writeTexts(out, [...parts, 'params'], model.params);
  await writeTexts(out, [...parts, 'tags'], model.tags);
  for (const key of new Set(model.metrics.map((metric) => metric.key))) {
    const own = model.metrics.filter((metric) => metric.key === key);
    const lines = own.map((metric) => {
      const dataset = metric.datasetName === null ? '' : ` ${metric.datasetName} ${metric.datasetDigest ?? ''}`;
      return `${metric.timestampMs} ${pythonNumber(metric.value)} ${metric.step} ${metric.runId}${dataset}\n`;
    });
    await attemptEach(out.problems, () => out.tree.text([...parts, 'metrics', ...key.split('/')], lines.join('')));
  }
  await writeFiles(out, [...parts, 'artifacts'], { kind: 'logged-model', ...model });
  out.counts.loggedModels += 1;
  out.report();
}
