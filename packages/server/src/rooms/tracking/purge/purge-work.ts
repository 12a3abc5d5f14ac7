import { experimentPurged, loggedModelPurged, runPurged } from '../tracking-events.js';
import { partRuns, portion, START, whyKeepExperiment, whyKeepModel } from './purge-rules.js';
import {
  breathe,
  type Gone,
  goneModels,
  goneOwner,
  inPortion,
  type Portion,
  type Purge,
  type PurgeDeps,
  removeRest,
} from './purge-steps.js';
import type { DeletedExperiment, DeletedRun, PurgeableModel, PurgePlace } from './purge-store.js';
import type { KeptThing, PurgeReport } from './purge-types.js';

const PAGE = 50;
const MAX_NAMED = 100;

/** Removes for good what the scope holds, runs first, or counts it. Every portion is a transaction of its own. */
export async function purge(deps: PurgeDeps, work: Purge): Promise<PurgeReport> {
  const { store, db } = deps;
  const tally = createTally();
  const take = (found: Portion) => {
    tally.add(found);
    work.progress(`${tally.totals.runs} runs with ${tally.totals.points} points`);
  };
  // What an interrupted purge has left, whoever asked for it.
  if (!work.dryRun) await removeRest(deps, work);
  await eachPage(
    work,
    (after) => store.runs(db.longReads, work.scope, { after, limit: PAGE }),
    async (page) => {
      const runs = portion(page);
      take(await purgeRuns(deps, work, runs));
      if (!work.dryRun) await removeRest(deps, work);
      return runs.at(-1);
    },
  );
  if (work.scope.runIds === null) {
    await eachPage(
      work,
      (after) => store.deletedModels(db.longReads, work.scope, { after, limit: PAGE }),
      async (models) => {
        take(await purgeModels(deps, work, models));
        return models.at(-1);
      },
    );
    await eachPage(
      work,
      (after) => store.experiments(db.longReads, work.scope, { after, limit: PAGE }),
      async (experiments) => {
        for (const experiment of experiments) {
          const staying = work.dryRun ? experiment.runs - tally.runsOf(experiment.id) : experiment.runs;
          take(await purgeExperiment(deps, work, { ...experiment, runs: staying }));
        }
        return experiments.at(-1);
      },
    );
    if (!work.dryRun) await removeRest(deps, work);
  }
  const totals = work.dryRun ? tally.totals : await store.totals(db, work.id);
  return { dryRun: work.dryRun, ...totals, keptCount: tally.kept.length, kept: tally.kept.slice(0, MAX_NAMED) };
}

/** `handle` says up to which of a page it came; the next page begins behind it. */
async function eachPage<T extends PurgePlace>(
  { signal }: Purge,
  read: (after: PurgePlace) => Promise<T[]>,
  handle: (page: readonly T[]) => Promise<T | undefined>,
): Promise<void> {
  for (let after: PurgePlace | undefined = START; after !== undefined; ) {
    await breathe();
    signal.throwIfAborted();
    const page: T[] = await read(after);
    if (page.length === 0) return;
    after = await handle(page);
  }
}

function purgeRuns(deps: PurgeDeps, work: Purge, named: readonly DeletedRun[]): Promise<Portion> {
  const { store, usesOf } = deps;
  return inPortion(deps, work, async (reader) => {
    // Read again: a run that was restored meanwhile is none of them any more.
    const scope = { ...work.scope, runIds: named.map(({ id }) => id) };
    const runs = await store.runs(reader, scope, { after: START, limit: named.length, lock: !work.dryRun });
    const models = await store.modelsOfRuns(
      reader,
      runs.map(({ id }) => id),
    );
    const { going, kept } = partRuns(runs, models, await usesOf(reader, [...runs, ...models]));
    const records: { run: DeletedRun; own: readonly PurgeableModel[]; gone: readonly Gone[] }[] = [];
    for (const { run, models: own } of going) {
      const gone = await goneOwner(store, reader, { ...run, kind: 'run' });
      records.push({ run, own, gone: [gone, ...(await goneModels(store, reader, own))] });
    }
    return {
      gone: records.flatMap(({ gone }) => gone),
      kept,
      remove: async (tx) => {
        for (const { run, own, gone } of records) {
          const sum = (of: 'files' | 'sizeBytes') => gone.reduce((all, one) => all + one[of], 0);
          tx.record(
            runPurged.of(
              { kind: 'run', id: run.id },
              {
                experimentId: run.experimentId,
                points: run.points,
                files: sum('files'),
                sizeBytes: sum('sizeBytes'),
                modelIds: own.map(({ id }) => id),
              },
            ),
          );
        }
        await store.removeModels(
          tx,
          records.flatMap(({ own }) => own),
        );
        await store.removeRuns(
          tx,
          records.map(({ run }) => run),
        );
      },
    };
  });
}

