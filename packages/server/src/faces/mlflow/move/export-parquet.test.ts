import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cell, toRows } from '@fairlead/frame';
import { afterEach, expect, test } from 'vitest';
import { createLake, type Lake, quoteLiteral } from '../../../platform/lake/index.js';
import { exportParquet } from './export-parquet.js';
import { openFolderSource } from './folder-source.js';
import { MODEL_ID, problemList, RUN_ID, readWhole, tempFolder, writeMlruns } from './move.fixture.js';
import { createParquetTables, type RowOf, TABLES, type TableName } from './parquet-tables.js';

let lake: Lake | undefined;
afterEach(() => lake?.close());

async function readTable<Name extends TableName>(root: string, table: Name): Promise<readonly RowOf<Name>[]> {
  lake ??= await createLake({ tempFolder: join(tmpdir(), 'fairlead-test'), allowedFolders: [root], threads: 1 });
  const rows = await lake.query(`SELECT * FROM read_parquet(${quoteLiteral(join(root, table, '*.parquet'))})`);
  return toRows(rows) as readonly Readonly<Record<string, Cell>>[] as readonly RowOf<Name>[];
}

test('every table is there, and says what the source does', async () => {
  const [root, out] = [tempFolder(), join(tempFolder(), 'out')];
  writeMlruns(root);
  const source = await openFolderSource(root, problemList());
  const summary = await exportParquet(source, out);
  expect(summary).toMatchObject({
    format: 'parquet',
    counts: { experiments: 3, runs: 1, points: 5, files: 3, loggedModels: 1, models: 1, versions: 2 },
    problems: [],
  });
  const { models } = await readWhole(source);
  const [model] = models;
  const points: unknown[] = [];
  for await (const experiment of source.experiments()) {
    for await (const run of source.runs(experiment.id)) {
      for await (const { key, points: part } of source.points(run)) {
        points.push(
          ...part.map(({ step, timestampMs, value }) => ({ run_id: RUN_ID, key, step, at: timestampMs, value })),
        );
      }
    }
  }
  expect(await readTable(out, 'points')).toEqual(points);
  expect((await readTable(out, 'versions')).map(({ model: name, version }) => [name, version])).toEqual(
    model?.versions.map(({ version }) => [model.name, version]),
  );
  const files = await readTable(out, 'files');
  for (const { owner_id, path, size_bytes } of files) {
    expect(readFileSync(join(out, 'artifacts', String(owner_id), String(path)))).toHaveLength(Number(size_bytes));
  }
  expect(new Set(files.map(({ owner_id }) => owner_id))).toEqual(new Set([RUN_ID, MODEL_ID]));
  for (const [table, columns] of Object.entries(TABLES)) {
    const [row] = await readTable(out, table as TableName);
    if (row !== undefined) expect(Object.keys(row)).toEqual(Object.keys(columns));
  }
});

test('NaN, infinities and missing values stay what they are, over several parts', async () => {
  const root = tempFolder();
  const tables = await createParquetTables(root, 2);
  const values = [Number.NaN, Number.POSITIVE_INFINITY, -0.1, null, 1e-300];
  for (const [step, value] of values.entries())
    await tables.add('points', { run_id: 'r', key: 'k', step, at: 5, value });
  await tables.finish();
  await tables.close();
  lake = undefined;
  expect((await readTable(root, 'points')).map(({ value }) => value)).toEqual(values);
  expect(await readTable(root, 'aliases')).toEqual([]);
});
