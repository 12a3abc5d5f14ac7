import { newId } from '@fairlead/kernel';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import { compareRuns } from './compare-runs-rules.js';
import { type ExperimentDeps, ensureExperiment, missingExperiment, refuseDeleted } from './experiment-service.js';
import type { LineageNode } from './lineage-types.js';
import type { MetricFeed } from './metric-feed.js';
import { parseModelMetrics, writeModelMetrics } from './models/model-metrics.js';
import type { ModelStore } from './models/model-store.js';
import { type CheckedChange, parseBatch, parseName, parseNewRun, parseRunChange, parseRunId } from './parse-batch.js';
import type { NewRun, Run, RunBatch, RunChange, RunService } from './run-types.js';
import { trackingErrors } from './tracking-errors.js';
import { runDeleted, runEnded, runLogged, runRestored, runStarted, runUpdated } from './tracking-events.js';
import { hasEnded } from './tracking-rules.js';
import type { NewRunHead, RunHead, RunStore } from './tracking-store.js';
import { type BatchDeps, writeBatch } from './write-batch.js';

export type RunDeps = ExperimentDeps &
  BatchDeps & {
    readonly feed: MetricFeed;
    readonly modelStore: ModelStore;
    /** Whether it was removed for good. */
    readonly isPurged: (reader: Reader, node: LineageNode) => Promise<boolean>;
  };
type WriteTx = Tx & Reader;

const MAX_COMPARED = 1000;

/** Runs: started, logged to, changed, found and compared. */
export function createRunService(deps: RunDeps): RunService {
  const { db, runStore: store } = deps;
  return {
    startRun: (context, run) => startRun(deps, context, run),
    logBatch: (context, runId, batch) => logBatch(deps, context, { runId, batch }),
    removeTag: (context, runId, key) =>
      db.transact(context, async (tx) => {
        const head = await lockRun(store, tx, runId);
        if ((await store.removeTags(tx, head.no, [key])) === 0) missingTag(runId, key);
        tx.record(runUpdated.of({ kind: 'run', id: runId }, { fields: [], tags: [key] }));
      }),
    endRun: async (context, runId, status) => {
      await db.transact(context, async (tx) => {
        const head = await lockRun(store, tx, runId);
        if (head.status === status) return;
        if (hasEnded(head.status)) refuseEnded(head, status);
        await moveStatus(deps, tx, head, { status, endedAtMs: deps.clock.nowMs() });
      });
      return (await store.run(db, runId)) ?? missingRun(runId);
    },
    updateRun: (context, runId, change) => updateRun(deps, context, { runId, change }),
    deleteRun: (context, runId) => moveLifecycle(deps, context, runId, 'deleted'),
    restoreRun: (context, runId) => moveLifecycle(deps, context, runId, 'active'),
    run: async (runId) => (await store.run(db, runId)) ?? missingRun(runId),
    searchRuns: (query) => store.search(db.longReads, query, (run) => run),
    searchRunsAs: (query, as) => store.search(db.longReads, query, as),
    compareRuns: async (runIds) => {
      if (runIds.length > MAX_COMPARED) refuseComparison(runIds.length);
      const runs = await store.runs(db.longReads, runIds);
      const missing = runIds.find((id) => !runs.some((run) => run.id === id));
      return missing === undefined ? compareRuns(runs) : missingRun(missing);
    },
  };
}

/** Throws TRK_RUN_NOT_FOUND. */
export function missingRun(runId: string): never {
  const shown = runId.slice(0, 80);
  throw trackingErrors.TRK_RUN_NOT_FOUND(`There is no run ${JSON.stringify(shown)}.`, { data: { runId: shown } });
}

/** A run that may be written to, locked. Throws TRK_RUN_NOT_FOUND, TRK_RUN_DELETED. */
export async function lockRun(store: RunStore, tx: Reader, runId: string): Promise<RunHead> {
  const head = (await store.lock(tx, runId)) ?? missingRun(runId);
  if (head.lifecycle === 'active') return head;
  throw trackingErrors.TRK_RUN_DELETED(`Run ${runId} is deleted.`, { data: { runId } });
}

