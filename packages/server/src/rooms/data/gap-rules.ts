import type { ColumnType, SourceFormat } from './data-types.js';

/**
 * What a cell of a column of numbers means that holds infinity, NaN or a word for "nothing": a fault of its row, as in a
 * delivery under a contract, or a missing value, which is then counted.
 */
export type GapPolicy = 'fault' | 'missing';

/** Cells of one column that were taken for missing. */
export interface ColumnGaps {
  readonly column: string;
  readonly cells: number;
  /** One of them as it stands in the source. */
  readonly example: string;
}

/** How programs write that there is no number: R, SQL, Python, spreadsheets, SAS. */
const WORDS = ['na', 'n/a', '#n/a', '<na>', 'null', 'none', '?', '-', '.'];

/** SQL that is true for such a cell; for types without infinity it is `false`. `ref` as for `cellSql`. */
export function gapSql(
  format: SourceFormat,
  type: ColumnType,
  { ref, native = 'VARCHAR' }: { ref: string; native?: string },
): string {
  if (type !== 'number' && type !== 'integer') return 'false';
  if (format === 'jsonl') {
    const isText = `json_type(__json, ${ref}) = 'VARCHAR'`;
    return `coalesce(${isText} and ${textGap(`json_extract_string(__json, ${ref})`)}, false)`;
  }
  if (format === 'csv' || native === 'VARCHAR') return `coalesce(${textGap(ref)}, false)`;
  return /^(DOUBLE|FLOAT)$/i.test(native) ? `coalesce(not isfinite(${ref}), false)` : 'false';
}

/** A number beyond the range of a double reads as infinity, too. */
function textGap(text: string): string {
  const words = WORDS.map((word) => `'${word}'`).join(', ');
  return `(not isfinite(try_cast(${text} as double)) or lower(trim(${text})) in (${words}))`;
}
