import type { Table } from '@fairlead/frame';
import type { ObjectStore } from '../../platform/objects/index.js';
import { id } from './cell-sql-rules.js';
import type { DataDeps } from './data-deps.js';
import { dataErrors } from './data-errors.js';
import type { DatasetVersion } from './data-types.js';
import { checkCondition } from './expression-guard.js';
import { getSplit, getVersionById } from './find-data.js';
import { versionSql, visibleColumns } from './version-sql-rules.js';

export interface ReadRowsOptions {
  readonly columns?: readonly string[] | undefined;
  readonly where?: string | undefined;
  readonly limit?: number;
}

/** @throws DATA_COLUMN_NOT_FOUND, DATA_EXPRESSION_INVALID */
export async function readRows(deps: DataDeps, version: DatasetVersion, options: ReadRowsOptions): Promise<Table> {
  const visible = visibleColumns(version);
  const names = options.columns ?? visible.map(({ name }) => name);
  for (const name of names) {
    if (visible.some((column) => column.name === name)) continue;
    const known = visible.map((column) => column.name);
    throw dataErrors.DATA_COLUMN_NOT_FOUND(`The version has no column ${name}; it has ${known.join(', ')}.`, {
      data: { column: name, known },
    });
  }
  const { where } = options;
  if (where !== undefined) await checkCondition(deps.lake, { key: 'where', sql: where }, { scope: visible });
  const sql = [
    `select ${names.map(id).join(', ')} from (${versionSql(version, await pathsOf(deps.objects, version))})`,
    where === undefined ? '' : `where (${where}\n)`,
    'order by __file, __row',
    options.limit === undefined ? '' : `limit ${Math.trunc(options.limit)}`,
  ];
  return deps.lake.query(sql.join('\n'));
}

/** The files of a version on this machine. */
export function pathsOf(objects: ObjectStore, version: DatasetVersion): Promise<string[]> {
  return Promise.all(version.files.map((file) => objects.localPath(file.digest)));
}

/** The rows of one part of a split, without their ids. @throws DATA_SPLIT_NOT_FOUND */
export async function readPart(deps: DataDeps, splitId: string, partName: string): Promise<Table> {
  const split = await getSplit(deps, splitId);
  const part = split.parts.find((one) => one.name === partName);
  if (part === undefined) {
    const known = split.parts.map((one) => one.name);
    throw dataErrors.DATA_SPLIT_NOT_FOUND(`The split has no part ${partName}; it has ${known.join(', ')}.`, {
      data: { split: splitId, part: partName, known },
    });
  }
  const version = await getVersionById(deps, split.versionId);
  const columns = visibleColumns(version).map(({ name }) => name);
  return deps.lake.readParquet([await deps.objects.localPath(part.fileDigest)], { columns });
}
