import { type Column, cellAt, createTable, selectColumns, selectRows, type Table } from '@fairlead/frame';
import type { ModelVersion } from '../../registry/index.js';
import { entityKey } from '../drift/dependence-rules.js';
import type { MonitoringDeps } from '../monitoring-deps.js';
import { monitoringErrors } from '../monitoring-errors.js';
import { thinRows } from './reference-rules.js';

/** The training rows of a model version with what the model says of them. */
export interface TrainingReference {
  /** Input columns, entity columns and {@link OUTPUT}, in order of time. */
  readonly table: Table;
  readonly timesMs: Float64Array | null;
  readonly timeColumn: string | null;
  readonly entity: readonly string[];
  /** Which entity each row is about; null when the dataset has none. */
  readonly entities: readonly string[] | null;
  /** Share of missing cells by input column. */
  readonly missingRatio: ReadonlyMap<string, number>;
}

export interface ReferenceCache {
  /** @throws MON_NO_REFERENCE */
  of(version: ModelVersion): Promise<TrainingReference>;
}

/** Column of the probability of the last label. A name that no input can have. */
export const OUTPUT = '\u0000output';

const KEPT = 4;
const MAX_ROWS = 50_000;

/** Reads and scores the training part of a version once; the last few versions are kept in memory. */
export function createReferenceCache(deps: Pick<MonitoringDeps, 'data' | 'evaluation'>): ReferenceCache {
  const kept = new Map<string, Promise<TrainingReference>>();
  return {
    of: (version) => {
      const { splitId, trainPart } = version.source;
      const key = `${version.digest}/${splitId}/${trainPart}`;
      const reference = kept.get(key) ?? load(deps, version);
      kept.delete(key);
      kept.set(key, reference);
      reference.catch(() => kept.delete(key));
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
      return reference;
    },
  };
}

async function load(
  { data, evaluation }: Pick<MonitoringDeps, 'data' | 'evaluation'>,
  { model, version, digest, signature, source }: ModelVersion,
): Promise<TrainingReference> {
  const { datasetVersionId, splitId, trainPart } = source;
  if (datasetVersionId === null || splitId === null || trainPart === null) {
    throw monitoringErrors.MON_NO_REFERENCE(`Version ${version} of ${model} was trained on rows that are not here.`, {
      data: { model, version },
    });
  }
  const { time, entity } = await data.versionById(datasetVersionId);
  const whole = await data.readPart(splitId, trainPart);
  const all = Int32Array.from({ length: whole.rowCount }, (_, row) => row);
  const rows = whole.rowCount > MAX_ROWS ? selectRows(whole, thinRows(all, MAX_ROWS)) : whole;
  const { probability } = await evaluation.score(digest, signature, rows);
  const inputs = signature.inputs.map(({ name }) => name);
  const kept = [...new Set([...inputs, ...entity.filter((name) => rows.columns.has(name))])];
  const output: Column = { kind: 'float64', values: Float64Array.from(probability) };
  const timeColumn = time === null ? undefined : rows.columns.get(time);
  return {
    table: createTable([...selectColumns(rows, kept).columns, [OUTPUT, output] as const]),
    timesMs: timeColumn?.kind === 'timestamp' ? timeColumn.values : null,
    timeColumn: time,
    entity,
    entities: entitiesOf(rows, entity),
    missingRatio: new Map(inputs.map((name) => [name, missingRatio(rows, name)])),
  };
}

function entitiesOf(table: Table, entity: readonly string[]): string[] | null {
  const columns = entity.flatMap((name) => table.columns.get(name) ?? []);
  if (columns.length === 0 || columns.length < entity.length) return null;
  return Array.from({ length: table.rowCount }, (_, row) => entityKey(columns.map((column) => cellAt(column, row))));
}

function missingRatio(table: Table, name: string): number {
  const column = table.columns.get(name);
  if (column === undefined || table.rowCount === 0) return 0;
  let missing = 0;
  for (let row = 0; row < table.rowCount; row += 1) {
    const cell = cellAt(column, row);
    missing += Number(cell === null || cell === '' || Number.isNaN(cell));
  }
  return missing / table.rowCount;
}
