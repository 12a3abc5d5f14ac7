import { Worker } from 'node:worker_threads';
import type { QueueSettings } from './job-queue-state.js';

export interface HeartbeatThread {
  stop(): Promise<void>;
}

/**
 * Starts a thread with its own connection that extends this owner's leases, when the settings give it an address.
 * The main thread beats too, so a thread that cannot start costs only the protection against work that blocks.
 */
export function startHeartbeatThread(settings: QueueSettings): HeartbeatThread {
  const { heartbeatUrl, ownerId, leaseMs, heartbeatMs, logger } = settings;
  if (heartbeatUrl === undefined) return { stop: async () => undefined };
  // Node loads threads as JavaScript: under a test runner that executes the sources, the built file stands in dist.
  const entry = new URL('./heartbeat-thread.js', import.meta.url).href.replace('/src/platform/', '/dist/platform/');
  const thread = new Worker(new URL(entry), { workerData: { url: heartbeatUrl, ownerId, leaseMs, heartbeatMs } });
  thread.on('error', (error) => logger?.warn({ error: error.message }, 'the heartbeat thread ended'));
  thread.unref();
  return {
    stop: async () => {
      await thread.terminate();
    },
  };
}
