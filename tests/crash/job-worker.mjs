// A worker that the crash test starts and kills. Runs the built server: node job-worker.mjs <database> <exclusive>
import { systemClock } from '../../packages/kernel/dist/index.js';
import { openDb } from '../../packages/server/dist/platform/db/index.js';
import { createJobQueue, jobMigrations } from '../../packages/server/dist/platform/jobs/index.js';
import { effectMigrations, effectOf } from '../../packages/server/dist/platform/jobs/testing.js';

const [url, exclusive] = process.argv.slice(2);
const db = await openDb({ url, rooms: [jobMigrations, effectMigrations] });
const queue = createJobQueue(db, {
  clock: systemClock,
  ownerId: `worker-${process.pid}`,
  exclusive: exclusive === 'true',
  leaseMs: 1_500,
  heartbeatMs: 300,
  sweepMs: 200,
});
queue.handle(
  'work',
  async (job) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { commit: effectOf(String(process.pid), job.id) };
  },
  { concurrency: 4 },
);
await queue.start();
