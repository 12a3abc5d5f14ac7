import { systemActor } from '@fairlead/kernel';
import { CHECK_JOB, type MonitoringDeps, PRODUCTION } from './monitoring-deps.js';
import type { Monitor } from './monitoring-types.js';

export interface RowWatch {
  watch(monitor: Monitor): void;
  notice(endpoint: string, environment: string, rows: number): void;
  /** A check begins to read: it sees all rows that came so far. */
  started(monitor: string): void;
  /** A check from the queue has ended: rows that came meanwhile may be due already. */
  checked(monitor: string): void;
  /** Resolves when nothing is on its way into the queue. */
  idle(): Promise<void>;
}

interface Watched {
  monitor: Monitor;
  /** Rows since the last check began or was put into the queue. */
  rows: number;
  /** When a check was put into the queue that is not known to have ended; null: none. */
  queuedAtMs: number | null;
  startedAtMs: number;
  /** Before this the next check does not begin. */
  restUntilMs: number;
}

/** A check reads and computes on the thread that answers requests: it rests nine times as long as it worked. */
const REST_PER_WORK = 9;

/** A check that ran in another process does not report back here; after so long it is taken for ended. */
const FORGET_AFTER_MS = 60_000;

type WatchDeps = Pick<MonitoringDeps, 'db' | 'jobs' | 'clock' | 'onError'>;

/** Counts captured rows per monitor and puts a check into the queue when `everyRows` of them came. */
export function createRowWatch({ db, jobs, clock, onError }: WatchDeps): RowWatch {
  const all = new Map<string, Watched>();
  const underway = new Set<Promise<void>>();

  const enqueue = async (name: string, runAtMs: number): Promise<void> => {
    await db.transact({ actor: systemActor }, async (tx) => {
      await jobs.enqueue(tx, {
        kind: CHECK_JOB,
        payload: { monitor: name },
        dedupeKey: name,
        limitKey: `${CHECK_JOB}:${name}`,
        timeoutMs: 300_000,
        runAtMs,
      });
    });
  };
  const consider = (watched: Watched): void => {
    const { name, spec } = watched.monitor;
    const nowMs = clock.nowMs();
    const busy = watched.queuedAtMs !== null && nowMs - watched.queuedAtMs < FORGET_AFTER_MS;
    if (spec.everyRows === 0 || watched.rows < spec.everyRows || busy) return;
    watched.rows = 0;
    watched.queuedAtMs = nowMs;
    const work = enqueue(name, Math.max(nowMs, watched.restUntilMs))
      .catch((error) => {
        watched.queuedAtMs = null;
        onError(error, `a check of monitor ${name} could not be queued`);
      })
      .finally(() => underway.delete(work));
    underway.add(work);
  };

  return {
    watch: (monitor) => {
      const known = all.get(monitor.name);
      if (known === undefined) {
        all.set(monitor.name, { monitor, rows: 0, queuedAtMs: null, startedAtMs: 0, restUntilMs: 0 });
      } else known.monitor = monitor;
    },
    notice: (endpoint, environment, rows) => {
      for (const watched of all.values()) {
        const { spec } = watched.monitor;
        if (spec.endpoint !== endpoint || (spec.environment ?? PRODUCTION) !== environment) continue;
        watched.rows += rows;
        consider(watched);
      }
    },
    started: (name) => {
      const watched = all.get(name);
      if (watched === undefined) return;
      watched.rows = 0;
      watched.startedAtMs = clock.nowMs();
    },
    checked: (name) => {
      const watched = all.get(name);
      if (watched === undefined) return;
      const nowMs = clock.nowMs();
      watched.restUntilMs = nowMs + REST_PER_WORK * (nowMs - watched.startedAtMs);
      watched.queuedAtMs = null;
      consider(watched);
    },
    idle: async () => {
      while (underway.size > 0) await Promise.all(underway);
    },
  };
}