/** Throws TRK_RUN_PURGED. */
export function refusePurged(runId: string): never {
  throw trackingErrors.TRK_RUN_PURGED(`Run ${runId} was removed for good.`, { data: { runId } });
}

async function startRun(deps: RunDeps, context: ChangeContext, request: NewRun): Promise<Run> {
  const { db, runStore: store, clock } = deps;
  const batch = parseBatch({ params: request.params ?? {}, tags: request.tags ?? {} });
  const nowMs = clock.nowMs();
  const id = parseRunId(request.id ?? newId(nowMs));
  const facts = parseNewRun(request, { name: `run-${id.slice(-8)}`, startedAtMs: nowMs });
  const insert = async (tx: WriteTx): Promise<Run> => {
    const known = request.id === undefined ? undefined : await store.run(tx, id);
    if (known !== undefined) return known;
    if (request.id !== undefined && (await deps.isPurged(tx, { kind: 'run', id }))) refusePurged(id);
    const experiment = await experimentOf(deps, tx, request);
    refuseDeleted(experiment);
    if (request.parentRunId !== undefined) await refuseNoParent(store, tx, request.parentRunId);
    const head: NewRunHead = {
      ...facts,
      id,
      experimentNo: experiment.no,
      experimentId: experiment.id,
      lifecycle: 'active',
      parentRunId: request.parentRunId ?? null,
      endedAtMs: null,
      createdBy: context.actor.id,
      environment: request.environment ?? null,
    };
    const no = await store.insert(tx, head);
    await writeBatch(deps, tx, { ...head, no }, batch);
    const logged = { params: Object.keys(batch.params), tags: Object.keys(batch.tags) };
    const payload = { experiment: experiment.name, name: head.name, parentRunId: head.parentRunId, ...logged };
    tx.record(runStarted.of({ kind: 'run', id }, payload, { after: { status: head.status } }));
    const { experimentNo: _, ...shown } = head;
    const artifactRoot = `${experiment.artifactRoot}/${id}/artifacts`;
    return { ...shown, artifactRoot, params: batch.params, tags: batch.tags, metrics: {}, latest: [] };
  };
  // Who names the experiment may make it, and so meets others who name the same.
  return db.transact(context, insert, request.experimentId === undefined ? undefined : { sharedBy: runKey(id) });
}

/** What all writes of one run have in common and no others. */
function runKey(id: string): string {
  return `run/${id}`;
}

async function refuseNoParent(store: RunStore, tx: WriteTx, parentRunId: string): Promise<void> {
  if ((await store.head(tx, parentRunId)) === undefined) missingRun(parentRunId);
}

async function experimentOf(deps: RunDeps, tx: WriteTx, { experiment, experimentId }: NewRun) {
  if ((experiment === undefined) === (experimentId === undefined)) {
    throw trackingErrors.TRK_VALUE_INVALID('A run needs either the name or the id of its experiment.', {
      data: { problem: 'experiment and experimentId' },
    });
  }
  if (experimentId === undefined) return ensureExperiment(deps, tx, parseName('experiment', experiment ?? ''));
  return (await deps.experimentStore.byId(tx, experimentId)) ?? missingExperiment(experimentId);
}

async function logBatch(
  deps: RunDeps,
  context: ChangeContext,
  { runId, batch }: { runId: string; batch: RunBatch },
): Promise<void> {
  const checked = parseBatch(batch);
  const change = batch.change === undefined ? undefined : parseRunChange(batch.change);
  const metrics = parseModelMetrics(batch.modelMetrics ?? []);
  const logged = { params: Object.keys(checked.params), tags: Object.keys(checked.tags) };
  const write = async (tx: WriteTx) => {
    const head = await lockRun(deps.runStore, tx, runId);
    await writeBatch(deps, tx, head, checked);
    if (logged.params.length + logged.tags.length > 0) {
      tx.record(runLogged.of({ kind: 'run', id: runId }, logged));
    }
    if (change !== undefined) await writeChange(deps, tx, head, change);
    await writeModelMetrics(deps.modelStore, tx, { runId, metrics });
    if (checked.metrics.length > 0) tx.afterCommit(() => deps.feed.publish(runId, checked.metrics));
  };
  // A logged model belongs to no run alone.
  await deps.db.transact(context, write, metrics.length === 0 ? { sharedBy: runKey(runId) } : undefined);
}

