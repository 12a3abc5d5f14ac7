import { join } from 'node:path';
import type { PurgeReportView } from '@fairlead/contracts';
import { createRng } from '@fairlead/num';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { openForReading, rawQuery } from '../../packages/server/src/platform/db/index.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';

const SEED = Number(process.env.FAIRLEAD_CRASH_SEED ?? 1);
const ROUNDS = Number(process.env.FAIRLEAD_PURGE_ROUNDS ?? 4);
const RUNS = 12;
const POINTS = 6_000;
/** A job is given up when its worker vanishes a fourth time. */
const KILLS = 3;

describe('a purge whose server is killed again and again', () => {
  const { folder, dispose } = temporaryFolder('purge-crash');
  let port: number;
  let server: LiveServer;
  let client: FairleadClient;
  beforeAll(async () => {
    port = await freePort();
    await start();
  });
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it('shows every run whole or not at all, ends by itself and leaves no row behind', { timeout: 600_000 }, async () => {
    const rng = createRng(SEED);
    const kept = await makeRun('kept');
    let killed = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids: string[] = [];
      for (let i = 0; i < RUNS; i += 1) ids.push(await makeRun(`round ${round}`));
      for (const id of ids) await client.runs.remove(id);
      const { jobId } = await client.tracking.purge({ dryRun: false });
      for (let kill = 0; kill < KILLS; kill += 1) {
        await new Promise((done) => setTimeout(done, rng.int(60)));
        const { state } = await client.jobs.get(jobId);
        await server.kill();
        if (state !== 'succeeded') killed += 1;
        await start();
        for (const id of ids) await expectWholeOrGone(id);
      }
      const job = await client.jobs.wait(jobId, { timeoutMs: 120_000 });
      expect(job).toMatchObject({ state: 'succeeded' });
      const report = job.result as unknown as PurgeReportView;
      expect(report).toMatchObject({ runs: RUNS, points: RUNS * POINTS, files: RUNS, keptCount: 0 });
    }
    expect(await client.runs.metricHistory(kept, 'loss')).toMatchObject({ items: { length: POINTS } });
    await server.stop();
    expect(await rowsLeft(join(folder, 'home', 'fairlead.db'))).toEqual({
      runs: 1,
      series: 1,
      points: POINTS,
      files: 1,
    });
    console.log(`${ROUNDS} purges of ${RUNS} runs, seed ${SEED}: ${killed} kills before the end`);
    expect(killed).toBeGreaterThan(0);
  });

  async function start(): Promise<void> {
    server = await startLiveServer({ folder, port });
    client = createClient({ url: server.url, maxRetries: 0 });
  }

  async function makeRun(experiment: string): Promise<string> {
    const { id } = await client.runs.start({ experiment, params: { depth: 3 } });
    for (let start = 0; start < POINTS; start += 1000) {
      const metrics = Array.from({ length: 1000 }, (_, i) => ({
        key: 'loss',
        value: start + i,
        step: start + i,
        timestampMs: 1,
      }));
      await client.runs.log(id, { metrics });
    }
    await client.runs.upload(id, 'model.bin', { body: Buffer.from(id) });
    return id;
  }

  /** A run that is still there can be brought back with everything: it must not have lost a point yet. */
  async function expectWholeOrGone(id: string): Promise<void> {
    try {
      const { params, lifecycle } = await client.runs.get(id);
      expect({ params, lifecycle }).toEqual({ params: { depth: '3' }, lifecycle: 'deleted' });
      const { items } = await client.runs.metricHistory(id, 'loss');
      // Gone between the two questions.
      if (items.length > 0) expect(items).toHaveLength(POINTS);
    } catch (error) {
      expect(Object(error).code).toBe('TRK_RUN_NOT_FOUND');
    }
  }
});

async function rowsLeft(path: string): Promise<Record<string, number>> {
  const db = openForReading(path);
  const count = async (table: string) =>
    (await rawQuery<{ n: number }>(db, `select count(*) as n from tracking_${table}`, []))[0]?.n ?? -1;
  const counts = {
    runs: await count('run'),
    series: await count('series'),
    points: await count('point'),
    files: await count('file'),
  };
  await db.close();
  return counts;
}
