import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reader, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { releaseMigrations } from './release-migrations.js';
import type { ReleaseStore } from './release-store.js';
import type { Release, ReleasePolicy } from './release-types.js';

const aRelease = (change: Partial<Release>): Release => ({
  id: 'r1',
  revision: 1,
  endpoint: 'rain',
  environment: 'production',
  configurationDigest: null,
  model: 'rain',
  version: 1,
  modelDigest: 'd',
  policyDigest: 'p',
  gateReportDigest: null,
  gates: [],
  state: 'testing',
  waitingFor: null,
  endedBecause: null,
  signatures: [],
  testDeploymentId: null,
  productionDeploymentId: null,
  rollout: null,
  requestedBy: 'ann',
  reason: 'why',
  releasedAtMs: null,
  createdAtMs: 1,
  updatedAtMs: 1,
  ...change,
});

/** What every store of releases must do, whichever database it stands on. */
export function describeReleaseStore(
  engine: string,
  { open, store }: { open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>; store: ReleaseStore },
): void {
  describe(`the release store on ${engine}`, () => {
    let test: TestDb;
    beforeAll(async () => {
      test = await open([releaseMigrations]);
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx & Reader) => Promise<T>) => test.db.transact({ actor: systemActor }, work);

    it('lets only one of two changes of the same revision through', async () => {
      await write((tx) => store.insert(tx, aRelease({})));
      const second = aRelease({ revision: 2, state: 'approved' });
      expect(await write((tx) => store.update(tx, second))).toBe(true);
      expect(await write((tx) => store.update(tx, { ...second, state: 'rejected' }))).toBe(false);
      expect((await store.release(test.db, 'r1'))?.state).toBe('approved');
      expect(await store.release(test.db, 'r9')).toBeUndefined();
    });

    it('lists newest first, by endpoint and state', async () => {
      await write((tx) => store.insert(tx, aRelease({ id: 'r2', createdAtMs: 2, state: 'released' })));
      await write((tx) => store.insert(tx, aRelease({ id: 'r3', createdAtMs: 3, endpoint: 'snow' })));
      const ids = async (filter: Parameters<ReleaseStore['releases']>[1]) =>
        (await store.releases(test.db, filter)).map((release) => release.id);
      expect(await ids({ limit: 2 })).toEqual(['r3', 'r2']);
      expect(await ids({ endpoint: 'rain', states: ['released'], limit: 10 })).toEqual(['r2']);
    });

    it('keeps one policy per endpoint and every approval once', async () => {
      const policy = (digest: string) => ({ endpoint: 'rain', digest, gates: [] }) as unknown as ReleasePolicy;
      await write((tx) => store.savePolicy(tx, policy('a'), 1));
      await write((tx) => store.savePolicy(tx, policy('b'), 2));
      expect((await store.policies(test.db)).map(({ digest }) => digest)).toEqual(['b']);
      const approval = { endpoint: 'rain', modelDigest: 'd', releaseId: 'r1', approvedAtMs: 5 };
      await write((tx) => store.addApproval(tx, approval));
      await write((tx) => store.addApproval(tx, approval));
      expect(await store.approvals(test.db, { endpoint: 'rain', modelDigest: 'd' })).toEqual([approval]);
      expect(await store.approvals(test.db, { endpoint: 'rain', modelDigest: 'x' })).toEqual([]);
    });
  });
}
