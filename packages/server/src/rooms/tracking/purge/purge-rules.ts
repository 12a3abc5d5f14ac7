import type { DeletedExperiment, DeletedRun, PurgeableModel, PurgePlace } from './purge-store.js';
import type { KeptThing } from './purge-types.js';

export const START: PurgePlace = { atMs: Number.MIN_SAFE_INTEGER, no: -1 };
/** Series that are cut off in one transaction at most, by whole runs: each moves in two indexes. */
const MAX_SERIES = 2_000;

/** The first runs, as many as one transaction may take away; always one. */
export function portion(runs: readonly DeletedRun[]): readonly DeletedRun[] {
  let series = 0;
  const end = runs.findIndex((run, index) => {
    series += run.series;
    return index > 0 && series > MAX_SERIES;
  });
  return end === -1 ? runs : runs.slice(0, end);
}

/** Why a logged model stays, in words; null when it may go. */
export function whyKeepModel(model: PurgeableModel, uses: ReadonlyMap<string, string>): string | null {
  const use = uses.get(model.id);
  if (use !== undefined) return `${use} comes from the logged model ${model.id}`;
  return model.activeUser === null ? null : `the run ${model.activeUser} uses the logged model ${model.id}`;
}

/** Which runs go with which models, and which stay: a run goes only with everything that it has written. */
export function partRuns(
  runs: readonly DeletedRun[],
  models: readonly PurgeableModel[],
  uses: ReadonlyMap<string, string>,
): { going: { run: DeletedRun; models: readonly PurgeableModel[] }[]; kept: KeptThing[] } {
  const going: { run: DeletedRun; models: readonly PurgeableModel[] }[] = [];
  const kept: KeptThing[] = [];
  for (const run of runs) {
    const own = models.filter(({ sourceRunId }) => sourceRunId === run.id);
    const use = uses.get(run.id);
    const reasons = [
      use === undefined ? null : `${use} comes from it`,
      ...own.map((model) => whyKeepModel(model, uses)),
    ];
    const reason = reasons.find((why) => why !== null) ?? null;
    if (reason === null) going.push({ run, models: own });
    else kept.push({ kind: 'run', id: run.id, reason });
  }
  return { going, kept };
}

/** Why an experiment stays, in words; `staying` of its runs stay. */
export function whyKeepExperiment({ id }: DeletedExperiment, staying: number): string | null {
  if (id === '0') return 'clients that name no experiment count on it';
  return staying === 0 ? null : `it still has ${staying} run${staying === 1 ? '' : 's'}`;
}
