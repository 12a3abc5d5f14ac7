import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db, Reader, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { automationMigrations } from './automation-migrations.js';
import { DAY_MS } from './automation-rules.js';
import type { AutomationStore, NewActionRun } from './automation-store.js';
import type { ActionSpec, Rule } from './automation-types.js';

const retrain: ActionSpec = { kind: 'retrain', pipeline: 'rain', params: { years: [2012, 2013] } };

function aRule(name: string, on = 'a.b'): Rule {
  const spec = { on, actions: [retrain], coolDownMs: 0, maxPerDay: 3, dryRun: false, enabled: true };
  return { name, spec, activeSinceMs: 5, updatedAtMs: 6 };
}

function aRun(id: string, change: Partial<NewActionRun> = {}): NewActionRun {
  return {
    id,
    index: 0,
    jobId: `job-${id}`,
    rule: 'r',
    action: retrain,
    state: 'running',
    detail: 'd',
    eventSeq: 1,
    eventType: 'a.b',
    result: null,
    startedAtMs: 1_000,
    endedAtMs: null,
    ...change,
  };
}

/** What every store of rules must do, whichever database it stands on. */
export function describeAutomationStore(
  engine: string,
  { open, store }: { open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>; store: AutomationStore },
): void {
  describe(`the automation store on ${engine}`, () => {
    let test: TestDb;
    let db: Db;
    beforeAll(async () => {
      test = await open([automationMigrations]);
      db = test.db;
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx & Reader) => Promise<T>) => db.transact({ actor: systemActor }, work);

    it('gives back a rule as it was put and finds rules by their event', async () => {
      await write((tx) => store.saveRule(tx, aRule('one')));
      await write((tx) => store.saveRule(tx, aRule('two', 'c.d')));
      await write((tx) => store.saveRule(tx, { ...aRule('one'), updatedAtMs: 7 }));
      expect(await store.rule(db, 'one')).toEqual({ ...aRule('one'), updatedAtMs: 7 });
      expect(await store.rule(db, 'none')).toBeUndefined();
      expect((await store.rules(db)).map((rule) => rule.name)).toEqual(['one', 'two']);
      expect((await store.rules(db, { on: 'c.d' })).map((rule) => rule.name)).toEqual(['two']);
    });

    it('keeps one action run per rule, event and place', async () => {
      const { index: _index, jobId: _jobId, ...run } = aRun('x1', { rule: 'once' });
      await write((tx) => store.insertRun(tx, aRun('x1', { rule: 'once' })));
      await expect(write((tx) => store.insertRun(tx, aRun('x2', { rule: 'once' })))).rejects.toThrow();
      await write((tx) => store.insertRun(tx, aRun('x3', { rule: 'once', index: 1 })));
      expect(await store.run(db, 'x1')).toEqual(run);
      expect(await store.runOfJob(db, 'job-x1')).toEqual(run);
      expect((await store.runs(db, { rule: 'once', limit: 10 })).map(({ id }) => id)).toEqual(['x3', 'x1']);
      expect(await store.runs(db, { rule: 'once', state: 'failed', limit: 10 })).toEqual([]);
    });

    it('ends a running action once', async () => {
      await write((tx) => store.insertRun(tx, aRun('y1', { rule: 'ends' })));
      const result = { kind: 'pipeline-run', id: 'p1' };
      const end = { id: 'y1', state: 'succeeded', detail: 'done', result, endedAtMs: 9 } as const;
      expect(await write((tx) => store.endRun(tx, end))).toBe(true);
      expect(await write((tx) => store.endRun(tx, { ...end, state: 'failed' }))).toBe(false);
      expect(await store.run(db, 'y1')).toMatchObject({ state: 'succeeded', detail: 'done', result, endedAtMs: 9 });
    });

    it('remembers what a rule did to a target, apart from what it held back', async () => {
      const action: ActionSpec = { kind: 'roll-back', endpoint: 'e' };
      const start = 10 * DAY_MS;
      const put = (id: string, change: Partial<NewActionRun>) =>
        write((tx) => store.insertRun(tx, aRun(id, { rule: 'past', action, ...change })));
      await put('z1', { eventSeq: 1, startedAtMs: start, state: 'succeeded' });
      await put('z2', { eventSeq: 2, startedAtMs: start + 10, state: 'failed' });
      await put('z3', { eventSeq: 3, startedAtMs: start + 20, state: 'suppressed' });
      await put('z4', { eventSeq: 4, startedAtMs: start + 30, state: 'dry-run' });
      const ask = (nowMs: number, change = {}) =>
        store.history(db, { rule: 'past', action, dryRun: false, nowMs, ...change });
      expect(await ask(start + 50)).toEqual({ lastStartedAtMs: start + 10, startedLastDay: 2, busyWith: null });
      expect(await ask(start + DAY_MS)).toMatchObject({ startedLastDay: 1 });
      expect(await ask(start + 50, { dryRun: true })).toMatchObject({ lastStartedAtMs: start + 30, startedLastDay: 1 });
      expect(await ask(start + 50, { beforeEventSeq: 2 })).toMatchObject({ lastStartedAtMs: start });
      expect(await ask(start + 50, { rule: 'other' })).toMatchObject({ lastStartedAtMs: null, startedLastDay: 0 });
      await put('z5', { eventSeq: 5, startedAtMs: start + 40, rule: 'another' });
      expect(await ask(start + 50)).toMatchObject({ busyWith: 'z5', lastStartedAtMs: start + 10 });
    });
  });
}
