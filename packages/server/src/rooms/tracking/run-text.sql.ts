import type { Dialect } from '../../platform/db/index.js';
import { type LinksText, linksText, toLinks } from './inputs/links-text.sql.js';
import { withFirstDataset } from './metric-datasets-rules.js';
import type { MetricPoint } from './metric-types.js';
import { HEAD, type HeadValues, toHead } from './run-heads.sql.js';
import type { Run, RunPart } from './run-types.js';

/** What of a run to read beside its own fields. */
export interface RunReading {
  readonly parts: readonly RunPart[];
  /** Also what it read and made. */
  readonly links: boolean;
}

/** Selects of the numbers and of the ids of all runs that are read. */
export interface RunsRead {
  readonly nos: string;
  readonly ids: string;
}

/**
 * A run with all that was logged to it as one text of JSON, for `tracking_run r` and `tracking_experiment e`. One cell instead
 * of some hundred, and one question instead of six: on PostgreSQL each way there and back costs the server half a
 * millisecond, and the drivers need longer to hand over a cell than the engines to write it.
 */
export function runText(dialect: Dialect, { parts, links }: RunReading, all?: RunsRead): string {
  const texts = [
    HEAD[dialect],
    parts.includes('params') ? entriesOf(dialect, 'tracking_param') : `'{}'`,
    parts.includes('tags') ? entriesOf(dialect, 'tracking_tag') : `'{}'`,
    ...(parts.includes('metrics') ? [LATEST[dialect], measured(dialect, all)] : [`'null'`, `'null'`]),
    ...(links ? linksText(dialect, all?.ids) : []),
  ];
  return `'[' || ${texts.join(` || ',' || `)} || ']'`;
}

/**
 * SQLite orders below the aggregate, where the key's index already has the order. PostgreSQL sorts there when it thinks that a
 * run has many entries, which takes it longer than reading them: {@link readRunText} puts them in order.
 */
function entriesOf(dialect: Dialect, table: string): string {
  const object =
    dialect === 'sqlite'
      ? `json_group_object(o.key, o.value) from (select key, value from ${table} where run_no = r.no order by key) o`
      : `json_object_agg(o.key, o.value)::text from ${table} o where o.run_no = r.no`;
  return `coalesce((select ${object}), '{}')`;
}

const SERIES = `(select key, step, timestamp_ms, value, special from tracking_series where run_no = r.no order by key) o`;
/** SQLite by itself would write 15 digits; 17 are exact. */
const SQLITE_TEXT = (of: string) => `case when ${of}.special = 1 then 'NaN' when ${of}.value = 9e999 then 'Infinity'
  when ${of}.value = -9e999 then '-Infinity' else printf('%!.17g', ${of}.value) end`;
/** JSON has no infinities and no NaN, so their names stand for them. */
const SQLITE_NUMBER = `case when o.special = 1 or abs(o.value) = 9e999 then '"' || ${SQLITE_TEXT('o')} || '"'
  else printf('%!.17g', o.value) end`;

const LATEST: Readonly<Record<Dialect, string>> = {
  sqlite: `(select '[' || json_group_array(o.key) || ',' || json_group_array(o.step) || ','
    || json_group_array(o.timestamp_ms) || ',[' || coalesce(group_concat(${SQLITE_NUMBER}), '') || ']]' from ${SERIES})`,
  postgres: `(select json_build_array(array_agg(o.key), array_agg(o.step), array_agg(o.timestamp_ms), array_agg(o.value))::text
    from tracking_series o where o.run_no = r.no)`,
};

const OF_LATEST = `tracking_metric_dataset d join tracking_series s on s.run_no = d.run_no and s.key = d.key
  and s.step = d.step and s.timestamp_ms = d.timestamp_ms and s.value = d.value and s.special = d.special`;

