import { systemActor } from '@fairlead/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  approve,
  bringLive,
  canary,
  declare,
  openReleaseBench,
  policy,
  type ReleaseBench,
  type Running,
  send,
  shares,
  unwatched,
} from './release.fixture.js';
import type { RolloutSpec } from './release-types.js';

const machine = { actor: systemActor };
const half = canary({
  steps: [
    { weight: 0.5, minRequests: 10 },
    { weight: 1, minRequests: 0 },
  ],
});

let bench: ReleaseBench;
beforeEach(async () => {
  bench = await openReleaseBench();
});
afterEach(() => bench.dispose());

const quick = (deps: Parameters<NonNullable<Parameters<ReleaseBench['start']>[0]>>[0]) => ({
  ...deps,
  advanceEveryMs: 20,
});

async function begin(running: Running): Promise<string> {
  await declare(running, 'rain', policy({ rollout: half }));
  await bringLive(running, 'rain', 1);
  return (await bringLive(running, 'rain', 2)).id;
}

describe('a server that restarts in the middle of a rollout', () => {
  it('goes on watching it', async () => {
    const first = await bench.start(quick);
    const id = await begin(first);
    await first.stop();
    const second = await bench.start(quick);
    expect(await shares(second, 'rain')).toEqual({ 1: 0.5, 2: 0.5 });
    await send(second, 'rain', 60);
    expect(await second.release.waitFor(id, ['released'], { timeoutMs: 10_000 })).toMatchObject({ state: 'released' });
  });

  it('takes up a rollout that nobody watches any more, and once', async () => {
    const first = await bench.start(unwatched);
    const id = await begin(first);
    for (const job of await first.jobs.list({ kind: 'release.advance' })) {
      await bench.db.transact(machine, (tx) => first.jobs.cancel(tx, job.id));
    }
    await first.stop();
    const second = await bench.start(unwatched);
    await second.release.restore();
    const watches = await second.jobs.list({ kind: 'release.advance', state: 'queued' });
    expect(watches.map((job) => job.payload)).toEqual([{ releaseId: id }]);
  });

  it('does not forget what was counted before: the errors of the former process bring the release back', async () => {
    const first = await bench.start(unwatched);
    const id = await begin(first);
    await send(first, 'rain', 60, { wind: 3e38 }, 2);
    await first.stop();
    const second = await bench.start(unwatched);
    expect(await second.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
  });
});

describe('a bandit that a former version of the server began', () => {
  it('goes on with its two versions', async () => {
    const first = await bench.start(unwatched);
    const guardrails = { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 };
    const rollout: RolloutSpec = {
      ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0, floor: 0.05, metric: 'accuracy', redrawMs: 1_000 },
      ...{ endAt: 0.99, minRewards: 10, guardrails, maxWaitMs: 3_600_000, onMaxWait: 'hold' },
    };
    await declare(first, 'rain', policy({ rollout }));
    await bringLive(first, 'rain', 1);
    const { id } = await bringLive(first, 'rain', 2);
    await send(first, 'rain', 60);
    await first.stop();
    const stored = await first.release.release(id);
    // As it was written then.
    const { stableVersion: _, ...before } = stored.rollout as NonNullable<typeof stored.rollout>;
    const experiment = { observed: { candidate: 0, stable: 0 }, candidateBest: 0.5, weight: 0.5 };
    await bench.db
      .sql<{ release_release: { id: string; body: string } }>()
      .updateTable('release_release')
      .set({ body: JSON.stringify({ ...stored, rollout: { ...before, experiment } }) })
      .where('id', '=', id)
      .execute();
    const second = await bench.start(unwatched);
    await second.serving.flushCapture();
    for (const row of await second.serving.captured({ endpoint: 'rain', environment: 'production' })) {
      bench.outcomes.set(row.id, { label: row.version === 2 ? row.label : 'neither', reward: null });
    }
    expect(await second.release.advance(machine, id)).toMatchObject({
      state: 'released',
      rollout: { winner: 2, stableVersion: 1 },
    });
    expect(await shares(second, 'rain')).toEqual({ 2: 1 });
  });
});

describe('a process that dies between routing and release', () => {
  it('leaves both as they were', async () => {
    const first = await bench.start(unwatched);
    await declare(first, 'rain', policy({ rollout: half }));
    await bringLive(first, 'rain', 1);
    const { id } = await approve(first, 'rain', 2);
    // The release changes while the deployment loads: the slower of the two must leave no trace in routing.
    const late = await bench.start((deps) => ({
      ...unwatched(deps),
      serving: {
        ...deps.serving,
        route: async (context, table, also) => {
          await first.release.rollOut(machine, id);
          return deps.serving.route(context, table, also);
        },
      },
    }));
    await expect(late.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
    expect(await first.serving.routingHistory('rain', 'production', 10)).toHaveLength(2);
    expect(await shares(first, 'rain')).toEqual({ 1: 0.5, 2: 0.5 });
    expect((await first.release.release(id)).state).toBe('rolling-out');
  });

  it('loads no second copy of a model that was deployed and not yet routed', async () => {
    const first = await bench.start(unwatched);
    await declare(first, 'rain', policy());
    const { id } = await approve(first, 'rain', 1);
    const version = bench.versions[0] as (typeof bench.versions)[number];
    const deployed = await first.serving.deploy(machine, { endpoint: 'rain', environment: 'production', version });
    await first.stop();
    const second = await bench.start(unwatched);
    expect(await second.release.rollOut(machine, id)).toMatchObject({ productionDeploymentId: deployed.id });
  });
});

describe('a model whose approval is gone from the database', () => {
  it('is not loaded at the next start, although routing still names it', async () => {
    const first = await bench.start(unwatched);
    await declare(first, 'rain', policy());
    await bringLive(first, 'rain', 1);
    await first.stop();
    await bench.db.sql<{ release_approval: object }>().deleteFrom('release_approval').execute();
    const second = await bench.start(unwatched);
    expect(await send(second, 'rain', 1)).toEqual([0]);
    expect(second.serving.liveEndpoints()[0]?.reason).toContain('not approved');
  });
});

describe('a release whose gates were given up', () => {
  it('is failed at the next start instead of testing for ever', async () => {
    const first = await bench.start(unwatched);
    await declare(first, 'rain', policy());
    await first.jobs.stop({ graceMs: 1_000 });
    const { id } = await first.release.request(machine, { endpoint: 'rain', version: 1, reason: 'r' });
    for (const job of await first.jobs.list({ kind: 'release.test' })) {
      await bench.db.transact(machine, (tx) => first.jobs.cancel(tx, job.id));
    }
    await first.stop();
    const second = await bench.start(unwatched);
    expect(await second.release.release(id)).toMatchObject({ state: 'failed' });
  });
});
