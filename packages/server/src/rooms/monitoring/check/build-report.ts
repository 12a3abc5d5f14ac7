import { type Column, columnOf, createTable, selectRows, type Table } from '@fairlead/frame';
import { newId } from '@fairlead/kernel';
import type { ModelVersion } from '../../registry/index.js';
import type { CapturedRow } from '../../serving/index.js';
import { type ColumnBounds, compareColumns, summarise } from '../drift/compare-columns-rules.js';
import { seriesOf } from '../drift/dependence-rules.js';
import { type MonitoringDeps, PRODUCTION } from '../monitoring-deps.js';
import { monitoringErrors } from '../monitoring-errors.js';
import type { ColumnCheck, Monitor, MonitorReport, PerformanceWindow } from '../monitoring-types.js';
import { joinTruth, judgePerformance } from '../truth/performance-rules.js';
import { promised } from '../truth/promised-scores.js';
import { capturedTable, rowEntities, rowTimes } from './captured-table-rules.js';
import { type ColumnIssue, integrityIssues, judgeIntegrity } from './integrity-rules.js';
import { OUTPUT, type ReferenceCache, type TrainingReference } from './reference-cache.js';
import { chooseReference } from './reference-rules.js';
import { serviceMetrics } from './service-rules.js';

export interface BuiltReport {
  readonly report: MonitorReport;
  readonly issues: readonly ColumnIssue[];
}

/**
 * Rows to look back over, in windows: truth comes late, so the last window that has it lies further back than the last
 * window of requests.
 */
const LOOK_BACK_WINDOWS = 10;
const MAX_LOOK_BACK = 50_000;

interface Window {
  readonly version: ModelVersion;
  readonly training: TrainingReference;
  /** Everything that was looked at, oldest first, whatever came of it. */
  readonly served: readonly CapturedRow[];
  readonly answered: readonly CapturedRow[];
  /** The last answered rows, at most `windowRows`. */
  readonly rows: readonly CapturedRow[];
  readonly timesMs: Float64Array;
}

/** Looks at the last rows that the live version of the monitor's endpoint answered. @throws MON_NOT_ROUTED */
export async function buildReport(
  deps: MonitoringDeps,
  references: ReferenceCache,
  { name, spec }: Monitor,
): Promise<BuiltReport> {
  const window = await readWindow(deps, references, spec);
  const { version, training, rows, timesMs, served } = window;
  const { columns, output, reference } = compareWindow(window, spec);
  const enough = rows.length >= spec.minRows;
  const summary = summarise([...columns, output]);
  const issues = enough ? integrityIssues(columns, training.missingRatio) : [];
  const sorted = timesMs.slice().sort();
  const report: MonitorReport = {
    id: newId(deps.clock.nowMs()),
    monitor: name,
    endpoint: spec.endpoint,
    environment: spec.environment ?? PRODUCTION,
    version: version.version,
    windowRows: rows.length,
    fromMs: sorted[0] ?? null,
    untilMs: sorted.length === 0 ? null : (sorted.at(-1) as number) + 1,
    reference,
    integrity: judgeIntegrity(issues, { have: rows.length, need: spec.minRows }),
    driftVerdict: summary.verdict,
    drifted: summary.drifted,
    columns,
    output,
    performance: await checkPerformance(deps, window, spec),
    service: serviceMetrics(served.slice(-spec.windowRows)),
    createdAtMs: deps.clock.nowMs(),
  };
  return { report, issues };
}

async function readWindow(
  { serving, registry }: MonitoringDeps,
  references: ReferenceCache,
  spec: Monitor['spec'],
): Promise<Window> {
  const { endpoint, environment = PRODUCTION, windowRows } = spec;
  const { model } = await serving.endpoint(endpoint);
  const routing = await serving.routing(endpoint, environment);
  const live = routing?.entries.reduce<{ version: number; weight: number } | undefined>(
    (best, entry) => (best === undefined || entry.weight > best.weight ? entry : best),
    undefined,
  );
  if (live === undefined) {
    throw monitoringErrors.MON_NOT_ROUTED(`Endpoint ${endpoint} serves nothing in ${environment}.`, {
      data: { endpoint, environment },
    });
  }
  const version = await registry.version(model, live.version);
  const training = await references.of(version);
  const last = Math.max(windowRows, Math.min(windowRows * LOOK_BACK_WINDOWS, MAX_LOOK_BACK));
  const served = await serving.captured({ endpoint, environment, version: live.version, shadow: false, last });
  const answered = served.filter(({ status, label }) => status === 200 && label !== null);
  const rows = answered.slice(-windowRows);
  return { version, training, served, answered, rows, timesMs: rowTimes(rows, training.timeColumn) };
}

function compareWindow(
  { version, training, rows, timesMs }: Window,
  spec: Monitor['spec'],
): { columns: ColumnCheck[]; output: ColumnCheck; reference: string } {
  const { labels } = version.signature;
  // A time always moves: that is no drift.
  const inputs = version.signature.inputs.filter(isComparable);
  const { table, entity } = training;
  const asked = { timesMs, entities: rowEntities(rows, entity) };
  const chosen = chooseReference(spec.reference, { ...training, rowCount: table.rowCount }, asked);
  const reference = selectRows(table, chosen.rows);
  const names = inputs.map(({ name }) => name);
  const bounds = new Map<string, ColumnBounds>(inputs.map((input) => [input.name, input]));
  const checks = compareColumns(reference, withOutput(capturedTable(rows, inputs), rows), {
    columns: [...names, OUTPUT],
    bounds,
    ...spec.drift,
    minRows: spec.minRows,
    series: seriesOf(reference, entity),
  });
  const output = checks.at(-1) as ColumnCheck;
  return {
    columns: checks.slice(0, -1),
    output: { ...output, column: `probability of ${labels.at(-1) ?? 'the last label'}` },
    reference: chosen.text,
  };
}

function isComparable<I extends { readonly type: string }>(
  input: I,
): input is I & { readonly type: Exclude<I['type'], 'timestamp'> } {
  return input.type !== 'timestamp';
}

function withOutput(table: Table, rows: readonly CapturedRow[]): Table {
  // Kept as sent: no model gives NaN for a row it answered, so a missing probability is a NaN of its own.
  const values = Float64Array.from(rows, ({ probability }) => probability ?? Number.NaN);
  const output: Column = { kind: 'float64', values };
  const columns = [...table.columns.keys()].map((name) => [name, columnOf(table, name)] as const);
  return createTable([...columns, [OUTPUT, output] as const]);
}

/** The last rows that have truth already, at most `windowRows`. */
async function checkPerformance(
  { store, db, evaluation }: MonitoringDeps,
  { version, training, answered }: Window,
  { endpoint, windowRows, minRows, performance }: Monitor['spec'],
): Promise<PerformanceWindow | null> {
  const truths = await store.truths(
    db,
    endpoint,
    answered.map(({ id }) => id),
  );
  const labels = new Map([...truths].map(([id, { label }]) => [id, label]));
  const joined = joinTruth(answered, rowTimes(answered, training.timeColumn), labels).slice(-windowRows);
  if (joined.length === 0) return null;
  const expected = await promised(evaluation, version);
  const { metric, worseBy } = performance ?? { metric: 'accuracy', worseBy: 0 };
  return judgePerformance(joined, expected, { metric, worseBy, minRows, rows: Math.min(windowRows, answered.length) });
}
