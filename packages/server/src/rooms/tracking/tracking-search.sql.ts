import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { Reader } from '../../platform/db/index.js';
import type { RunFacts, RunPosition, RunQuery } from './tracking-store.js';
import { fromStored, NAN, type RunRow, type TrackingTables, toRunHead } from './tracking-tables.sql.js';
import type { Run } from './tracking-types.js';

type RankedRow = RunRow & { rank: number; sort_value: number };

/** One page of runs in a total order that a position can continue: (rank, value, id), newest first within equals. */
export async function searchRuns(reader: Reader, query: RunQuery): Promise<{ run: Run; position: RunPosition }[]> {
  const db = reader.sql<TrackingTables>();
  const heads = await (query.metric === null ? byStart(db, query) : byMetric(db, query, query.metric));
  const facts = await factsOf(
    db,
    heads.map((row) => row.id),
  );
  return heads.map((row) => ({
    run: { ...toRunHead(row), ...(facts.get(row.id) as RunFacts) },
    position: { rank: row.rank, value: row.sort_value, id: row.id },
  }));
}

function byStart(db: Kysely<TrackingTables>, query: RunQuery): Promise<RankedRow[]> {
  let select = filtered(db, query).select([sql<number>`0`.as('rank'), 'tracking_run.started_at_ms as sort_value']);
  const { after } = query;
  if (after !== undefined) {
    select = select.where((e) =>
      e.or([
        e('tracking_run.started_at_ms', '<', after.value),
        e.and([e('tracking_run.started_at_ms', '=', after.value), e('tracking_run.id', '<', after.id)]),
      ]),
    );
  }
  return select
    .orderBy('tracking_run.started_at_ms', 'desc')
    .orderBy('tracking_run.id', 'desc')
    .limit(query.limit)
    .execute() as Promise<RankedRow[]>;
}

function byMetric(
  db: Kysely<TrackingTables>,
  query: RunQuery,
  { key, direction }: { key: string; direction: 'asc' | 'desc' },
): Promise<RankedRow[]> {
  const rank = sql<number>`case when m.value is null then 2 when m.special = ${NAN} then 1 else 0 end`;
  const value = sql<number>`coalesce(m.value, 0)`;
  let select = filtered(db, query)
    .leftJoin('tracking_latest_metric as m', (join) =>
      join.onRef('m.run_id', '=', 'tracking_run.id').on('m.key', '=', key),
    )
    .select([rank.as('rank'), value.as('sort_value')]);
  const { after } = query;
  if (after !== undefined) {
    const beyond = direction === 'asc' ? sql`>` : sql`<`;
    // The cast: without it PostgreSQL takes the parameter for a text.
    const bound = sql<number>`cast(${after.value} as double precision)`;
    select = select.where(
      sql<boolean>`(${rank} > ${after.rank} or (${rank} = ${after.rank} and (${value} ${beyond} ${bound}
        or (${value} = ${bound} and tracking_run.id < ${after.id}))))`,
    );
  }
  return select
    .orderBy(rank)
    .orderBy(value, direction)
    .orderBy('tracking_run.id', 'desc')
    .limit(query.limit)
    .execute() as Promise<RankedRow[]>;
}

function filtered(db: Kysely<TrackingTables>, query: RunQuery) {
  const { experimentId, status, parentRunId } = query;
  return db
    .selectFrom('tracking_run')
    .selectAll('tracking_run')
    .where((e: ExpressionBuilder<TrackingTables, 'tracking_run'>) =>
      e.and([
        ...(experimentId === undefined ? [] : [e('tracking_run.experiment_id', '=', experimentId)]),
        ...(status === undefined ? [] : [e('tracking_run.status', '=', status)]),
        ...(parentRunId === undefined ? [] : [e('tracking_run.parent_run_id', '=', parentRunId)]),
      ]),
    );
}

/** Parameters, tags and latest metrics of all the runs, in one query. */
export async function factsOf(db: Kysely<TrackingTables>, runIds: readonly string[]): Promise<Map<string, RunFacts>> {
  const entries = new Map(
    runIds.map((id) => [
      id,
      { params: [] as [string, string][], tags: [] as [string, string][], metrics: [] as [string, number][] },
    ]),
  );
  if (runIds.length === 0) return new Map();
  const ids = [...runIds];
  const text = (table: 'tracking_param' | 'tracking_tag', kind: string) =>
    db
      .selectFrom(table)
      .select(['run_id', 'key', 'value', sql<number>`0.0`.as('number'), sql<number>`0`.as('special')])
      .select(sql<string>`${sql.lit(kind)}`.as('kind'))
      .where('run_id', 'in', ids);
  const metrics = db
    .selectFrom('tracking_latest_metric')
    .select(['run_id', 'key', sql<string>`''`.as('value'), 'value as number', 'special'])
    .select(sql<string>`'metric'`.as('kind'))
    .where('run_id', 'in', ids);
  const rows = await text('tracking_param', 'param')
    .unionAll(text('tracking_tag', 'tag'))
    .unionAll(metrics)
    .orderBy('key')
    .execute();
  for (const row of rows) {
    const facts = entries.get(row.run_id);
    if (row.kind === 'metric') {
      facts?.metrics.push([row.key, fromStored({ value: Number(row.number), special: row.special })]);
    } else facts?.[row.kind === 'param' ? 'params' : 'tags'].push([row.key, row.value]);
  }
  return new Map(
    [...entries].map(([id, { params, tags, metrics: latest }]) => [
      id,
      { params: Object.fromEntries(params), tags: Object.fromEntries(tags), metrics: Object.fromEntries(latest) },
    ]),
  );
}
