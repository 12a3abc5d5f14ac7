import { type Clock, canonicalJson, newId } from '@fairlead/kernel';
import type { ChangeContext, Db, Reader, Tx } from '../../platform/db/index.js';
import { readPageToken, writePageToken } from './page-token.js';
import { parseBatch, parseName, parseRunId } from './parse-batch.js';
import { trackingErrors } from './tracking-errors.js';
import { experimentCreated, runEnded, runStarted } from './tracking-events.js';
import { isLater, latestPoints } from './tracking-rules.js';
import type { RunHead, RunQuery, TrackingStore } from './tracking-store.js';
import type { Experiment, MetricPoint, NewRun, Run, RunStatus, TrackingService } from './tracking-types.js';

export interface TrackingDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly store: TrackingStore;
}

type Runs = Pick<
  TrackingService,
  'ensureExperiment' | 'experiments' | 'startRun' | 'logBatch' | 'endRun' | 'run' | 'searchRuns' | 'metricHistory'
>;
const MAX_PAGE = 1000;

/** Experiments, runs and their logged values. */
export function createRunService(deps: TrackingDeps): Runs {
  const { db, store } = deps;
  return {
    ensureExperiment: (context, name) => db.transact(context, (tx) => ensureExperiment(deps, tx, name)),
    experiments: () => store.experiments(db),
    startRun: (context, run) => startRun(deps, context, run),
    logBatch: async (context, runId, batch) => {
      const checked = parseBatch(batch);
      await db.transact(context, async (tx) => {
        await lockRun(store, tx, runId);
        await writeBatch(store, tx, { runId, ...checked });
      });
    },
    endRun: (context, runId, status) => endRun(deps, context, { runId, status }),
    run: async (runId) => (await store.run(db, runId)) ?? missingRun(runId),
    searchRuns: (query) => searchRuns(deps, query),
    metricHistory: async (runId, key) => {
      const points = await store.history(db, runId, key);
      if (points.length === 0 && (await store.run(db, runId)) === undefined) missingRun(runId);
      return points;
    },
  };
}

