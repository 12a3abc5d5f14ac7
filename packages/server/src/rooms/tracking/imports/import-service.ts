import type { ChangeContext } from '../../../platform/db/index.js';
import { treePathOf } from '../artifact-path-rules.js';
import { missingExperiment } from '../experiment-service.js';
import { missingModel } from '../models/model-deps.js';
import { trackingErrors } from '../tracking-errors.js';
import { importSettled } from '../tracking-events.js';
import type { ImportDeps } from './import-deps.js';
import { importExperiment } from './import-experiment.js';
import { importLinks, importLoggedModel } from './import-models.js';
import { importPoints } from './import-points.js';
import { importRuns } from './import-runs.js';
import type { ImportService, RunInventory } from './import-types.js';
import { countSeries, walkPoints } from './inventory.sql.js';
import { pointsDigest } from './points-digest-rules.js';

const MAX_RUNS = 200;

export function createImportService(deps: ImportDeps): ImportService {
  return {
    importExperiment: (context, experiment, mode) => importExperiment(deps, context, experiment, mode),
    importRuns: (context, runs, mode) => importRuns(deps, context, runs, mode),
    importPoints: (context, series) => importPoints(deps, context, series),
    importLoggedModel: (context, model, mode) => importLoggedModel(deps, context, model, mode),
    importLinks: (context, links, mode) => importLinks(deps, context, links, mode),
    settle: (context, experimentId, deleted) => settle(deps, context, { experimentId, ...deleted }),
    inventory: async (runIds, options) => {
      if (runIds.length > MAX_RUNS) {
        throw trackingErrors.TRK_BATCH_TOO_LARGE(`${runIds.length} runs at once, at most ${MAX_RUNS} are allowed.`, {
          data: { observed: runIds.length },
        });
      }
      const found: RunInventory[] = [];
      for (const runId of runIds) found.push(...(await takeInventory(deps, runId, options)));
      return found;
    },
    modelFiles: async (modelId) => {
      const model = (await deps.modelStore.find(deps.db, modelId)) ?? missingModel(modelId);
      return filesBelow(deps, model.artifactRoot);
    },
  };
}

async function takeInventory(
  deps: ImportDeps,
  runId: string,
  { digests }: { digests: boolean },
): Promise<RunInventory[]> {
  const { db, runStore } = deps;
  const head = await runStore.head(db, runId);
  if (head === undefined) return [];
  const series: RunInventory['series'][number][] = [];
  for (const { no, key, points } of await countSeries(db.longReads, head.no)) {
    const digest = pointsDigest();
    if (digests) for await (const some of walkPoints(db.longReads, no)) digest.add(some);
    series.push({ key, points, digest: digests ? digest.digest() : null });
  }
  return [{ runId, series, files: await filesBelow(deps, head.artifactRoot) }];
}

/** Files that this server keeps, by their paths below the root. */
async function filesBelow({ files }: ImportDeps, artifactRoot: string): Promise<RunInventory['files']> {
  const root = treePathOf(artifactRoot);
  if (root === undefined) return [];
  const found = await files.filesBelow(root);
  return found.map(({ path, digest, sizeBytes }) => ({ path: path.slice(root.length + 1), digest, sizeBytes }));
}

/** Files and points came while all was active; now what was deleted elsewhere is deleted here. */
async function settle(
  { db, clock, experimentStore, runStore, modelStore }: ImportDeps,
  context: ChangeContext,
  request: { experimentId: string; runIds: readonly string[]; modelIds: readonly string[] },
): Promise<void> {
  const { experimentId, runIds, modelIds } = request;
  await db.transact(context, async (tx) => {
    const experiment = (await experimentStore.lock(tx, experimentId)) ?? missingExperiment(experimentId);
    const atMs = clock.nowMs();
    for (const runId of [...runIds].sort()) {
      const head = await runStore.lock(tx, runId);
      if (head?.experimentId !== experimentId || head.lifecycle === 'deleted') continue;
      if (experiment.lifecycle === 'deleted') continue; // below, with its experiment
      await runStore.update(tx, head.no, { lifecycle: 'deleted', deletedAtMs: atMs });
    }
    if (experiment.lifecycle === 'deleted') {
      await experimentStore.moveRuns(tx, experiment.no, { lifecycle: 'deleted', atMs });
    }
    for (const modelId of modelIds) {
      const model = await modelStore.lock(tx, modelId);
      if (model?.experimentId !== experimentId || model.lifecycle === 'deleted') continue;
      await modelStore.update(tx, model.no, { lifecycle: 'deleted', updatedAtMs: model.updatedAtMs });
    }
    if (runIds.length + modelIds.length === 0) return;
    tx.record(importSettled.of({ kind: 'experiment', id: experimentId }, { runIds, modelIds }));
  });
}
