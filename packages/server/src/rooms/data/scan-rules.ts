import { cellSql, id, rawText, text } from './cell-sql-rules.js';
import { type EffectiveContract, isRequired } from './contract-rules.js';
import type { CheckSpec, ColumnSpec, ColumnType, SourceFormat } from './data-types.js';
import { type GapPolicy, gapSql } from './gap-rules.js';
import { REASON, type ReasonCode } from './reason-codes.js';

/** One file as DuckDB reads it: only records of a sound shape are left in it. */
export interface ReadableFile {
  readonly path: string;
  /** Columns in the order of the file. */
  readonly columns: readonly { readonly name: string; readonly native?: string }[];
  readonly delimiter?: string;
}

export interface ScanInput {
  readonly format: SourceFormat;
  readonly files: readonly ReadableFile[];
  readonly contract: EffectiveContract;
  /** Columns of the source that are read: those of the contract first, then what else `where` speaks of. */
  readonly sourceColumns: readonly string[];
  /** Source columns beyond the contract that `where` speaks of. */
  readonly whereColumns: readonly string[];
  /** SQL of the rows that are already in the parent version, when the delivery is appended. */
  readonly parentSql?: string;
  /** Source columns whose cells are handed on as the text they have, as `__t0`, `__t1`, …. */
  readonly texts?: readonly string[];
  /** Default: a fault of the row. */
  readonly gaps?: GapPolicy;
}

/** One thing a row can do wrong, with the number of its bit in the row's mask. */
export interface RowRule {
  readonly code: ReasonCode;
  readonly column: string | null;
  /** Name of the check for ROW_CHECK and DUPLICATE_KEY. */
  readonly check: string | null;
  /** What was expected, to follow the value in the message. */
  readonly expected: string;
}

export interface CompiledScan {
  /** `create temp table scanned as …` over {@link CompiledScan.select}. */
  readonly sql: string;
  /** Every taken row, typed, with the mask of the rules it breaks and of the cells that were taken for missing. */
  readonly select: string;
  /** Columns of numbers whose gaps `__g0`, `__g1`, … tell, {@link MASK_BITS} in each; empty where gaps are faults. */
  readonly gapColumns: readonly string[];
  readonly rules: readonly RowRule[];
  /** Names of the mask columns: rule i is bit i % 50 of mask ⌊i / 50⌋. */
  readonly masks: readonly string[];
  /** SQL that is true for rows that break nothing. */
  readonly clean: string;
}

/** A double holds 53 bits exactly; a mask travels as one. */
export const MASK_BITS = 50;

interface Violation extends RowRule {
  readonly broken: string;
}

/**
 * Compiles a contract into one statement, so that every rule is decided in one scan of the parsed rows. Rows whose
 * `where` is false are left out; a row whose `where` is unknown because a cell could not be read stays in and is judged.
 */
export function compileScan(input: ScanInput): CompiledScan {
  const { contract, format } = input;
  const names = Object.keys(contract.columns);
  const base = violations(input, names);
  const unique = contract.checks.filter((check) => check.kind === 'unique');
  const masks = maskColumns(base);
  const cleanBase = masks.map((mask) => `${mask.name} = 0`).join(' and ');
  const derived = Object.entries(contract.derive);
  const duplicates = unique.map((check, i) => duplicateBit(check, i, { cleanBase, input }));
  const values = names.map((name, i) => `__v${i} as ${id(name)}`);
  const published = [...names, ...derived.map(([name]) => name)].map(id);
  const gapColumns = input.gaps === 'missing' ? names.filter((name) => isNumeric(contract.columns[name])) : [];
  const gaps = maskColumns(gapColumns.map((name) => ({ broken: `__n${names.indexOf(name)}` }))).map(({ sql }) => sql);
  const gapSqls = gapColumns.length === 0 ? [] : gaps.map((sql, m) => `${sql} as __g${m}`);
  const texts = (input.texts ?? []).map((_, t) => `__t${t}`);
  const marks = [...masks.map(({ name }) => name), ...gapSqls.map((_, m) => `__g${m}`), ...texts];
  const select = [
    `with source as (${sourceSql(input)}),`,
    `cells as (select __file, __row${format === 'jsonl' ? ', __json' : ''}, ${cells(input, names)} from source),`,
    `taken as (${takenSql(input, names)}),`,
    `named as (select *, ${values.join(', ')} from taken),`,
    `derived as (select *${derived.map(([name, expression]) => `, (${expression}\n) as ${id(name)}`).join('')} from named),`,
    `masked as (select *, ${[...masks.map((mask) => `${mask.sql} as ${mask.name}`), ...gapSqls].join(', ')} from derived)`,
    `select __file, __row, ${[...published, ...marks].join(', ')}, ${duplicates.join(' + ') || '0'} as __dup from masked`,
  ].join('\n');
  const rules = base.map(({ broken: _broken, ...rule }) => rule);
  while (rules.length < masks.length * MASK_BITS) rules.push(NEVER);
  return {
    sql: `create or replace temp table scanned as ${select}`,
    select,
    gapColumns,
    rules: [...rules, ...unique.map((check) => duplicateRule(check))],
    masks: [...masks.map((mask) => mask.name), '__dup'],
    clean: `${cleanBase} and __dup = 0`,
  };
}

