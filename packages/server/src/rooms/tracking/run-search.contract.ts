import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reader, RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
import type { RunSearch } from './run-types.js';
import { trackingMigrations } from './tracking-migrations.js';
import { tables, toStored } from './tracking-tables.sql.js';
import type { TrackingService } from './tracking-types.js';

const me = { actor: systemActor };
/** More than a search looks at along an index before it sorts instead. */
const MANY = 3000;

interface Model {
  readonly id: string;
  readonly experiment: 0 | 1;
  readonly startedAtMs: number;
  readonly lifecycle: 'active' | 'deleted';
  readonly tag: string | undefined;
  /** undefined: the run lacks the metric. */
  readonly loss: number | undefined;
  readonly score: number | undefined;
}

const value = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -20, max: 20 }).map((whole) => whole / 8) },
  { weight: 1, arbitrary: fc.double({ noNaN: true }).map((number) => number + 0) },
  { weight: 1, arbitrary: fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const model = (index: number): fc.Arbitrary<Model> =>
  fc.record({
    id: fc.integer({ min: 0, max: 999_999 }).map((number) => `run-${number}-${index}`),
    experiment: fc.constantFrom(0, 1),
    startedAtMs: fc.integer({ min: 0, max: 50 }),
    lifecycle: fc.constantFrom('active', 'active', 'active', 'active', 'deleted'),
    tag: fc.constantFrom(undefined, 'odd', 'even', index % 500 === 0 ? 'rare' : 'even'),
    loss: value,
    score: value,
  });
const models = (count: number) => fc.tuple(...Array.from({ length: count }, (_, index) => model(index)));
const search = fc.record({
  experiments: fc.constantFrom<readonly number[] | undefined>([0], [1], [0, 1], [], undefined),
  direction: fc.constantFrom('asc' as const, 'desc' as const),
  second: fc.constantFrom('startedAt' as const, 'score' as const, undefined),
  atLeast: fc.constantFrom(undefined, -3, 0, 2.5, 1e300, Number.POSITIVE_INFINITY),
  tag: fc.constantFrom(undefined, 'odd', 'rare', 'none'),
  lifecycle: fc.constantFrom('active' as const, 'deleted' as const, 'all' as const),
});
type Search = typeof search extends fc.Arbitrary<infer T> ? T : never;

/** Orders by a metric on every engine: numbers, then NaN, then runs without it, exactly, by pages of any size. */
export function describeRunSearch(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a search of runs ordered by a metric on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-run-search-'));
    let test: TestDb;
    let tracking: TrackingService;
    let experiments: { id: string; no: number }[];
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      const objects = createLocalObjectStore(folder);
      tracking = createTracking({ db: test.db, objects, clock: fixedClock(0), version: '0.0.0' });
      for (const name of ['rain', 'snow']) await tracking.ensureExperiment(me, name);
      experiments = await tables(test.db)
        .selectFrom('tracking_experiment')
        .select(['id', 'no'])
        .where('name', 'in', ['rain', 'snow'])
        .orderBy('no')
        .execute();
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    const clear = () =>
      test.db.transact(me, async (tx) => {
        for (const table of ['tracking_series', 'tracking_tag', 'tracking_run'] as const) {
          await tables(tx).deleteFrom(table).execute();
        }
      });
    const fill = (runs: readonly Model[]) => test.db.transact(me, (tx) => insert(tx, runs, experiments));
    const request = (asked: Search, limit: number): RunSearch => ({
      limit,
      lifecycle: asked.lifecycle,
      ...(asked.experiments && { experimentIds: asked.experiments.map((i) => experiments[i]?.id as string) }),
      where: [
        ...(asked.atLeast === undefined
          ? []
          : [{ field: 'metric', key: 'score', comparison: '>=', value: asked.atLeast } as const]),
        ...(asked.tag === undefined ? [] : [{ field: 'tag', key: 't', comparison: '=', value: asked.tag } as const]),
      ],
      orderBy: [
        { field: 'metric', key: 'loss', direction: asked.direction },
        ...(asked.second === 'startedAt' ? [{ field: 'startedAt', direction: 'desc' } as const] : []),
        ...(asked.second === 'score' ? [{ field: 'metric', key: 'score', direction: 'asc' } as const] : []),
      ],
    });
    const pagesOf = async (asked: RunSearch, between: () => Promise<void> = async () => {}) => {
      const ids: string[] = [];
      for (let pageToken: string | null = null; ; ) {
        const page = await tracking.searchRuns({ ...asked, parts: [], ...(pageToken !== null && { pageToken }) });
        ids.push(...page.items.map(({ id }) => id));
        pageToken = page.nextPageToken;
        if (pageToken === null) return ids;
        await between();
      }
    };

    it('gives in pages what the whole order is, of many runs', async () => {
      const runs = fc.sample(models(MANY), { seed: 4, numRuns: 1 })[0] as Model[];
      await clear();
      await fill(runs);
      await fc.assert(
        fc.asyncProperty(search, fc.constantFrom(3, 60, 700, 5000), async (asked, limit) => {
          const expected = inOrder(runs, asked).map(({ id }) => id);
          // Pages of three would be a thousand: a few of them show as much.
          const shown = limit === 3 ? expected.slice(0, 3) : expected;
          const ids =
            limit === 3
              ? (await tracking.searchRuns({ ...request(asked, 3), parts: [] })).items.map(({ id }) => id)
              : await pagesOf(request(asked, limit));
          expect(ids).toEqual(shown);
        }),
        { numRuns: 60 },
      );
    }, 120_000);

    it('gives in pages what the whole order is, of any few runs', async () => {
      const size = fc.integer({ min: 1, max: 25 });
      const few = size.chain((count) => models(count));
      await fc.assert(
        fc.asyncProperty(few, search, fc.integer({ min: 1, max: 6 }), async (runs, asked, limit) => {
          await clear();
          await fill(runs);
          expect(await pagesOf(request(asked, limit))).toEqual(inOrder(runs, asked).map(({ id }) => id));
        }),
        { numRuns: 60 },
      );
    }, 120_000);

    it('neither repeats nor loses a run when others come in between the pages', async () => {
      const limit = fc.integer({ min: 1, max: 5 });
      await fc.assert(
        fc.asyncProperty(models(30), search, limit, async (all, asked, limit) => {
          await clear();
          const [there, later] = [all.slice(0, 15), all.slice(15)];
          await fill(there);
          const ids = await pagesOf(request(asked, limit), async () => fill(later.splice(0, 2)));
          expect(new Set(ids).size).toBe(ids.length);
          const before = new Set(there.map(({ id }) => id));
          expect(ids.filter((id) => before.has(id))).toEqual(inOrder(there, asked).map(({ id }) => id));
        }),
        { numRuns: 40 },
      );
    }, 120_000);
  });
}