/** Throws TRK_RUN_NOT_FOUND. */
export function missingRun(runId: string): never {
  const shown = runId.slice(0, 80);
  throw trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${JSON.stringify(shown)}.`, { data: { runId: shown } });
}

/** Throws TRK_RUN_NOT_FOUND. */
export async function lockRun(store: TrackingStore, tx: Reader, runId: string): Promise<RunHead> {
  return (await store.lockRun(tx, runId)) ?? missingRun(runId);
}

async function ensureExperiment({ store, clock }: TrackingDeps, tx: Tx & Reader, name: string): Promise<Experiment> {
  const known = await store.experimentByName(tx, parseName('experiment', name));
  if (known !== undefined) return known;
  const nowMs = clock.nowMs();
  const experiment: Experiment = { id: newId(nowMs), name, tags: {}, createdAtMs: nowMs };
  // False when another transaction was faster; its row is committed by then.
  if (!(await store.insertExperiment(tx, experiment))) {
    return (await store.experimentByName(tx, name)) ?? experiment;
  }
  tx.record(experimentCreated.of({ kind: 'experiment', id: experiment.id }, { name }, { after: experiment }));
  return experiment;
}

async function startRun(deps: TrackingDeps, context: ChangeContext, request: NewRun): Promise<Run> {
  const { db, store, clock } = deps;
  const batch = parseBatch({ params: request.params ?? {}, tags: request.tags ?? {} });
  const nowMs = clock.nowMs();
  const id = parseRunId(request.id ?? newId(nowMs));
  const name = parseName('run', request.name ?? `run-${id.slice(-8)}`);
  return db.transact(context, async (tx) => {
    const known = request.id === undefined ? undefined : await store.run(tx, id);
    if (known !== undefined) return known;
    const experiment = await ensureExperiment(deps, tx, request.experiment);
    if (request.parentRunId !== undefined) await lockRun(store, tx, request.parentRunId);
    const head: RunHead = {
      id,
      experimentId: experiment.id,
      name,
      status: 'running',
      parentRunId: request.parentRunId ?? null,
      startedAtMs: nowMs,
      endedAtMs: null,
      createdBy: context.actor.id,
      environment: request.environment ?? null,
    };
    await store.insertRun(tx, head);
    await writeBatch(store, tx, { runId: id, ...batch });
    const payload = { experiment: experiment.name, name, parentRunId: head.parentRunId };
    tx.record(runStarted.of({ kind: 'run', id }, payload, { after: { status: head.status } }));
    return { ...head, params: batch.params, tags: batch.tags, metrics: {} };
  });
}

interface BatchOfRun {
  readonly runId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly metrics: readonly MetricPoint[];
}

async function writeBatch(store: TrackingStore, tx: Reader, batch: BatchOfRun): Promise<void> {
  const { runId, params, tags, metrics } = batch;
  const known = await store.params(tx, runId, Object.keys(params));
  const fresh = Object.entries(params).filter(([key, value]) => {
    const before = known.get(key);
    if (before !== undefined && before !== value) refuseParam(runId, key, { before, value });
    return before === undefined;
  });
  await store.insertParams(tx, runId, Object.fromEntries(fresh));
  await store.upsertTags(tx, runId, tags);
  await store.insertPoints(tx, runId, metrics);
  const candidates = latestPoints(metrics);
  const latest = new Map((await store.latest(tx, runId, [...candidates.keys()])).map((point) => [point.key, point]));
  const later = [...candidates.values()].filter((point) => {
    const former = latest.get(point.key);
    return former === undefined || isLater(point, former);
  });
  await store.upsertLatest(tx, runId, later);
}

function refuseParam(runId: string, key: string, { before, value }: { before: string; value: string }): never {
  throw trackingErrors.TRK_PARAM_CONFLICT(`Run ${runId} has ${key} = "${before}", not "${value}".`, {
    data: { runId, key, stored: before, given: value },
  });
}

async function endRun(
  { db, store, clock }: TrackingDeps,
  context: ChangeContext,
  { runId, status }: { runId: string; status: Exclude<RunStatus, 'running'> },
): Promise<Run> {
  await db.transact(context, async (tx) => {
    const head = await lockRun(store, tx, runId);
    if (head.status === status) return;
    if (head.status !== 'running') {
      throw trackingErrors.TRK_RUN_ENDED(`Run ${runId} has already ended as ${head.status}.`, {
        data: { runId, status: head.status, asked: status },
      });
    }
    const endedAtMs = clock.nowMs();
    await store.endRun(tx, runId, { status, endedAtMs });
    const change = { before: { status: head.status }, after: { status, endedAtMs } };
    tx.record(runEnded.of({ kind: 'run', id: runId }, { experimentId: head.experimentId, status }, change));
  });
  return (await store.run(db, runId)) ?? missingRun(runId);
}

async function searchRuns(
  { db, store }: TrackingDeps,
  { experiment, status, parentRunId, orderByMetric, limit, pageToken }: Parameters<TrackingService['searchRuns']>[0],
): ReturnType<TrackingService['searchRuns']> {
  const found = experiment === undefined ? undefined : await store.experimentByName(db, experiment);
  if (experiment !== undefined && found === undefined) {
    throw trackingErrors.TRK_EXPERIMENT_NOT_FOUND(`There is no experiment named "${experiment.slice(0, 80)}".`, {
      data: { experiment: experiment.slice(0, 80) },
    });
  }
  const search = canonicalJson({ experiment, status, parentRunId, orderByMetric });
  const pageSize = Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE);
  const query: RunQuery = {
    ...(found === undefined ? {} : { experimentId: found.id }),
    ...(status === undefined ? {} : { status }),
    ...(parentRunId === undefined ? {} : { parentRunId }),
    ...(pageToken === undefined ? {} : { after: readPageToken(search, pageToken) }),
    metric: orderByMetric ?? null,
    limit: pageSize + 1,
  };
  const rows = await store.search(db, query);
  const last = rows[pageSize - 1];
  return {
    runs: rows.slice(0, pageSize).map(({ run }) => run),
    nextPageToken: rows.length > pageSize && last !== undefined ? writePageToken(search, last.position) : null,
  };
}