const MEASURED: Readonly<Record<Dialect, string>> = {
  sqlite: `(select json_group_array(json_array(d.key, d.step, d.timestamp_ms, ${SQLITE_TEXT('d')}, d.dataset_name,
    d.dataset_digest) order by d.dataset_name, d.dataset_digest) from ${OF_LATEST} where d.run_no = r.no)`,
  postgres: `coalesce((select json_agg(json_build_array(d.key, d.step, d.timestamp_ms, d.value::text, d.dataset_name,
    d.dataset_digest) order by d.dataset_name, d.dataset_digest)::text from ${OF_LATEST} where d.run_no = r.no), 'null')`,
};

/** PostgreSQL asks once for all runs whether any of them has some: few have, and asking each run costs it a microsecond. */
function measured(dialect: Dialect, all: RunsRead | undefined): string {
  const text = MEASURED[dialect];
  if (all === undefined || dialect === 'sqlite') return text;
  return `case when exists (select 1 from tracking_metric_dataset where run_no = any(array(${all.nos}))) then ${text} else 'null' end`;
}

/** By columns; null: there are none. */
type LatestText = readonly [
  keys: readonly string[] | null,
  steps: readonly number[],
  timesMs: readonly number[],
  values: readonly (number | string)[],
];
type MeasuredText = readonly [
  key: string,
  step: number,
  timestampMs: number,
  value: string,
  name: string,
  digest: string,
];
type RunText = readonly [
  head: HeadValues,
  params: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
  latest: LatestText | null,
  measured: readonly MeasuredText[] | null,
  ...links: [] | LinksText,
];

/** A run under its number, from the text of {@link runText}. */
export function readRunText(text: string): { readonly no: number; readonly run: Run } {
  const found = JSON.parse(text) as RunText;
  const head = toHead(found[0]);
  const latest = toLatest(found[3], found[4]);
  const metrics: Record<string, number> = {};
  for (const { key, value } of latest) setOwn(metrics, key, value);
  const links = found.length > 5 ? { links: toLinks(found.slice(5) as unknown as LinksText) } : undefined;
  const run: Run = {
    id: head.id,
    experimentId: head.experimentId,
    name: head.name,
    status: head.status,
    lifecycle: head.lifecycle,
    parentRunId: head.parentRunId,
    startedAtMs: head.startedAtMs,
    endedAtMs: head.endedAtMs,
    createdBy: head.createdBy,
    userName: head.userName,
    environment: head.environment,
    artifactRoot: head.artifactRoot,
    group: head.group,
    note: head.note,
    params: inOrder(found[1]),
    tags: inOrder(found[2]),
    metrics,
    latest,
    ...links,
  };
  return { no: head.no, run };
}

function toLatest(columns: LatestText | null, measured: readonly MeasuredText[] | null): readonly MetricPoint[] {
  const points: MetricPoint[] = [];
  const keys = columns?.[0];
  if (columns == null || keys == null) return points;
  let isInOrder = true;
  const [, steps, timesMs, values] = columns;
  for (let i = 0; i < keys.length; i += 1) {
    isInOrder &&= i === 0 || (keys[i - 1] as string) < (keys[i] as string);
    points.push({
      key: keys[i] as string,
      value: Number(values[i]),
      timestampMs: timesMs[i] as number,
      step: steps[i] as number,
    });
  }
  if (!isInOrder) points.sort((a, b) => (a.key < b.key ? -1 : 1));
  return measured === null ? points : withFirstDataset(points, measured.map(toMeasured));
}

function toMeasured([key, step, timestampMs, value, name, digest]: MeasuredText): MetricPoint {
  return { key, value: Number(value), timestampMs, step, dataset: { name, digest } };
}

/** The entries by their keys: as they are, when the database happened to read them so. */
function inOrder(entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  let before = '';
  for (const key in entries) {
    if (key < before) return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
    before = key;
  }
  return entries;
}

/** A key may be `__proto__`, which an assignment would not set. */
function setOwn(record: Record<string, number>, key: string, value: number): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
