import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import { type Release, rolledBack } from '../release/index.js';
import type { AutomationDeps } from './automation-deps.js';
import { loadEvent } from './automation-service.js';
import { sqlAutomationStore } from './automation-store.sql.js';
import type { ActionRun } from './automation-types.js';
import { performAction } from './perform-action.js';

const run: ActionRun = {
  id: 'x1',
  rule: 'back',
  action: { kind: 'roll-back', endpoint: 'rain' },
  state: 'running',
  detail: '',
  eventSeq: 1,
  eventType: 'monitoring.alert-opened',
  result: null,
  startedAtMs: 0,
  endedAtMs: null,
};

describe('an action that is carried out again after a crash', () => {
  let test: TestDb;
  const done: string[] = [];
  beforeAll(async () => {
    test = await openTestSqlite([]);
    await test.db.transact({ actor: systemActor }, async (tx) =>
      tx.record({ type: 'monitoring.alert-opened', subject: { kind: 'alert', id: 'a' }, payload: {} }),
    );
  });
  afterAll(() => test.dispose());

  const deps = (): AutomationDeps => ({
    db: test.db,
    store: sqlAutomationStore,
    clock: fixedClock(0),
    jobs: quickQueue(test.db, 'perform'),
    pipelines: {
      start: () => Promise.reject(new Error('started twice')),
      runs: async () => [{ id: 'p1', state: 'succeeded', trigger: { kind: 'automation', ref: 'x2' } }] as never,
    },
    release: {
      rollBack: (context, endpoint, { reason }) =>
        test.db.transact(context, async (tx) => {
          done.push(reason);
          const facts = {
            releaseId: 'r7',
            endpoint,
            environment: 'production',
            model: 'rain',
            version: 2,
            modelDigest: 'd',
            state: 'rolled-back',
          };
          tx.record(
            rolledBack.of({ kind: 'release', id: 'r7' }, { ...facts, state: 'rolled-back', reason, toVersion: 1 }),
          );
          return { id: 'r7' } as Release;
        }),
    },
    config: { webhookAllowPrivate: false },
    address: () => '',
    env: {},
  });

  it('does not roll back a second time', async () => {
    const task = { run, event: await loadEvent(test.db, 1), signal: new AbortController().signal };
    const first = await performAction(deps(), task);
    expect(await performAction(deps(), task)).toEqual(first);
    expect(first.result).toEqual({ kind: 'release', id: 'r7' });
    expect(done).toEqual(["rule 'back' met monitoring.alert-opened (action run x1)"]);
    await performAction(deps(), { ...task, run: { ...run, id: 'x3' } });
    expect(done).toHaveLength(2);
  });

  it('finds the pipeline run that it started', async () => {
    const again: ActionRun = { ...run, id: 'x2', action: { kind: 'retrain', pipeline: 'rain' } };
    const task = { run: again, event: await loadEvent(test.db, 1), signal: new AbortController().signal };
    expect((await performAction(deps(), task)).result).toEqual({ kind: 'pipeline-run', id: 'p1' });
  });
});
