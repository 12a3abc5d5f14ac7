import { systemActor } from '@fairlead/kernel';
import { type Claimed, claimJobs, dueKinds } from './job-claim.sql.js';
import type { QueueState } from './job-queue-state.js';
import { startRun } from './job-run.js';

/** Claims what is due and what this queue has free places for, and starts it. Returns how many runs it started. */
export async function claimAndStart(state: QueueState): Promise<number> {
  const free = freePlaces(state);
  const due = await dueKinds(state.db, [...free.keys()], await state.db.nowMs());
  let started = 0;
  for (const { kind, limited } of due) {
    const claimed = await claim(state, { kind, limited, slots: free.get(kind) ?? 0 });
    for (const job of claimed) start(state, job);
    started += claimed.length;
  }
  return started;
}

function freePlaces({ handlers, runs }: QueueState): Map<string, number> {
  const free = new Map([...handlers].map(([kind, { concurrency }]) => [kind, concurrency]));
  for (const { claimed } of runs.values()) free.set(claimed.kind, (free.get(claimed.kind) ?? 0) - 1);
  return new Map([...free].filter(([, places]) => places > 0));
}

function claim(
  { db, settings }: QueueState,
  wanted: { kind: string; limited: boolean; slots: number },
): Promise<Claimed[]> {
  const { ownerId, leaseMs, limits } = settings;
  return db.transact({ actor: systemActor }, async (tx) =>
    claimJobs(tx, { ...wanted, ownerId, leaseMs, limits, nowMs: await db.nowMs(tx) }),
  );
}

function start(state: QueueState, claimed: Claimed): void {
  const registered = state.handlers.get(claimed.kind);
  if (registered === undefined) return;
  const key = state.keyOf(claimed);
  const run = startRun({ db: state.db, ...state.settings, logger: state.settings.logger }, claimed, registered.handler);
  state.runs.set(key, run);
  void run.ended.then(() => {
    state.runs.delete(key);
    state.work.ring();
    state.ended.ring();
  });
}