function inOrder(runs: readonly Model[], asked: Search): Model[] {
  const rank = (number: number | undefined) => (number === undefined ? 2 : Number(Number.isNaN(number)));
  const compare = (a: number | undefined, b: number | undefined, sign: 1 | -1) => {
    if (rank(a) !== rank(b) || rank(a) > 0) return rank(a) - rank(b);
    return (a as number) === (b as number) ? 0 : (a as number) < (b as number) ? -sign : sign;
  };
  return runs
    .filter((run) => asked.experiments === undefined || asked.experiments.includes(run.experiment))
    .filter(({ lifecycle }) => asked.lifecycle === 'all' || lifecycle === asked.lifecycle)
    .filter(({ tag }) => asked.tag === undefined || tag === asked.tag)
    .filter(({ score }) => asked.atLeast === undefined || (score ?? Number.NaN) >= asked.atLeast)
    .sort(
      (a, b) =>
        compare(a.loss, b.loss, asked.direction === 'asc' ? 1 : -1) ||
        (asked.second === 'startedAt' ? b.startedAtMs - a.startedAtMs : 0) ||
        (asked.second === 'score' ? compare(a.score, b.score, 1) : 0) ||
        (a.id < b.id ? -1 : 1),
    );
}

const CHUNK = 500;

/** Straight into the tables: thousands of runs by the service would take longer than what is tested. */
async function insert(tx: Reader, runs: readonly Model[], experiments: readonly { no: number }[]): Promise<void> {
  for (let start = 0; start < runs.length; start += CHUNK) {
    const chunk = runs.slice(start, start + CHUNK);
    const rows = chunk.map((run) => ({
      ...{
        id: run.id,
        name: run.id,
        experiment_no: experiments[run.experiment]?.no as number,
        status: 'running' as const,
      },
      ...{ lifecycle: run.lifecycle, started_at_ms: run.startedAtMs, parent_run_id: null, ended_at_ms: null },
      ...{ created_by: 'ada', user_name: '', run_group: null, note: '', environment: null, deleted_at_ms: null },
      deleted_with_experiment: 0,
    }));
    const made = await tables(tx).insertInto('tracking_run').values(rows).returning(['no', 'id']).execute();
    const noOf = new Map(made.map(({ no, id }) => [id, no]));
    const series = chunk.flatMap((run) =>
      (['loss', 'score'] as const).flatMap((key) => {
        const value = run[key];
        if (value === undefined) return [];
        const of = { run_no: noOf.get(run.id) as number, experiment_no: experiments[run.experiment]?.no as number };
        const counts = { points: 1, loose: 1, sealed_step: null, sealed_timestamp_ms: null };
        return [{ ...of, key, step: 0, timestamp_ms: 0, ...toStored(tx.dialect, value), ...counts }];
      }),
    );
    if (series.length > 0) await tables(tx).insertInto('tracking_series').values(series).execute();
    const tags = chunk.flatMap(({ id, tag }) =>
      tag === undefined ? [] : [{ run_no: noOf.get(id) as number, key: 't', value: tag }],
    );
    if (tags.length > 0) await tables(tx).insertInto('tracking_tag').values(tags).execute();
  }
}
