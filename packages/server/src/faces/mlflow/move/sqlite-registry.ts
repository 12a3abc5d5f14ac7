import type { ForeignRow } from '../../../platform/db/index.js';
import type { SourceModel, SourceVersion } from './import-source.js';
import { readRecord, readStage } from './read-record.js';
import { type DatabaseReader, rowsOf, textOf } from './sqlite-records.js';

/**
 * The registry of a database. Later schemas have workspaces, in which one name can stand twice; the default one is read, and
 * models of others are told.
 */
export function* readModelRows(reader: DatabaseReader): Generator<SourceModel> {
  for (const row of rowsOf(reader, 'registered_models', 'ORDER BY name')) {
    const name = textOf(row.name);
    if (isElsewhere(row)) {
      reader.tell.broken(
        `${reader.path}: registered_models ${name}`,
        `it is in the workspace ${textOf(row.workspace)}, and only the default one is moved`,
      );
      continue;
    }
    const model = reader.tell.attempt(() => toModel(reader, row, name));
    if (model !== undefined) yield model;
  }
}

export const isElsewhere = (row: ForeignRow) => row.workspace !== undefined && textOf(row.workspace) !== 'default';

function toModel(reader: DatabaseReader, row: ForeignRow, name: string): SourceModel {
  const fields = readRecord(row, `${reader.path}: registered_models ${name}`);
  const here = (table: string) => rowsOf(reader, table, 'WHERE name = ?', [name]).filter((one) => !isElsewhere(one));
  const tagRows = here('model_version_tags');
  return {
    name,
    description: fields.optionalText('description'),
    tags: textsIn(here('registered_model_tags')),
    aliases: Object.fromEntries(
      here('registered_model_aliases').map((one) => [textOf(one.alias), Number(one.version)]),
    ),
    versions: here('model_versions').flatMap((one) => {
      const own = tagRows.filter((tag) => tag.version === one.version);
      const version = reader.tell.attempt(() => toVersion(reader, one, textsIn(own)));
      return version === undefined ? [] : [version];
    }),
    createdAtMs: fields.whole('creation_time'),
    updatedAtMs: fields.whole('last_updated_time'),
  };
}

const textsIn = (rows: readonly ForeignRow[]) =>
  Object.fromEntries(rows.map((row) => [textOf(row.key), textOf(row.value)]));

/** MLflow writes this in place of what a deleted version was made from. */
const unlessRedacted = (text: string) => (text.startsWith('REDACTED-') ? '' : text);

function toVersion(reader: DatabaseReader, row: ForeignRow, tags: Record<string, string>): SourceVersion {
  const fields = readRecord(row, `${reader.path}: model_versions ${textOf(row.name)}/${textOf(row.version)}`);
  const version = fields.whole('version');
  if (version === null || version < 1) throw fields.refuse('version is no number above 0');
  const source = unlessRedacted(fields.optionalText('source'));
  const { stage, lifecycle } = readStage(fields.optionalText('current_stage'), fields);
  return {
    version,
    source,
    runId: unlessRedacted(fields.optionalText('run_id')) || null,
    loggedModelId: /^models:\/(m-[\w-]+)$/.exec(source)?.[1] ?? null,
    description: fields.optionalText('description'),
    link: unlessRedacted(fields.optionalText('run_link')),
    stage,
    lifecycle,
    tags,
    filesRoot: fields.optionalText('storage_location') || source,
    createdAtMs: fields.whole('creation_time'),
    updatedAtMs: fields.whole('last_updated_time'),
  };
}
