import type { MetricPoint } from './metric-types.js';
import { seriesWrites } from './tracking-rules.js';

/** Points that wait for a reader. Beyond this only the latest of each key is kept: a slow reader costs no endless memory. */
const MAX_WAITING = 1000;

/** Hands on the points of runs, as they are stored, to whoever follows them in this process. */
export interface MetricFeed {
  publish(runId: string, points: readonly MetricPoint[]): void;
  /** Follows from this call on, not from the first `next`. Ends when `signal` aborts. */
  follow(runId: string, signal: AbortSignal): AsyncIterable<readonly MetricPoint[]>;
}

interface Follower {
  waiting: MetricPoint[];
  wake: () => void;
}

export function createMetricFeed(): MetricFeed {
  const followers = new Map<string, Set<Follower>>();
  return {
    publish: (runId, points) => {
      for (const follower of followers.get(runId) ?? []) {
        follower.waiting.push(...points);
        if (follower.waiting.length > MAX_WAITING)
          follower.waiting = seriesWrites(follower.waiting).map(({ latest }) => latest);
        follower.wake();
      }
    },
    follow: (runId, signal) => {
      const follower: Follower = { waiting: [], wake: () => undefined };
      const ofRun = followers.get(runId) ?? new Set();
      followers.set(runId, ofRun.add(follower));
      const leave = () => {
        ofRun.delete(follower);
        if (ofRun.size === 0 && followers.get(runId) === ofRun) followers.delete(runId);
        follower.wake();
      };
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
      return drain(follower, signal, leave);
    },
  };
}

async function* drain(
  follower: Follower,
  signal: AbortSignal,
  leave: () => void,
): AsyncGenerator<readonly MetricPoint[]> {
  try {
    while (!signal.aborted) {
      if (follower.waiting.length === 0) {
        await new Promise<void>((resolve) => {
          follower.wake = resolve;
        });
        continue;
      }
      const points = follower.waiting;
      follower.waiting = [];
      yield points;
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
  }
}
