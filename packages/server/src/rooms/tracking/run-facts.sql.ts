import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import { latestMeasured } from './metric-datasets.sql.js';
import { withFirstDataset } from './metric-datasets-rules.js';
import type { MetricPoint } from './metric-types.js';
import type { RunPart } from './run-types.js';
import type { RunFacts } from './tracking-store.js';

interface Entries {
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  latest: readonly MetricPoint[];
}

interface Row {
  readonly run_no: number;
  readonly facts: string;
}

/**
 * Params, tags and latest metrics of many runs by their numbers: one query per part that is asked for, with one text of JSON
 * per run, because the drivers need longer to hand over a cell than the engines to write it.
 */
export async function factsOf(
  reader: Reader,
  nos: readonly number[],
  parts: readonly RunPart[],
): Promise<ReadonlyMap<number, RunFacts>> {
  const facts = new Map<number, Entries>(nos.map((no) => [no, { params: {}, tags: {}, latest: [] }]));
  if (nos.length === 0) return facts;
  const chosen = [reader.dialect === 'sqlite' ? JSON.stringify(nos) : nos];
  for (const part of parts) {
    for (const { run_no, facts: text } of await rawQuery<Row>(reader, FACTS[reader.dialect][part], chosen)) {
      const entries = facts.get(run_no) as Entries;
      if (part === 'metrics') entries.latest = (JSON.parse(text) as MetricFact[]).map(toLatest);
      else entries[part] = JSON.parse(text);
    }
  }
  if (parts.includes('metrics')) await addDatasets(reader, facts);
  return facts;
}

async function addDatasets(reader: Reader, facts: ReadonlyMap<number, Entries>): Promise<void> {
  for (const [runNo, measured] of await latestMeasured(reader, [...facts.keys()])) {
    const entries = facts.get(runNo) as Entries;
    entries.latest = withFirstDataset(entries.latest, measured);
  }
}

/** The latest value of each key. */
export function valuesOf(latest: readonly MetricPoint[]): Record<string, number> {
  return Object.fromEntries(latest.map(({ key, value }) => [key, value]));
}

type MetricFact = readonly [key: string, step: number, timestampMs: number, value: string, special: number];

function toLatest([key, step, timestampMs, value, special]: MetricFact): MetricPoint {
  return { key, value: special === 1 ? Number.NaN : toNumber(value), timestampMs, step };
}

/** Values travel as texts: JSON has no infinities, and SQLite would write them with 15 digits. 17 are exact. */
function toNumber(text: string): number {
  if (text.endsWith('Inf')) return text === 'Inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return Number(text);
}

const CHOSEN: Readonly<Record<Dialect, string>> = {
  sqlite: 'run_no in (select value from json_each(?))',
  postgres: 'run_no = any(?::bigint[])',
};

function entriesOf(dialect: Dialect, table: string): string {
  const object =
    dialect === 'sqlite'
      ? 'json_group_object(key, value order by key)'
      : 'json_object_agg(key, value order by key)::text';
  return `select run_no, ${object} as facts from ${table} where ${CHOSEN[dialect]} group by run_no`;
}

function latestOf(dialect: Dialect): string {
  const list =
    dialect === 'sqlite'
      ? `json_group_array(json_array(key, step, timestamp_ms, printf('%!.17g', value), special) order by key)`
      : 'json_agg(json_build_array(key, step, timestamp_ms, value::text, special) order by key)::text';
  return `select run_no, ${list} as facts from tracking_series where ${CHOSEN[dialect]} group by run_no`;
}

const FACTS: Readonly<Record<Dialect, Readonly<Record<RunPart, string>>>> = {
  sqlite: {
    params: entriesOf('sqlite', 'tracking_param'),
    tags: entriesOf('sqlite', 'tracking_tag'),
    metrics: latestOf('sqlite'),
  },
  postgres: {
    params: entriesOf('postgres', 'tracking_param'),
    tags: entriesOf('postgres', 'tracking_tag'),
    metrics: latestOf('postgres'),
  },
};
