import { type Actor, systemActor } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { JobQueue, JsonValue, RunningJob, Schedules } from '../../../platform/jobs/index.js';
import { missingExperiment } from '../experiment-service.js';
import { missingRun } from '../run-service.js';
import { trackingErrors } from '../tracking-errors.js';
import { purged } from '../tracking-events.js';
import type { ExperimentStore, RunStore } from '../tracking-store.js';
import { START } from './purge-rules.js';
import type { PurgeDeps } from './purge-steps.js';
import type { PurgeScope } from './purge-store.js';
import type { PurgeReport, PurgeSelection, PurgeService } from './purge-types.js';
import { purge } from './purge-work.js';

export interface PurgeServiceDeps extends PurgeDeps {
  readonly jobs: JobQueue;
  readonly schedules: Schedules;
  readonly runStore: RunStore;
  readonly experimentStore: ExperimentStore;
}

const PURGE_JOB = 'tracking.purge';
const RETENTION = 'tracking.retention';
const DAY_MS = 24 * 3_600_000;
const MAX_OF_ONE_NAME = 1_000;

interface Payload {
  readonly dryRun: boolean;
  /** Null: what the firing of the schedule says, less `olderThanMs`. */
  readonly scope: PurgeScope | null;
  readonly olderThanMs: number;
  readonly actor: Actor;
  readonly requestId: string | null;
}

/** Removing for good, as a job. Registers it with the queue, which must not have been started yet. */
export function createPurgeService(deps: PurgeServiceDeps): PurgeService {
  const { db, jobs, schedules } = deps;
  jobs.handle(PURGE_JOB, (job) => runPurge(deps, job), { concurrency: 1 });
  return {
    start: async (context, { dryRun, ...selection }) => {
      const { olderThanMs = 0 } = selection;
      const payload: Payload = {
        dryRun,
        scope: await resolveScope(deps, selection),
        olderThanMs,
        actor: context.actor,
        requestId: context.requestId ?? null,
      };
      const job = { kind: PURGE_JOB, payload: payload as unknown as JsonValue, limitKey: PURGE_JOB };
      return { jobId: await db.transact(context, (tx) => jobs.enqueue(tx, job)) };
    },
    retain: (context, days) =>
      db.transact(context, async (tx) => {
        if (days === null) {
          await schedules.remove(tx, RETENTION);
          return;
        }
        const olderThanMs = days * DAY_MS;
        const payload: Payload = { dryRun: false, scope: null, olderThanMs, actor: systemActor, requestId: null };
        const job = {
          kind: PURGE_JOB,
          payload: payload as unknown as JsonValue,
          limitKey: PURGE_JOB,
          dedupeKey: RETENTION,
        };
        const rhythm = { cron: '17 3 * * *', timezone: 'UTC', catchUp: 'last', paused: false } as const;
        await schedules.upsert(tx, { id: RETENTION, ...rhythm, job });
      }),
  };
}

async function runPurge(deps: PurgeServiceDeps, job: RunningJob) {
  const { dryRun, scope, olderThanMs, actor, requestId } = job.payload as unknown as Payload;
  const context: ChangeContext = { actor, ...(requestId !== null && { requestId }) };
  const deletedBeforeMs = (job.scheduledForMs ?? deps.clock.nowMs()) - olderThanMs;
  const report: PurgeReport = await purge(deps, {
    id: job.id,
    context,
    dryRun,
    scope: scope ?? { deletedBeforeMs, runIds: null, experimentIds: null },
    signal: job.signal,
    progress: (message) => job.progress(0, message),
  });
  const { kept: _kept, dryRun: _dryRun, ...counts } = report;
  if (!dryRun && counts.runs + counts.experiments + counts.loggedModels > 0) {
    // In a transaction of its own: the job's is the machine's, and this was somebody's wish.
    await deps.db.transact(context, async (tx) => tx.record(purged.of({ kind: 'purge', id: job.id }, counts)));
  }
  return { result: report as unknown as JsonValue };
}

async function resolveScope(deps: PurgeServiceDeps, selection: PurgeSelection): Promise<PurgeScope> {
  const { db, clock, store } = deps;
  const { olderThanMs = 0, runIds, experimentIds, experiment } = selection;
  const scope: PurgeScope = {
    deletedBeforeMs: clock.nowMs() - olderThanMs,
    runIds: runIds === undefined ? null : [...new Set(runIds)],
    experimentIds:
      experimentIds === undefined && experiment === undefined
        ? null
        : [
            ...(await existing(deps, experimentIds ?? [])),
            ...(experiment === undefined ? [] : await named(deps, experiment)),
          ],
  };
  if (scope.runIds === null) return scope;
  const found = await store.runs(db, scope, { after: START, limit: scope.runIds.length });
  const ready = new Set(found.map(({ id }) => id));
  for (const runId of scope.runIds) {
    if (!ready.has(runId)) await refuseRun(deps, runId, olderThanMs);
  }
  return scope;
}

async function existing({ db, experimentStore }: PurgeServiceDeps, ids: readonly string[]): Promise<readonly string[]> {
  for (const id of ids) if ((await experimentStore.byId(db, id)) === undefined) missingExperiment(id);
  return ids;
}

async function named({ db, experimentStore }: PurgeServiceDeps, name: string): Promise<string[]> {
  const { items } = await experimentStore.search(db, {
    where: [{ field: 'name', comparison: '=', value: name }],
    lifecycle: 'all',
    limit: MAX_OF_ONE_NAME,
  });
  return items.length === 0 ? missingExperiment(name) : items.map(({ id }) => id);
}

async function refuseRun({ db, runStore }: PurgeServiceDeps, runId: string, olderThanMs: number): Promise<never> {
  const head = (await runStore.head(db, runId)) ?? missingRun(runId);
  const problem =
    head.lifecycle === 'active'
      ? 'is not deleted'
      : olderThanMs > 0
        ? `was deleted less than ${olderThanMs} ms ago`
        : 'is in another experiment';
  throw trackingErrors.TRK_NOT_PURGEABLE(`Run ${runId} ${problem}.`, { data: { runId, problem } });
}
