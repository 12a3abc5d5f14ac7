import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import type { ModelSignature } from '../training/index.js';
import { configurationDigest } from './backends/configuration-digest.js';
import { servingMigrations } from './serving-migrations.js';
import { createServingStore } from './serving-store.sql.js';
import type { Deployment, RoutingTable } from './serving-types.js';

const signature: ModelSignature = {
  task: 'classification',
  inputs: [{ name: 'wind', type: 'number', min: 0, max: 12.5, nullable: true }],
  target: 'rain',
  labels: ['no', 'yes'],
  contextColumns: ['date'],
};

const deploymentAt = (id: string, createdAtMs: number): Deployment => ({
  id,
  endpoint: 'rain',
  environment: 'test',
  model: 'rain-model',
  version: 2,
  digest: 'ab'.repeat(32),
  configuration: { runTimeoutMs: 250 },
  configurationDigest: configurationDigest({ runTimeoutMs: 250 }),
  state: 'loading',
  error: null,
  createdAtMs,
  createdBy: 'ada',
});

const routingAt = (revision: number, environment = 'test'): RoutingTable => ({
  endpoint: 'rain',
  environment,
  revision,
  entries: [{ deploymentId: 'd1', version: 2, weight: 1 }],
  shadows: ['d2'],
  reason: `step ${revision}`,
  setBy: 'ada',
  setAtMs: 2 ** 41 + revision,
});

/** What the store must do on every engine. */
export function describeServingStore(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>) {
  describe(`the serving store on ${engine}`, () => {
    const store = createServingStore();
    let test: TestDb;
    let db: Db;
    const write = <T>(work: Parameters<typeof db.transact<T>>[1]) => db.transact({ actor: systemActor }, work);
    beforeAll(async () => {
      test = await open([servingMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());

    it('keeps an endpoint and changes only its description and configuration', async () => {
      const endpoint = { name: 'rain', model: 'rain-model', description: '', configuration: {}, createdAtMs: 2 ** 41 };
      const change = { description: 'new', configuration: { processes: 2 } };
      await write((tx) => store.saveEndpoint(tx, endpoint));
      await write((tx) => store.saveEndpoint(tx, { ...endpoint, ...change, model: 'x', createdAtMs: 1 }));
      expect(await store.readEndpoint(db, 'rain')).toEqual({ ...endpoint, ...change });
      expect(await store.readEndpoint(db, 'snow')).toBeUndefined();
      expect(await store.listEndpoints(db)).toHaveLength(1);
    });

    it('keeps deployments with their signature, newest first', async () => {
      await write(async (tx) => {
        await store.insertDeployment(tx, { deployment: deploymentAt('d1', 5), signature });
        await store.insertDeployment(tx, { deployment: deploymentAt('d2', 6), signature });
        await store.setDeploymentState(tx, 'd1', { state: 'failed', error: 'boom' });
      });
      expect(await store.readDeployment(db, 'd1')).toEqual({
        deployment: { ...deploymentAt('d1', 5), state: 'failed', error: 'boom' },
        signature,
      });
      const all = await store.listDeployments(db, { endpoint: 'rain', environment: 'test' });
      expect(all.map(({ deployment }) => deployment.id)).toEqual(['d2', 'd1']);
      expect(await store.listDeployments(db, { state: 'loading' })).toHaveLength(1);
      expect(await store.listDeployments(db, { environment: 'production' })).toEqual([]);
    });

    it('keeps every routing table and finds the one in force', async () => {
      await write(async (tx) => {
        for (const revision of [1, 2, 3]) await store.appendRouting(tx, routingAt(revision));
        await store.appendRouting(tx, { ...routingAt(1, 'production'), spread: 'rendezvous' });
      });
      expect(await store.readRouting(db, 'rain', 'test')).toEqual(routingAt(3));
      expect(await store.readRouting(db, 'rain', 'nowhere')).toBeNull();
      const history = await store.routingHistory(db, { endpoint: 'rain', environment: 'test', limit: 2 });
      const [oldest] = (await store.routingHistory(db, { endpoint: 'rain', environment: 'test', limit: 99 })).slice(-1);
      const atMs = oldest?.setAtMs ?? 0;
      const then = await store.routingHistory(db, { endpoint: 'rain', environment: 'test', limit: 1, atMs });
      expect(then[0]?.setAtMs).toBe(atMs);
      const before = await store.routingHistory(db, {
        endpoint: 'rain',
        environment: 'test',
        limit: 1,
        atMs: atMs - 1,
      });
      expect(before).toEqual([]);
      expect(history.map(({ revision }) => revision)).toEqual([3, 2]);
      expect(await store.listRouting(db)).toEqual([
        { ...routingAt(1, 'production'), spread: 'rendezvous' },
        routingAt(3),
      ]);
    });

    it('refuses the same revision twice', async () => {
      await expect(write((tx) => store.appendRouting(tx, routingAt(3)))).rejects.toThrow();
    });

    it('finds the captured objects that may hold rows of a time range', async () => {
      const object = (segment: string, fromMs: number, untilMs: number) => ({
        segment,
        endpoint: 'rain',
        digest: 'cd'.repeat(32),
        sizeBytes: 10,
        rowCount: 3,
        tornLines: 0,
        fromMs,
        untilMs,
      });
      await write(async (tx) => {
        await store.insertCaptureObject(tx, object('s2', 20, 30));
        await store.insertCaptureObject(tx, object('s1', 10, 19));
      });
      const found = async (range: { fromMs?: number; untilMs?: number }) =>
        (await store.listCaptureObjects(db, { endpoint: 'rain', ...range })).map(({ segment }) => segment);
      expect(await found({})).toEqual(['s1', 's2']);
      expect(await found({ fromMs: 20 })).toEqual(['s2']);
      expect(await found({ untilMs: 20 })).toEqual(['s1']);
      expect(await found({ fromMs: 30, untilMs: 31 })).toEqual(['s2']);
      expect(await store.hasCaptureSegment(db, 's1')).toBe(true);
      expect(await store.hasCaptureSegment(db, 's9')).toBe(false);
    });
  });
}
