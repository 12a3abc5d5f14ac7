import type { ColumnType, SourceFormat } from './data-types.js';
import { type GapPolicy, gapSql } from './gap-rules.js';

/** SQL of one source cell: whether there is a value at all, and the value in the contract's type (null when it has none). */
export interface CellSql {
  readonly present: string;
  readonly value: string;
}

/** SQL type in which a logical type is stored. */
export const SQL_TYPE: Readonly<Record<ColumnType, string>> = {
  number: 'DOUBLE',
  integer: 'DOUBLE',
  boolean: 'BOOLEAN',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
};

/** Quotes a name for SQL. */
export const id = (name: string) => `"${name.replaceAll('"', '""')}"`;
/** Quotes a text for SQL. */
export const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

/** Whole numbers beyond this share a double with their neighbours. */
export const MAX_SAFE = 9007199254740991;

/**
 * How a cell of the source becomes a value of the contract. `ref` is the SQL of the raw cell; `native` its DuckDB type
 * when the source has types of its own (Parquet).
 */
export function cellSql(
  format: SourceFormat,
  type: ColumnType,
  { gaps = 'fault', ...source }: { ref: string; native?: string; gaps?: GapPolicy | undefined },
): CellSql {
  const { present, value } = typedCell(format, type, source);
  const gap = gaps === 'missing' ? gapSql(format, type, source) : 'false';
  return { present: gap === 'false' ? present : `(${present} and not ${gap})`, value };
}

function typedCell(format: SourceFormat, type: ColumnType, source: { ref: string; native?: string }): CellSql {
  const { ref, native = 'VARCHAR' } = source;
  if (format === 'jsonl') return jsonCell(type, ref);
  if (format === 'csv' || native === 'VARCHAR') return { present: `${ref} is not null`, value: fromText(type, ref) };
  return { present: `${ref} is not null`, value: fromNative(type, ref, native) };
}

/** The raw cell as text, for `where` over columns that the contract does not name. */
export function rawText(format: SourceFormat, ref: string): string {
  return format === 'jsonl' ? `json_extract_string(__json, ${ref})` : ref;
}

function fromText(type: ColumnType, ref: string): string {
  switch (type) {
    case 'string':
      return ref;
    case 'boolean':
      return `try_cast(${ref} as boolean)`;
    case 'timestamp':
      return timestampFromText(ref);
    default:
      // DuckDB reads 1_000 as a thousand; a data file that says so means something else.
      return numberWhen(type, `case when not contains(${ref}, '_') then try_cast(${ref} as double) end`);
  }
}

function numberWhen(type: ColumnType, value: string): string {
  const whole = type === 'integer' ? ` and trunc(${value}) = ${value} and abs(${value}) <= ${MAX_SAFE}` : '';
  return `case when isfinite(${value})${whole} then ${value} end`;
}

/** Without a zone it is UTC. A plain cast to TIMESTAMP would drop an offset without a word, so those go another way. */
function timestampFromText(ref: string): string {
  const zoned = `regexp_matches(${ref}, ':\\d{2}.*([Zz]|[+-]\\d{2}(:?\\d{2})?)$')`;
  const instant = `make_timestamp(epoch_us(try_cast(${ref} as timestamptz)))`;
  return `case when not regexp_matches(${ref}, '^\\s*\\d{4}-') then null when ${zoned} then ${instant} else try_cast(${ref} as timestamp) end`;
}

/** JSON has types: a number in quotes is not a number. Times come as ISO text or epoch milliseconds. */
function jsonCell(type: ColumnType, pointer: string): CellSql {
  const kind = `json_type(__json, ${pointer})`;
  const raw = `json_extract_string(__json, ${pointer})`;
  const isNumber = `${kind} in ('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')`;
  const value: Record<ColumnType, string> = {
    number: `case when ${isNumber} then ${numberWhen('number', `try_cast(${raw} as double)`)} end`,
    integer: `case when ${isNumber} then ${numberWhen('integer', `try_cast(${raw} as double)`)} end`,
    boolean: `case when ${kind} = 'BOOLEAN' then ${raw} = 'true' end`,
    string: `case when ${kind} = 'VARCHAR' then ${raw} end`,
    timestamp: `case when ${kind} = 'VARCHAR' then ${timestampFromText(raw)} when ${isNumber} then ${fromEpochMs(`try_cast(${raw} as double)`)} end`,
  };
  return { present: `coalesce(${kind} <> 'NULL', false)`, value: value[type] };
}

const fromEpochMs = (ms: string) =>
  `case when abs(${ms}) < 8.64e15 then make_timestamp(try_cast(${ms} * 1000 as bigint)) end`;

function fromNative(type: ColumnType, ref: string, native: string): string {
  const base = native.toUpperCase();
  switch (type) {
    case 'string':
      return `try_cast(${ref} as varchar)`;
    case 'boolean':
      return base === 'BOOLEAN' ? ref : 'cast(null as boolean)';
    case 'timestamp':
      if (base === 'TIMESTAMP WITH TIME ZONE') return `make_timestamp(epoch_us(${ref}))`;
      if (base === 'DATE' || base.startsWith('TIMESTAMP')) {
        return `case when isfinite(cast(${ref} as timestamp)) then cast(${ref} as timestamp) end`;
      }
      return isNumeric(base) ? fromEpochMs(`try_cast(${ref} as double)`) : 'cast(null as timestamp)';
    default:
      return isNumeric(base) ? numberWhen(type, `try_cast(${ref} as double)`) : 'cast(null as double)';
  }
}

function isNumeric(base: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/.test(base);
}

/** The logical type of a DuckDB type, or undefined for one that a table cannot hold. */
export function logicalType(native: string): ColumnType | undefined {
  const base = native.toUpperCase();
  if (base === 'DATE' || base.startsWith('TIMESTAMP')) return 'timestamp';
  if (base === 'BOOLEAN') return 'boolean';
  if (base === 'DOUBLE' || base === 'FLOAT' || base.startsWith('DECIMAL')) return 'number';
  if (isNumeric(base)) return 'integer';
  return base === 'VARCHAR' || base === 'UUID' || base.startsWith('ENUM') ? 'string' : undefined;
}
