import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFairleadError } from '@fairlead/kernel';
import { openForeign } from '../../../platform/db/index.js';
import type { ImportSource, SeriesPart, SourceExperiment, SourceOptions, SourcePoint } from './import-source.js';
import { openLocalFolder } from './local-folder.js';
import { moveErrors } from './move-errors.js';
import { readLocalFiles } from './read-local-files.js';
import {
  type DatabaseReader,
  marks,
  rowsOf,
  textOf,
  toExperiment,
  toLoggedModel,
  toPoint,
  toRuns,
} from './sqlite-records.js';
import { isElsewhere, readModelRows } from './sqlite-registry.js';
import { createTell } from './tell-problem.js';

const NEEDED = ['experiments', 'runs', 'metrics', 'params', 'tags'];
const RUNS_PER_PAGE = 400;
const POINTS_PER_PAGE = 20_000;

/** The SQLite file of an MLflow server, 2.x or 3.x. Its artifacts are read from the given folders and those beside the file. */
export async function openSqliteSource(path: string, options: SourceOptions): Promise<ImportSource> {
  const file = existsSync(path) ? realpathSync(path) : path;
  const base = dirname(file);
  const beside = ['mlruns', 'mlartifacts'].map((name) => join(base, name)).filter((folder) => existsSync(folder));
  const folders = await Promise.all([...(options.artifactFolders ?? []), ...beside].map(openLocalFolder));
  const reader: DatabaseReader = { db: open(file), path: file, tell: createTell(options.onProblem) };
  let runRows: Map<string, number[]> | undefined;
  return {
    kind: 'sqlite',
    address: file,
    experiments: () => readExperiments(reader, options),
    async *runs(experimentId) {
      runRows ??= readRunRows(reader);
      const rowIds = runRows.get(experimentId) ?? [];
      for (let start = 0; start < rowIds.length; start += RUNS_PER_PAGE) {
        const page = rowIds.slice(start, start + RUNS_PER_PAGE);
        yield* toRuns(reader, rowsOf(reader, 'runs', `WHERE rowid IN (${marks(page)}) ORDER BY rowid`, page));
      }
    },
    points: (run) => readPoints(reader, run.id),
    async *loggedModels(experimentId) {
      for (const row of rowsOf(reader, 'logged_models', 'WHERE experiment_id = ?', [experimentId])) {
        const model = reader.tell.attempt(() => toLoggedModel(reader, row));
        if (model !== undefined) yield model;
      }
    },
    files: (owner) => readLocalFiles({ owner, folders, base, tell: reader.tell }),
    async *models() {
      yield* readModelRows(reader);
    },
    leftOut: async () =>
      [['trace_info', 'traces'] as const, ['webhooks', 'webhooks'] as const]
        .map(([table, what]) => ({ what, count: reader.db.count(table) }))
        .filter(({ count }) => count > 0),
    close: async () => reader.db.close(),
  };
}

function open(path: string) {
  try {
    const db = openForeign(path);
    const missing = NEEDED.filter((table) => !db.tables.has(table));
    if (missing.length === 0) return db;
    db.close();
    throw moveErrors.MOVE_SOURCE_UNKNOWN(`${path} is no database of MLflow: it has no table ${missing.join(', ')}.`, {
      data: { path, missing },
    });
  } catch (error) {
    if (!isFairleadError(error) || error.code !== 'DB_UNAVAILABLE') throw error;
    throw moveErrors.MOVE_SOURCE_UNREADABLE(error.message, { data: { path }, cause: error });
  }
}

async function* readExperiments(
  reader: DatabaseReader,
  { experiments: wanted }: SourceOptions,
): AsyncGenerator<SourceExperiment> {
  for (const row of rowsOf(reader, 'experiments', 'ORDER BY experiment_id')) {
    if (isElsewhere(row)) {
      const why = `it is in the workspace ${textOf(row.workspace)}, and only the default one is moved`;
      reader.tell.broken(`${reader.path}: experiments ${textOf(row.experiment_id)}`, why);
      continue;
    }
    const experiment = reader.tell.attempt(() => toExperiment(reader, row));
    if (experiment !== undefined && (wanted === undefined || wanted.includes(experiment.name))) yield experiment;
  }
}

/** Places of the runs by experiment, read once: the table has no index for it. */
function readRunRows(reader: DatabaseReader): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const row of reader.db.select('runs', ['rowid', 'experiment_id'], 'ORDER BY rowid')) {
    const experiment = textOf(row.experiment_id);
    const known = found.get(experiment);
    if (known === undefined) found.set(experiment, [Number(row.rowid)]);
    else known.push(Number(row.rowid));
  }
  return found;
}

/** Pages follow the index on the run, in whose entries the row ids ascend: each page begins where the one before ended. */
async function* readPoints(reader: DatabaseReader, runId: string): AsyncGenerator<SeriesPart> {
  let after = -1;
  for (;;) {
    const rows = reader.db.select(
      'metrics',
      ['rowid', 'key', 'value', 'timestamp', 'step', 'is_nan'],
      'WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?',
      [runId, after, POINTS_PER_PAGE],
    );
    const parts = new Map<string, SourcePoint[]>();
    for (const row of rows) {
      const key = textOf(row.key);
      const point = toPoint(row);
      if (point === undefined) {
        reader.tell.broken(
          `${reader.path}: metrics row ${textOf(row.rowid)} of run ${runId}`,
          'it is no point of a metric',
        );
        continue;
      }
      const known = parts.get(key);
      if (known === undefined) parts.set(key, [point]);
      else known.push(point);
    }
    for (const [key, points] of parts) yield { key, points };
    if (rows.length < POINTS_PER_PAGE) return;
    after = Number(rows.at(-1)?.rowid);
  }
}