/** Fills the last mask, so that the bits of the duplicates begin at a mask of their own. */
const NEVER: RowRule = { code: REASON.ROW_CHECK, column: null, check: null, expected: '' };

const isNumeric = (spec: ColumnSpec | undefined) => spec?.type === 'number' || spec?.type === 'integer';

function maskColumns(base: readonly Pick<Violation, 'broken'>[]): { name: string; sql: string }[] {
  const count = Math.max(1, Math.ceil(base.length / MASK_BITS));
  return Array.from({ length: count }, (_, m) => {
    const bits = base
      .slice(m * MASK_BITS, (m + 1) * MASK_BITS)
      .map((rule, bit) => `(case when ${rule.broken} then ${2 ** bit} else 0 end)::bigint`);
    return { name: `__m${m}`, sql: bits.length === 0 ? '0' : `(${bits.join(' + ')})` };
  });
}

function duplicateRule(check: CheckSpec & { kind: 'unique' }): RowRule {
  return { code: REASON.DUPLICATE_KEY, column: null, check: check.name, expected: check.columns.join(', ') };
}

/** The first sound row with a key stays; later ones, and keys that the parent version has, are duplicates. */
function duplicateBit(
  check: CheckSpec & { kind: 'unique' },
  bit: number,
  { cleanBase, input }: { cleanBase: string; input: ScanInput },
): string {
  const keys = check.columns.map(id);
  const complete = keys.map((key) => `${key} is not null`).join(' and ');
  const earlier = `count(*) filter (where ${cleanBase}) over (partition by ${keys.join(', ')} order by __file, __row rows between unbounded preceding and 1 preceding) > 0`;
  const inParent =
    input.parentSql === undefined
      ? ''
      : ` or exists (select 1 from (${input.parentSql}) __parent where ${keys.map((key) => `__parent.${key} = masked.${key}`).join(' and ')})`;
  return `(case when ${complete} and (${earlier}${inParent}) then ${2 ** bit} else 0 end)::bigint`;
}

export type SourceInput = Pick<ScanInput, 'format' | 'files' | 'sourceColumns'>;

/** SQL of the source's rows: `__file`, `__row` (0-based, of the records left in) and its raw cells. */
export function sourceSql({ format, files, sourceColumns }: SourceInput): string {
  return files
    .map((file, i) => {
      if (format === 'jsonl') {
        const json = 'case when json_valid(c0) then c0::json end as __json';
        return `select ${i} as __file, row_number() over () - 1 as __row, ${json} from ${readLines(file)}`;
      }
      const at = (name: string) => file.columns.findIndex((column) => column.name === name);
      const raw = (name: string) => (format === 'csv' ? `k${at(name)}` : id(name));
      // A column that the file lacks is missing in every row; the check `columns` has refused the delivery already.
      const cells = sourceColumns.map((name, c) => `${at(name) < 0 ? 'cast(null as varchar)' : raw(name)} as c${c}`);
      const row = format === 'csv' ? 'row_number() over () - 1' : 'file_row_number';
      const from = format === 'csv' ? readCsv(file) : `read_parquet(${text(file.path)}, file_row_number = true)`;
      return `select ${[`${i} as __file`, `${row} as __row`, ...cells].join(', ')} from ${from}`;
    })
    .join('\nunion all\n');
}

const STRICT = `auto_detect = false, nullstr = '', max_line_size = 8388608, buffer_size = 33554432`;

function readCsv(file: ReadableFile): string {
  const types = file.columns.map((_, k) => `'k${k}': 'VARCHAR'`).join(', ');
  return `read_csv(${text(file.path)}, ${STRICT}, header = true, delim = ${text(file.delimiter ?? ',')}, quote = '"', escape = '"', columns = {${types}})`;
}

/** Lines as they are: no byte of valid JSON text is 0x01, so it never parts a line. */
function readLines(file: ReadableFile): string {
  return `read_csv(${text(file.path)}, ${STRICT}, header = false, delim = '\u0001', quote = '', escape = '', columns = {'c0': 'VARCHAR'})`;
}

