import { cellSql, MAX_SAFE, rawText } from './cell-sql-rules.js';
import type { ColumnType } from './data-types.js';
import { type GapPolicy, gapSql } from './gap-rules.js';
import { refOf, type SourceInput, sourceSql } from './scan-rules.js';

/** How many values of a column read as which type. */
export interface TypeCounts {
  readonly present: number;
  readonly integer: number;
  readonly number: number;
  readonly timestamp: number;
  readonly boolean: number;
  /** Numbers with a leading zero, such as 007, or whole ones that no double holds exactly: codes, not quantities. */
  readonly coded: number;
  /** Cells that would be gaps in a column of numbers. */
  readonly gaps: number;
}

/** The narrowest type that at least 1 − `tolerance` of the values have; text when none does or nothing is there. */
export function proposeType(counts: TypeCounts, tolerance: number): ColumnType {
  const enough = (count: number) => counts.present > 0 && count >= counts.present * (1 - tolerance);
  const numbers = counts.number > 0 && counts.number >= (counts.present - counts.gaps) * (1 - tolerance);
  if (counts.coded === 0 && numbers) return counts.integer === counts.number ? 'integer' : 'number';
  if (enough(counts.timestamp)) return 'timestamp';
  return enough(counts.boolean) ? 'boolean' : 'string';
}

/** One scan that counts, for every column of `names`, the values that read as each type. `from`: a table of the raw cells. */
export function inferenceSql(
  source: SourceInput,
  { names, from, gaps }: { readonly names: readonly string[]; readonly from: string | null; readonly gaps: GapPolicy },
): string {
  const { format } = source;
  const counts = names.flatMap((name, i) => {
    const ref = refOf(source, name);
    const raw = rawText(format, ref);
    const as = (type: ColumnType) => cellSql(format, type, { ref });
    const gap = gapSql(format, 'number', { ref });
    const boolean =
      format === 'csv' ? `case when lower(${raw}) in ('true', 'false') then true end` : as('boolean').value;
    return [
      `count(*) filter (where ${as('string').present}) as present${i}`,
      `count(${as('integer').value}) as integer${i}`,
      `count(${as('number').value}) as number${i}`,
      `count(${as('timestamp').value}) as timestamp${i}`,
      `count(${boolean}) as boolean${i}`,
      `count(*) filter (where ${isCode(raw)}) as coded${i}`,
      ...(gaps === 'missing'
        ? [`count(*) filter (where ${gap}) as gaps${i}`, `min(${raw}) filter (where ${gap}) as example${i}`]
        : []),
    ];
  });
  if (from !== null) return `select ${counts.join(', ')} from ${from}`;
  return `with source as (${sourceSql(source)}) select ${counts.join(', ')} from source`;
}

/** Account and device numbers of 17 digits and more would all become their neighbours. */
const isCode = (raw: string) =>
  `regexp_matches(${raw}, '^\\s*[+-]?0\\d') or (regexp_matches(${raw}, '^\\s*[+-]?\\d{16,}\\s*$') and abs(try_cast(${raw} as double)) > ${MAX_SAFE})`;
