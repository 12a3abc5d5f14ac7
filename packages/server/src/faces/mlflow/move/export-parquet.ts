import { throwIfAborted } from '@fairlead/kernel';
import { attemptEach, type ExportCounts, type ExportOptions, type ExportSummary, noCounts } from './export-summary.js';
import type {
  FileOwner,
  ImportSource,
  SourceExperiment,
  SourceLoggedModel,
  SourceModel,
  SourceProblem,
  SourceRun,
} from './import-source.js';
import { createParquetTables, type ParquetTables } from './parquet-tables.js';
import { createTree, type WrittenTree } from './write-tree.js';

interface ParquetExport {
  readonly source: ImportSource;
  readonly tree: WrittenTree;
  readonly tables: ParquetTables;
  readonly counts: ExportCounts;
  readonly problems: SourceProblem[];
  report(): void;
}

/**
 * Writes a source as tables for analysis: `DIR/TABLE/part-NNNNN.parquet`, and files as they are below `DIR/artifacts/OWNER`.
 * Unlike the folder layout it holds every metric key and model name. Throws MOVE_TARGET_TAKEN.
 */
export async function exportParquet(
  source: ImportSource,
  folder: string,
  { onProgress, signal }: ExportOptions = {},
): Promise<ExportSummary> {
  const counts = noCounts();
  const tree = await createTree(folder);
  const tables = await createParquetTables(tree.root);
  const report = () => {
    throwIfAborted(signal);
    onProgress?.(counts);
  };
  const out: ParquetExport = { source, tree, tables, counts, problems: [], report };
  try {
    for await (const experiment of source.experiments()) await writeExperiment(out, experiment);
    for await (const model of source.models()) await writeModel(out, model);
    await tables.finish();
  } finally {
    await tables.close();
  }
  return { folder: tree.root, format: 'parquet', counts, problems: out.problems };
}

async function writeExperiment(out: ParquetExport, experiment: SourceExperiment): Promise<void> {
  const { id, name, lifecycle, artifactRoot, createdAtMs, updatedAtMs } = experiment;
  await out.tables.add('experiments', {
    ...{ experiment_id: id, name, lifecycle, artifact_root: artifactRoot },
    ...{ created_at: createdAtMs, updated_at: updatedAtMs },
  });
  await writeTexts(out, 'tags', { kind: 'experiment', id }, experiment.tags);
  out.counts.experiments += 1;
  for await (const run of out.source.runs(id)) await writeRun(out, run);
  for await (const model of out.source.loggedModels(id)) await writeLoggedModel(out, model);
}

async function writeTexts(
  { tables }: ParquetExport,
  table: 'params' | 'tags',
  owner: { readonly kind: string; readonly id: string },
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(texts)) {
    await tables.add(table, { owner_kind: owner.kind, owner_id: owner.id, key, value });
  }
}

async function writeRun(out: ParquetExport, run: SourceRun): Promise<void> {
  const { tables, counts } = out;
  await tables.add('runs', {
    ...{ run_id: run.id, experiment_id: run.experimentId, name: run.name, status: run.status },
    ...{ lifecycle: run.lifecycle, started_at: run.startedAtMs, ended_at: run.endedAtMs },
    ...{ user_name: run.userName, artifact_root: run.artifactRoot },
  });
  await writeTexts(out, 'params', { kind: 'run', id: run.id }, run.params);
  await writeTexts(out, 'tags', { kind: 'run', id: run.id }, run.tags);
  for await (const { key, points } of out.source.points(run)) {
    for (const { step, timestampMs, value } of points) {
      await tables.add('points', { run_id: run.id, key, step, at: timestampMs, value });
    }
    counts.points += points.length;
    out.report();
  }
  await writeLinks(out, run);
  await writeFiles(out, { kind: 'run', ...run });
  counts.runs += 1;
  out.report();
}

async function writeLinks({ tables }: ParquetExport, { id, links }: SourceRun): Promise<void> {
  for (const { dataset, tags } of links.datasets) {
    await tables.add('inputs', {
      ...{ run_id: id, name: dataset.name, digest: dataset.digest, source_type: dataset.sourceType },
      ...{ source: dataset.source, schema: dataset.schema, profile: dataset.profile, tags: JSON.stringify(tags) },
    });
  }
  for (const modelId of links.modelInputs) {
    await tables.add('model_links', { run_id: id, logged_model_id: modelId, relation: 'input', step: null });
  }
  for (const { modelId, step } of links.modelOutputs) {
    await tables.add('model_links', { run_id: id, logged_model_id: modelId, relation: 'output', step });
  }
}

async function writeFiles(out: ParquetExport, owner: FileOwner): Promise<void> {
  for await (const file of out.source.files(owner)) {
    await attemptEach(out.problems, async () => {
      const parts = ['artifacts', owner.id, ...file.path.split('/')];
      const { sizeBytes, digest } = await out.tree.bytes(parts, file.open());
      await out.tables.add('files', {
        ...{ owner_kind: owner.kind, owner_id: owner.id, path: file.path },
        ...{ size_bytes: sizeBytes, sha256: digest },
      });
      out.counts.files += 1;
      out.counts.fileBytes += sizeBytes;
    });
    out.report();
  }
}

async function writeLoggedModel(out: ParquetExport, model: SourceLoggedModel): Promise<void> {
  await out.tables.add('logged_models', {
    ...{ logged_model_id: model.id, experiment_id: model.experimentId, name: model.name, model_type: model.modelType },
    ...{ status: model.status, lifecycle: model.lifecycle, source_run_id: model.sourceRunId },
    ...{ artifact_root: model.artifactRoot, created_at: model.createdAtMs, updated_at: model.updatedAtMs },
  });
  await writeTexts(out, 'params', { kind: 'logged-model', id: model.id }, model.params);
  await writeTexts(out, 'tags', { kind: 'logged-model', id: model.id }, model.tags);
  for (const metric of model.metrics) {
    await out.tables.add('model_metrics', {
      ...{ logged_model_id: model.id, run_id: metric.runId, key: metric.key, step: metric.step },
      ...{ at: metric.timestampMs, value: metric.value },
      ...{ dataset_name: metric.datasetName, dataset_digest: metric.datasetDigest },
    });
  }
  await writeFiles(out, { kind: 'logged-model', ...model });
  out.counts.loggedModels += 1;
  out.report();
}

async function writeModel(out: ParquetExport, model: SourceModel): Promise<void> {
  const { tables, counts } = out;
  const { name, description, createdAtMs, updatedAtMs } = model;
  await tables.add('models', { name, description, created_at: createdAtMs, updated_at: updatedAtMs });
  await writeTexts(out, 'tags', { kind: 'model', id: name }, model.tags);
  for (const [alias, version] of Object.entries(model.aliases)) {
    await tables.add('aliases', { model: name, alias, version });
  }
  for (const one of model.versions) {
    await tables.add('versions', {
      ...{ model: name, version: one.version, stage: one.stage, lifecycle: one.lifecycle },
      ...{ description: one.description, source: one.source, run_id: one.runId, logged_model_id: one.loggedModelId },
      ...{ created_at: one.createdAtMs, updated_at: one.updatedAtMs },
    });
    await writeTexts(out, 'tags', { kind: 'model-version', id: `${name}/${one.version}` }, one.tags);
    counts.versions += 1;
  }
  counts.models += 1;
  out.report();
}