/** The raw cell of a source column: its place in `source`, or its JSON pointer. */
export function refOf({ format, sourceColumns }: SourceInput, source: string): string {
  if (format === 'jsonl') return text(`/${source.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `c${sourceColumns.indexOf(source)}`;
}

function nativeOf({ files }: ScanInput, source: string): { native?: string } {
  const native = files[0]?.columns.find((column) => column.name === source)?.native;
  return native === undefined ? {} : { native };
}

const sourceName = (name: string, rule: ColumnSpec | undefined) => rule?.from ?? name;

function cells(input: ScanInput, names: readonly string[]): string {
  const cellsOfContract = names.flatMap((name, i) => {
    const rule = input.contract.columns[name];
    const source = sourceName(name, rule);
    const type: ColumnType = rule?.type ?? 'string';
    const ref = { ref: refOf(input, source), ...nativeOf(input, source) };
    const cell = cellSql(input.format, type, { ...ref, gaps: input.gaps });
    const gap = input.gaps === 'missing' && isNumeric(rule) ? [`${gapSql(input.format, type, ref)} as __n${i}`] : [];
    return [`${cell.present} as __p${i}`, `${cell.value} as __v${i}`, ...gap];
  });
  const extra = input.whereColumns.map((source, i) => `${rawText(input.format, refOf(input, source))} as __x${i}`);
  const texts = (input.texts ?? []).map(
    (name, i) => `(${rawText(input.format, refOf(input, name))})::varchar as __t${i}`,
  );
  return [...cellsOfContract, ...extra, ...texts].join(', ');
}

function takenSql(input: ScanInput, names: readonly string[]): string {
  const { contract, whereColumns, format } = input;
  if (contract.where === null) return 'select * from cells';
  const scope = [
    ...names.map((name, i) => `__v${i} as ${id(sourceName(name, contract.columns[name]))}`),
    ...whereColumns.map((source, i) => `__x${i} as ${id(source)}`),
  ];
  const unreadable = [
    ...names.map((_, i) => `(__p${i} and __v${i} is null)`),
    ...(format === 'jsonl' ? ['__json is null'] : []),
  ].join(' or ');
  return `select * from (select *, ${scope.join(', ')} from cells) where coalesce((${contract.where}\n), ${unreadable})`;
}

function violations(input: ScanInput, names: readonly string[]): Violation[] {
  const { contract, format } = input;
  const object = format === 'jsonl' ? `__json is not null and json_type(__json) = 'OBJECT'` : null;
  const found: Violation[] = names.flatMap((name, i) =>
    columnViolations(name, i, { rule: contract.columns[name], required: isRequired(contract, name), object }),
  );
  if (object !== null) {
    const expected = 'the line is not a JSON object';
    found.unshift({ code: REASON.BAD_JSON, column: null, check: null, expected, broken: `not (${object})` });
  }
  for (const check of contract.checks) {
    if (check.kind !== 'row') continue;
    const broken = `(${check.sql}\n) = false`;
    found.push({ code: REASON.ROW_CHECK, column: null, check: check.name, expected: check.sql, broken });
  }
  return found;
}

function columnViolations(
  name: string,
  i: number,
  { rule, required, object }: { rule: ColumnSpec | undefined; required: boolean; object: string | null },
): Violation[] {
  const spec: ColumnSpec = rule ?? { type: 'string' };
  const value = `__v${i}`;
  const rules: Violation[] = [];
  const add = (code: ReasonCode, broken: string, expected: string) =>
    rules.push({ code, column: name, check: null, expected, broken });
  if (spec.type !== 'string' || object !== null) {
    add(REASON.CAST, `__p${i} and ${value} is null`, `is not ${article(spec.type)} ${spec.type}`);
  }
  if (required) {
    add(REASON.MISSING_REQUIRED, `not __p${i}${object === null ? '' : ` and ${object}`}`, 'is missing');
  }
  const bound = (limit: number) => (spec.type === 'timestamp' ? `make_timestamp(${limit * 1000})` : `${limit}`);
  if (spec.min !== undefined) add(REASON.BELOW_MIN, `${value} < ${bound(spec.min)}`, `is below ${spec.min}`);
  if (spec.max !== undefined) add(REASON.ABOVE_MAX, `${value} > ${bound(spec.max)}`, `is above ${spec.max}`);
  if (spec.values !== undefined) {
    const list = spec.values.map((one) => (typeof one === 'string' ? text(one) : String(one)));
    const literals = spec.type === 'timestamp' ? list.map((one) => `${one}::timestamp`) : list;
    add(REASON.NOT_IN_VALUES, `${value} not in (${literals.join(', ')})`, `is none of ${spec.values.join(', ')}`);
  }
  if (spec.pattern !== undefined) {
    const broken = `not regexp_full_match(${value}, ${text(spec.pattern)})`;
    add(REASON.PATTERN, broken, `does not match ${spec.pattern}`);
  }
  return rules;
}

const article = (type: ColumnType) => (type === 'integer' ? 'an' : 'a');