function purgeModels(deps: PurgeDeps, work: Purge, models: readonly PurgeableModel[]): Promise<Portion> {
  const { store, usesOf } = deps;
  return inPortion(deps, work, async (reader) => {
    const uses = await usesOf(reader, models);
    const why = models.map((model) => whyKeepModel(model, uses));
    const going = models.filter((_, index) => why[index] === null);
    const kept = models.flatMap(({ id }, index): KeptThing[] => {
      const reason = why[index] ?? null;
      return reason === null ? [] : [{ kind: 'logged-model', id, reason }];
    });
    const gone = await goneModels(store, reader, going);
    return {
      gone,
      kept,
      remove: async (tx) => {
        for (const { id, experimentId, files, sizeBytes } of gone) {
          tx.record(loggedModelPurged.of({ kind: 'logged-model', id }, { experimentId, files, sizeBytes }));
        }
        await store.removeModels(tx, going);
      },
    };
  });
}

/** With the logged models that no run of it has written. When one of them is needed, all stays. */
async function purgeExperiment(deps: PurgeDeps, work: Purge, experiment: DeletedExperiment): Promise<Portion> {
  const { store, db, usesOf } = deps;
  const { id, runs } = experiment;
  const keep = (reason: string): Portion => ({ gone: [], kept: [{ kind: 'experiment', id, reason }] });
  const reason = whyKeepExperiment(experiment, runs);
  if (reason !== null) return keep(reason);
  const eachModels = (handle: (models: readonly PurgeableModel[]) => Promise<void>) =>
    eachPage(
      work,
      (after) => store.modelsOfExperiment(db.longReads, id, { after, limit: PAGE }),
      async (models) => {
        await handle(models);
        return models.at(-1);
      },
    );
  const reasons: string[] = [];
  await eachModels(async (models) => {
    const uses = await usesOf(db, models);
    reasons.push(...models.flatMap((model) => whyKeepModel(model, uses) ?? []));
  });
  if (reasons[0] !== undefined) return keep(reasons[0]);
  const parts: Portion[] = [];
  await eachModels(async (models) => {
    parts.push(await purgeModels(deps, work, models));
  });
  parts.push(
    await inPortion(deps, work, async (reader) => {
      const here = work.dryRun ? experiment : await store.lockExperiment(reader, id);
      // Restored meanwhile, or a run in it.
      if (here === undefined || here.runs > 0) return { gone: [], kept: [], remove: async () => undefined };
      return {
        gone: [{ kind: 'experiment', id, experimentId: id, root: null, points: 0, files: 0, sizeBytes: 0 }],
        kept: [],
        remove: async (tx) => {
          tx.record(experimentPurged.of({ kind: 'experiment', id }, { name: here.name }));
          await store.removeExperiment(tx, here);
        },
      };
    }),
  );
  return { gone: parts.flatMap(({ gone }) => gone), kept: parts.flatMap(({ kept }) => kept) };
}

/** What one try has found. Of a purge that removes, the store knows more: what went before an interruption too. */
function createTally() {
  const totals = { runs: 0, experiments: 0, loggedModels: 0, points: 0, files: 0, sizeBytes: 0 };
  const kept: KeptThing[] = [];
  const runsOf = new Map<string, number>();
  const counted = new Set<string>();
  return {
    totals,
    kept,
    runsOf: (experimentId: string) => runsOf.get(experimentId) ?? 0,
    add: (found: Portion) => {
      kept.push(...found.kept);
      for (const { kind, id, experimentId, points, files, sizeBytes } of found.gone) {
        // A dry run meets a deleted logged model again in its experiment.
        if (kind === 'logged-model' && counted.has(id)) continue;
        if (kind === 'logged-model') counted.add(id);
        if (kind === 'run') runsOf.set(experimentId, (runsOf.get(experimentId) ?? 0) + 1);
        totals[kind === 'run' ? 'runs' : kind === 'experiment' ? 'experiments' : 'loggedModels'] += 1;
        totals.points += points;
        totals.files += files;
        totals.sizeBytes += sizeBytes;
      }
    },
  };
}
