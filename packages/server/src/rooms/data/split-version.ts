import { rm } from 'node:fs/promises';
import { cellAt, columnOf, type Table } from '@fairlead/frame';
import type { ChangeContext } from '../../platform/db/index.js';
import type { LakeSession } from '../../platform/lake/index.js';
import { id, text } from './cell-sql-rules.js';
import type { DataDeps } from './data-deps.js';
import { dataErrors } from './data-errors.js';
import { splitCreated } from './data-events.js';
import type { DatasetVersion, Split, SplitPart, SplitSpec } from './data-types.js';
import { digestOf } from './digests.js';
import { getSplit, getVersionById } from './find-data.js';
import { pathsOf } from './read-rows.js';
import { assignSql, findSplitProblem } from './split-rules.js';
import { versionSql, visibleColumns } from './version-sql-rules.js';

/**
 * Splits a version. The same version and spec give the same split: the one that is there is returned.
 *
 * @throws DATA_VERSION_NOT_FOUND, DATA_SPLIT_INVALID
 */
export async function splitVersion(
  deps: DataDeps,
  context: ChangeContext,
  { versionId, spec }: { versionId: string; spec: SplitSpec },
): Promise<Split> {
  const version = await getVersionById(deps, versionId);
  const problem = findSplitProblem(version, spec);
  if (problem !== undefined) throw invalid(problem, versionId);
  const splitId = splitIdOf(versionId, spec);
  const existing = await deps.store.split(deps.db, splitId);
  if (existing !== undefined) return existing;
  const made = await deps.lake.session((lake) => makeParts(deps, lake, { version, spec }));
  const split: Split = { id: splitId, versionId, spec, ...made, createdAtMs: deps.clock.nowMs() };
  return deps.db.transact(context, async (tx) => {
    if (!(await deps.store.insertSplit(tx, split))) return (await deps.store.split(tx, splitId)) ?? split;
    const rows = Object.fromEntries(split.parts.map((part) => [part.name, part.rows]));
    const subject = { kind: 'split', id: splitId };
    tx.record(splitCreated.of(subject, { splitId, versionId }, { after: { rows, unusedRows: split.unusedRows } }));
    return split;
  });
}

/** The order of the parts decides who gets which rows, so it belongs to the identity. */
function splitIdOf(versionId: string, spec: SplitSpec): string {
  return digestOf({ rules: 1, versionId, spec, order: Object.keys(spec.parts) });
}

/**
 * Makes the parts of a split again from the version's files, whose bytes are checked first. Records nothing.
 *
 * @throws DATA_SPLIT_NOT_FOUND, DATA_SPLIT_INVALID, OBJ_CORRUPT, OBJ_NOT_FOUND
 */
export async function splitAgain(
  deps: DataDeps,
  splitId: string,
): Promise<{ before: Split; after: Pick<Split, 'id' | 'parts'> }> {
  const before = await getSplit(deps, splitId);
  const { versionId, spec } = before;
  const version = await getVersionById(deps, versionId);
  for (const { digest } of version.files) await deps.objects.verify(digest);
  const { parts } = await deps.lake.session((lake) => makeParts(deps, lake, { version, spec }));
  return { before, after: { id: splitIdOf(versionId, spec), parts } };
}

async function makeParts(
  { objects }: DataDeps,
  lake: LakeSession,
  { version, spec }: { version: DatasetVersion; spec: SplitSpec },
): Promise<Pick<Split, 'parts' | 'unusedRows' | 'unused'>> {
  await lake.execute(`create temp table base as ${versionSql(version, await pathsOf(objects, version))}`);
  await lake.execute(`create temp table assigned as ${assignSql(version, spec)}`);
  const counted = await lake.query(
    `select __part, count(*) as rows, sha256(string_agg(__row_id, chr(10) order by __row_id)) as digest from assigned group by __part`,
  );
  const found = new Map(rowsOf(counted).map((row) => [row.part, row]));
  const parts: SplitPart[] = [];
  for (const name of Object.keys(spec.parts)) {
    const counts = found.get(name);
    if (counts === undefined) throw invalid(`the part ${name} would have no rows`, version.id);
    const path = await objects.stagingPath('.parquet');
    try {
      const columns = ['__row_id', ...visibleColumns(version).map((column) => column.name)].map(
        (one) => `base.${id(one)}`,
      );
      const order = [...(version.time === null ? [] : [id(version.time)]), '__file', '__row'].map(
        (one) => `base.${one}`,
      );
      await lake.exportParquet(
        `select ${columns.join(', ')} from base join assigned using (__row_id) where __part = ${text(name)} order by ${order.join(', ')}`,
        path,
      );
      const { digest } = await objects.putFile(path, { move: true });
      parts.push({ name, rows: counts.rows, rowIdDigest: counts.digest, fileDigest: digest });
    } finally {
      await rm(path, { force: true });
    }
  }
  const unused = {
    noLabel: found.get('-label')?.rows ?? 0,
    outside: found.get('-outside')?.rows ?? 0,
    labelOverlap: found.get('-overlap')?.rows ?? 0,
  };
  const unusedRows = unused.noLabel + unused.outside + unused.labelOverlap;
  const total = parts.reduce((sum, part) => sum + part.rows, unusedRows);
  if (total !== version.rows) {
    throw dataErrors.DATA_COUNT_MISMATCH(`The version has ${version.rows} rows, the split accounts for ${total}.`, {
      data: { expected: version.rows, observed: total },
    });
  }
  return { parts, unusedRows, unused };
}

function rowsOf(table: Table): { part: string; rows: number; digest: string }[] {
  const cell = (name: string, row: number) => cellAt(columnOf(table, name), row);
  return Array.from({ length: table.rowCount }, (_, row) => ({
    part: String(cell('__part', row)),
    rows: Number(cell('rows', row)),
    digest: String(cell('digest', row)),
  }));
}

function invalid(problem: string, versionId: string): Error {
  return dataErrors.DATA_SPLIT_INVALID(`The split cannot be made: ${problem}.`, { data: { versionId, problem } });
}
