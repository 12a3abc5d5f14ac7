import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cell, type ColumnKind, columnFromValues, createTable } from '@fairlead/frame';
import { createLake, type Lake } from '../../../platform/lake/index.js';

/** The tables of an export, their columns in order. Times are UTC; numbers are doubles. */
export const TABLES = {
  experiments: {
    experiment_id: 'string',
    name: 'string',
    lifecycle: 'string',
    artifact_root: 'string',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  runs: {
    run_id: 'string',
    experiment_id: 'string',
    name: 'string',
    status: 'string',
    lifecycle: 'string',
    started_at: 'timestamp',
    ended_at: 'timestamp',
    user_name: 'string',
    artifact_root: 'string',
  },
  params: { owner_kind: 'string', owner_id: 'string', key: 'string', value: 'string' },
  tags: { owner_kind: 'string', owner_id: 'string', key: 'string', value: 'string' },
  points: { run_id: 'string', key: 'string', step: 'float64', at: 'timestamp', value: 'float64' },
  inputs: {
    run_id: 'string',
    name: 'string',
    digest: 'string',
    source_type: 'string',
    source: 'string',
    schema: 'string',
    profile: 'string',
    tags: 'string',
  },
  model_links: { run_id: 'string', logged_model_id: 'string', relation: 'string', step: 'float64' },
  logged_models: {
    logged_model_id: 'string',
    experiment_id: 'string',
    name: 'string',
    model_type: 'string',
    status: 'string',
    lifecycle: 'string',
    source_run_id: 'string',
    artifact_root: 'string',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  model_metrics: {
    logged_model_id: 'string',
    run_id: 'string',
    key: 'string',
    step: 'float64',
    at: 'timestamp',
    value: 'float64',
    dataset_name: 'string',
    dataset_digest: 'string',
  },
  models: { name: 'string', description: 'string', created_at: 'timestamp', updated_at: 'timestamp' },
  versions: {
    model: 'string',
    version: 'float64',
    stage: 'string',
    lifecycle: 'string',
    description: 'string',
    source: 'string',
    run_id: 'string',
    logged_model_id: 'string',
    created_at: 'timestamp',
    updated_at: 'timestamp',
  },
  aliases: { model: 'string', alias: 'string', version: 'float64' },
  files: { owner_kind: 'string', owner_id: 'string', path: 'string', size_bytes: 'float64', sha256: 'string' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ColumnKind>>>>;

export type TableName = keyof typeof TABLES;
export type RowOf<Name extends TableName> = Readonly<Record<keyof (typeof TABLES)[Name], Cell>>;

export interface ParquetTables {
  /** Waits while a part is written, so nothing larger than a part is ever held. */
  add<Name extends TableName>(table: Name, row: RowOf<Name>): Promise<void>;
  /** Writes what is left; a table without rows gets a file without rows. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const ROWS_PER_PART = 200_000;

/** Writes `ROOT/TABLE/part-NNNNN.parquet`. */
export async function createParquetTables(root: string, rowsPerPart = ROWS_PER_PART): Promise<ParquetTables> {
  const lake = await createLake({ tempFolder: join(tmpdir(), 'fairlead-export'), allowedFolders: [root], threads: 1 });
  const parts = new Map<TableName, number>();
  const rows = new Map<TableName, Readonly<Record<string, Cell>>[]>();
  const write = async (name: TableName) => {
    const part = parts.get(name) ?? 0;
    await mkdir(join(root, name), { recursive: true });
    const path = join(root, name, `part-${String(part).padStart(5, '0')}.parquet`);
    await writePart(lake, name, { rows: rows.get(name) ?? [], path });
    parts.set(name, part + 1);
    rows.delete(name);
  };
  return {
    add: async (name, row) => {
      const held = rows.get(name) ?? [];
      rows.set(name, held);
      if (held.push(row) >= rowsPerPart) await write(name);
    },
    finish: async () => {
      for (const name of Object.keys(TABLES) as TableName[]) if (rows.has(name) || !parts.has(name)) await write(name);
    },
    close: () => lake.close(),
  };
}

async function writePart(
  lake: Lake,
  name: TableName,
  { rows, path }: { rows: readonly Readonly<Record<string, Cell>>[]; path: string },
): Promise<void> {
  const columns = Object.entries<ColumnKind>(TABLES[name]).map(([column, kind]) => {
    const values = rows.map((row) => row[column] ?? null);
    return [column, columnFromValues(kind, values, column)] as const;
  });
  await lake.writeParquet(createTable(columns), path);
}
