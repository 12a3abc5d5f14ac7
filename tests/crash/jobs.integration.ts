import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestPostgres, openTestSqlite, type TestDb } from '../../packages/server/src/platform/db/testing.js';
import { jobMigrations } from '../../packages/server/src/platform/jobs/index.js';
import { effectMigrations, enqueue, quickQueue, readEffects } from '../../packages/server/src/platform/jobs/testing.js';

const JOBS = 80;
const KILL_AT = [5, 25, 45];
const worker = fileURLToPath(new URL('./job-worker.mjs', import.meta.url));

describe.each([
  { engine: 'SQLite', open: openTestSqlite, exclusive: true },
  { engine: 'PostgreSQL', open: openTestPostgres, exclusive: false },
])('jobs on $engine', ({ open, exclusive }) => {
  let test: TestDb;
  let child: ChildProcess | undefined;
  afterEach(async () => {
    await kill(child);
    await test.dispose();
  });

  it('have their effects once, however often the worker is killed', async () => {
    test = await open([jobMigrations, effectMigrations]);
    const queue = quickQueue(test.db, 'enqueuer');
    const ids: string[] = [];
    for (let i = 0; i < JOBS; i += 1) ids.push(await enqueue(test.db, queue, { kind: 'work', payload: i }));
    for (const effects of [...KILL_AT, JOBS]) {
      child = spawn(process.execPath, [worker, test.url, String(exclusive)], { stdio: 'inherit' });
      while ((await readEffects(test.db)).length < effects) {
        expect(child.exitCode).toBeNull();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await kill(child);
    }
    const views = await Promise.all(ids.map((id) => queue.waitFor(id, { timeoutMs: 0 })));
    expect(new Set(views.map((view) => view.state))).toEqual(new Set(['succeeded']));
    expect(views.some((view) => view.losses > 0)).toBe(true);
    const effects = await readEffects(test.db);
    expect(effects.map((row) => row.job_id).sort()).toEqual([...ids].sort());
    expect(new Set(effects.map((row) => row.worker)).size).toBe(KILL_AT.length + 1);
  });
});

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
