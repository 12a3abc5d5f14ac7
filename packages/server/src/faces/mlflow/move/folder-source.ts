import { join } from 'node:path';
import { type FolderReader, readExperiment, readLoggedModel, readRun } from './folder-records.js';
import { readModels } from './folder-registry.js';
import type { FileOwner, ImportSource, SourceExperiment, SourceOptions } from './import-source.js';
import { openLocalFolder } from './local-folder.js';
import { moveErrors } from './move-errors.js';
import { readLocalFiles } from './read-local-files.js';
import { readSeries } from './read-series.js';
import { createTell } from './tell-problem.js';

const RESERVED = ['tags', 'datasets', 'traces', 'models'];
const NO_EXPERIMENT = ['models', '.trash', 'traces'];

/** The folder store of MLflow, 1.x to 3.x: one folder per experiment and run, one file per metric, parameter and tag. */
export async function openFolderSource(path: string, options: SourceOptions): Promise<ImportSource> {
  const folder = await openLocalFolder((await isStore(path)) ? path : await storeWithin(path));
  const extra = await Promise.all((options.artifactFolders ?? []).map(openLocalFolder));
  const reader: FolderReader = { folder, tell: createTell(options.onProblem) };
  const partsOf = new Map<string, readonly string[]>();
  const experiments = () => readExperiments(reader, options, partsOf);
  return {
    kind: 'folder',
    address: folder.root,
    experiments,
    async *runs(experimentId) {
      const experiment = partsOf.get(experimentId) ?? [experimentId];
      for (const { name, isFolder } of await folder.list(experiment)) {
        if (!isFolder || RESERVED.includes(name)) continue;
        const run = await reader.tell.around(() => readRun(reader, experiment, name));
        if (run !== undefined) yield run;
      }
    },
    async *points(run) {
      const metrics = [...(partsOf.get(run.experimentId) ?? [run.experimentId]), run.id, 'metrics'];
      for await (const file of folder.walk(metrics, reader.tell.refused)) yield* readSeries(folder, file, reader.tell);
    },
    async *loggedModels(experimentId) {
      const experiment = partsOf.get(experimentId) ?? [experimentId];
      for (const { name, isFolder } of await folder.list([...experiment, 'models'])) {
        if (!isFolder) continue;
        const model = await reader.tell.around(() => readLoggedModel(reader, experiment, name));
        if (model !== undefined) yield model;
      }
    },
    files: async function* (owner) {
      const own = [...(partsOf.get(owner.experimentId) ?? [owner.experimentId]), ...ownParts(owner), 'artifacts'];
      const isOwn =
        (await folder.isFolder(own)) || endsWith(owner.artifactRoot, [owner.experimentId, ...ownParts(owner)]);
      const place = isOwn ? { folder, parts: own } : undefined;
      yield* readLocalFiles({
        owner,
        place,
        folders: [folder, ...extra],
        base: join(folder.root, '..'),
        tell: reader.tell,
      });
    },
    models: () => readModels(reader),
    leftOut: async () => countTraces(reader, partsOf),
    close: async () => {},
  };
}

/** True when the recorded address is the usual one in a store, wherever that stood. */
const endsWith = (root: string, parts: readonly string[]) => root.endsWith(`/${parts.join('/')}/artifacts`);

const ownParts = ({ kind, id }: FileOwner) => (kind === 'run' ? [id] : ['models', id]);

async function* readExperiments(
  reader: FolderReader,
  { experiments: wanted }: SourceOptions,
  partsOf: Map<string, readonly string[]>,
): AsyncGenerator<SourceExperiment> {
  const refused = (place: string) => reader.tell.refused(place, 'has a name that cannot be kept');
  for (const lifecycle of ['active', 'deleted'] as const) {
    const parent = lifecycle === 'active' ? [] : ['.trash'];
    for (const { name, isFolder } of await reader.folder.list(parent, refused)) {
      if (!isFolder || NO_EXPERIMENT.includes(name)) continue;
      const parts = [...parent, name];
      const experiment = await reader.tell.around(() => readExperiment(reader, parts, lifecycle));
      if (experiment === undefined) continue;
      partsOf.set(experiment.id, parts);
      if (wanted === undefined || wanted.includes(experiment.name)) yield experiment;
    }
  }
}

async function countTraces({ folder }: FolderReader, partsOf: ReadonlyMap<string, readonly string[]>) {
  let count = 0;
  for (const parts of partsOf.values()) count += (await folder.list([...parts, 'traces'])).length;
  return count === 0 ? [] : [{ what: 'traces', count }];
}

/** A store has its bin, a registry, or at least one experiment's record. */
async function isStore(path: string): Promise<boolean> {
  const folder = await openLocalFolder(path);
  const entries = await folder.list([]);
  if (entries.some(({ name, isFolder }) => isFolder && name === '.trash')) return true;
  for (const { name, isFolder } of entries) {
    if (!isFolder) continue;
    const meta = await folder.text([name, 'meta.yaml'], 1 << 20).catch(() => undefined);
    if (meta?.includes('experiment_id:')) return true;
  }
  return false;
}

async function storeWithin(path: string): Promise<string> {
  const within = join(path, 'mlruns');
  const found = await isStore(within).catch(() => false);
  if (found) return within;
  throw moveErrors.MOVE_SOURCE_UNKNOWN(`${path} is no mlruns folder: it has neither experiments nor a .trash folder.`, {
    data: { path },
  });
}
