import { id, text } from './cell-sql-rules.js';
import type { DatasetVersion } from './data-types.js';

/** Columns that a reader of a version sees: those of its files, then the label. */
export function visibleColumns(
  version: DatasetVersion,
): { name: string; type: DatasetVersion['columns'][number]['type'] }[] {
  const { label, columns } = version;
  if (label === null) return [...columns];
  const type = columns.find((column) => column.name === label.of)?.type ?? 'string';
  return [...columns, { name: label.name, type }];
}

/**
 * SQL of the rows of a version: `__file` and `__row` give their place, `__row_id` their name, then the visible columns.
 * The label is the value of `of` in the row of the same entity exactly `horizonMs` later, anywhere in the version; it is
 * missing when there is no such row, or when several of them disagree.
 */
export function versionSql(version: DatasetVersion, paths: readonly string[]): string {
  const columns = version.columns.map(({ name }) => id(name)).join(', ');
  const rows = version.files
    .map((file, i) => {
      const rowId = `${text(`${file.digest.slice(0, 16)}:`)} || file_row_number`;
      return `select ${i} as __file, file_row_number as __row, ${rowId} as __row_id, ${columns} from read_parquet(${text(paths[i] ?? '')}, file_row_number = true)`;
    })
    .join('\nunion all\n');
  const { label, time } = version;
  if (label === null || time === null) return rows;
  const of = id(label.of);
  const keys = version.entity.map(id);
  const truth = [...keys, `${id(time)} as __at`, `case when min(${of}) = max(${of}) then min(${of}) end as __label`];
  const same = keys.map((key) => `truth.${key} is not distinct from r.${key} and `).join('');
  return [
    `with r as (${rows}),`,
    `truth as (select ${truth.join(', ')} from r where ${of} is not null group by ${[...keys, id(time)].join(', ')})`,
    `select r.*, truth.__label as ${id(label.name)} from r left join truth`,
    `on ${same}truth.__at = r.${id(time)} + to_milliseconds(${label.horizonMs})`,
  ].join('\n');
}