async function updateRun(
  deps: RunDeps,
  context: ChangeContext,
  { runId, change }: { runId: string; change: RunChange },
): Promise<Run> {
  const checked = parseRunChange(change);
  return deps.db.transact(context, async (tx) => {
    await writeChange(deps, tx, await lockRun(deps.runStore, tx, runId), checked);
    return (await deps.runStore.run(tx, runId)) ?? missingRun(runId);
  });
}

async function writeChange(deps: RunDeps, tx: WriteTx, head: RunHead, change: CheckedChange): Promise<void> {
  const { runStore: store } = deps;
  const { status, endedAtMs, tags, ...fields } = change;
  const gone = Object.keys(tags).filter((key) => tags[key] === null);
  const set = Object.fromEntries(Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null));
  if (typeof fields.parentRunId === 'string') await refuseNoParent(store, tx, fields.parentRunId);
  await store.removeTags(tx, head.no, gone);
  await writeBatch(deps, tx, head, { params: {}, tags: set, metrics: [] });
  if (Object.keys(fields).length > 0) await store.update(tx, head.no, fields);
  const names = [
    ...Object.keys(fields),
    ...Object.keys({ ...(status && { status }), ...(endedAtMs && { endedAtMs }) }),
  ];
  tx.record(runUpdated.of({ kind: 'run', id: head.id }, { fields: names, tags: Object.keys(tags) }));
  await moveStatus(deps, tx, head, {
    status: status ?? head.status,
    endedAtMs: endedAtMs === undefined ? endOf(head, status, deps.clock.nowMs()) : endedAtMs,
  });
}

/** When nobody says when: now for a run that ends by this, no end for one that goes on, and otherwise as it was. */
function endOf(head: RunHead, status: Run['status'] | undefined, nowMs: number): number | null {
  if (status === undefined || status === head.status) return head.endedAtMs;
  return hasEnded(status) ? nowMs : null;
}

async function moveStatus(
  { runStore }: RunDeps,
  tx: WriteTx,
  head: RunHead,
  { status, endedAtMs }: Pick<Run, 'status' | 'endedAtMs'>,
): Promise<void> {
  if (status === head.status && endedAtMs === head.endedAtMs) return;
  await runStore.update(tx, head.no, { status, endedAtMs });
  if (!hasEnded(status) || hasEnded(head.status)) return;
  const change = { before: { status: head.status }, after: { status, endedAtMs } };
  tx.record(runEnded.of({ kind: 'run', id: head.id }, { experimentId: head.experimentId, status }, change));
}

function moveLifecycle(
  { db, clock, runStore: store }: RunDeps,
  context: ChangeContext,
  runId: string,
  lifecycle: Run['lifecycle'],
): Promise<void> {
  return db.transact(context, async (tx) => {
    const head = (await store.lock(tx, runId)) ?? missingRun(runId);
    if (head.lifecycle === lifecycle) return;
    await store.update(tx, head.no, { lifecycle, deletedAtMs: lifecycle === 'deleted' ? clock.nowMs() : null });
    const event = lifecycle === 'deleted' ? runDeleted : runRestored;
    tx.record(event.of({ kind: 'run', id: runId }, { experimentId: head.experimentId }));
  });
}

function refuseEnded({ id, status }: RunHead, asked: Run['status']): never {
  throw trackingErrors.TRK_RUN_ENDED(`Run ${id} has already ended as ${status}.`, {
    data: { runId: id, status, asked },
  });
}

function missingTag(runId: string, key: string): never {
  const shown = key.slice(0, 80);
  throw trackingErrors.TRK_TAG_NOT_FOUND(`Run ${runId} has no tag ${JSON.stringify(shown)}.`, {
    data: { runId, key: shown },
  });
}

function refuseComparison(count: number): never {
  throw trackingErrors.TRK_VALUE_INVALID(`${count} runs cannot be compared, at most ${MAX_COMPARED}.`, {
    data: { count },
  });
}
