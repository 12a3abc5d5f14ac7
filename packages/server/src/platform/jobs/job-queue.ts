import { messageOf, sleep } from '@fairlead/kernel';
import type { Db } from '../db/index.js';
import { startHeartbeatThread } from './heartbeat.js';
import { claimAndStart } from './job-claimer.js';
import { jobErrors } from './job-errors.js';
import { createJobKeeper, type JobKeeper } from './job-keeper.js';
import { createQueueState, type QueueState } from './job-queue-state.js';
import { cancelJob, findJob, insertJob, listJobs } from './job-store.sql.js';
import type { JobQueue, JobQueueOptions, JobView } from './job-types.js';

const LONGEST_PAUSE_MS = 1_000;
const DEFAULT_CONCURRENCY = 2;

/** A durable queue of jobs in the metadata database; see README.md for what it promises. */
export function createJobQueue(db: Db, options: JobQueueOptions): JobQueue {
  const state = createQueueState(db, options);
  const keeper = createJobKeeper(state);
  let working: Working | undefined;

  return {
    enqueue: async (tx, job) => {
      const id = await insertJob(tx, job, { nowMs: await db.nowMs(tx), idTimeMs: options.clock.nowMs() });
      tx.afterCommit(state.work.ring);
      return id;
    },
    get: (id, reader = db) => findJob(reader, id),
    list: (filter) => listJobs(db, filter),
    cancel: async (tx, id) => {
      const answer = await cancelJob(tx, id, await db.nowMs(tx));
      tx.afterCommit(answer === 'cancelling' ? () => abortHere(state, id) : state.ended.ring);
      return answer;
    },
    waitFor: (id, wait) => waitFor(state, id, wait),
    handle: (kind, handler, { concurrency = DEFAULT_CONCURRENCY } = {}) => {
      if (state.handlers.has(kind)) throw jobErrors.JOB_DUPLICATE_HANDLER(`Job kind ${kind} has a handler already.`);
      state.handlers.set(kind, { handler, concurrency });
      state.work.ring();
    },
    start: async () => {
      if (working !== undefined) return;
      if (options.exclusive) await keeper.voidAll();
      working = startWorking(state, keeper);
    },
    stop: async ({ graceMs }) => {
      await working?.stop(graceMs);
      working = undefined;
    },
  };
}

function abortHere({ runs }: QueueState, id: string): void {
  for (const run of runs.values()) {
    if (run.claimed.id === id) run.abort(jobErrors.JOB_CANCELLED('The job was cancelled.'));
  }
}

async function waitFor(
  { db, settings, ended }: QueueState,
  id: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<JobView> {
  const untilMs = performance.now() + timeoutMs;
  for (;;) {
    const since = ended.rings();
    const view = await findJob(db, id);
    if (view === undefined) throw jobErrors.JOB_NOT_FOUND(`There is no job ${id}.`, { data: { id } });
    const leftMs = untilMs - performance.now();
    const over = view.state !== 'queued' && view.state !== 'running';
    if (over || leftMs <= 0 || signal?.aborted) return view;
    const maxMs = Math.min(leftMs, settings.pollMs);
    await ended.wait({ maxMs, since, ...(signal === undefined ? {} : { signal }) });
  }
}

interface Working {
  stop(graceMs: number): Promise<void>;
}

function startWorking(state: QueueState, keeper: JobKeeper): Working {
  const { settings, runs } = state;
  const claiming = new AbortController();
  const keeping = new AbortController();
  const logged = async <T>(what: string, step: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      settings.logger?.warn({ error: messageOf(error) }, `the job queue could not ${what}; it tries again`);
      return undefined;
    }
  };
  const every = async (pauseMs: number, step: () => Promise<unknown>): Promise<void> => {
    while (!keeping.signal.aborted) {
      await step();
      await sleep(pauseMs, keeping.signal).catch(() => undefined);
    }
  };
  const claimer = claimLoop(state, claiming.signal, async () => {
    // In one loop, so that no run is between its claim and the list of runs while the two are compared.
    await logged('look after its runs', keeper.reconcile);
    return (await logged('claim', () => claimAndStart(state))) ?? 0;
  });
  const keepers = [
    every(settings.heartbeatMs, () => logged('extend its leases', keeper.beat)),
    every(settings.sweepMs, () => logged('sweep', keeper.sweep)),
  ];
  const thread = startHeartbeatThread(settings);
  const allEnded = () => Promise.all([...runs.values()].map((run) => run.ended));
  return {
    stop: async (graceMs) => {
      claiming.abort();
      await claimer;
      const drained = new AbortController();
      await Promise.race([allEnded(), sleep(graceMs, drained.signal).catch(() => undefined)]);
      drained.abort();
      for (const run of runs.values()) run.abort(jobErrors.JOB_SHUTDOWN('The server is stopping.'));
      await allEnded();
      keeping.abort();
      await Promise.all([...keepers, thread.stop()]);
    },
  };
}

async function claimLoop({ work, settings }: QueueState, signal: AbortSignal, step: () => Promise<number>) {
  let pauseMs = settings.pollMs;
  while (!signal.aborted) {
    const since = work.rings();
    const started = await step();
    pauseMs = started > 0 ? settings.pollMs : Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    await work.wait({ maxMs: pauseMs, since, signal });
  }
}
