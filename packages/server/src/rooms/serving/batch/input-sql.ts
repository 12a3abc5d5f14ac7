import { quoteIdentifier, quoteLiteral } from '../../../platform/lake/index.js';
import type { ModelInput, ModelSignature } from '../../training/index.js';

/** A column of the input as the engine sees it. */
export interface InputColumn {
  readonly name: string;
  /** Its type in the engine's words, for example `DECIMAL(9,2)`. */
  readonly type: string;
}

export interface SelectedInput {
  readonly input: ModelInput;
  /** Its column in the result: FLOAT or DOUBLE, or VARCHAR for texts. A time is its epoch in milliseconds. */
  readonly value: string;
  /** VARCHAR: the cell as text where it is no value of the type; absent where every cell of the column is one. */
  readonly odd: string | null;
}

export interface InputSelection {
  /** The expressions of a SELECT. */
  readonly expressions: readonly string[];
  readonly inputs: readonly SelectedInput[];
}

export type SelectionVerdict =
  | { readonly verdict: 'fits'; readonly selection: InputSelection }
  | { readonly verdict: 'missing'; readonly columns: readonly string[] }
  | { readonly verdict: 'type'; readonly column: string; readonly got: string; readonly expected: string };

/** What is read of a Parquet file for a model. A column whose type can never fit is a fault of the file, not of every row. */
export function selectTyped(signature: ModelSignature, columns: readonly InputColumn[]): SelectionVerdict {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const absent = signature.inputs.filter(({ name }) => !types.has(name)).map(({ name }) => name);
  if (absent.length > 0) return { verdict: 'missing', columns: absent };
  const parts: [value: string, odd: string | null][] = [];
  for (const { name, type } of signature.inputs) {
    const got = types.get(name) as string;
    const part = typedCell(type, quoteIdentifier(name), got);
    if (part === undefined) return { verdict: 'type', column: name, got, expected: EXPECTED[type] };
    parts.push(part);
  }
  return { verdict: 'fits', selection: selectionOf(signature, parts) };
}

/** The same of columns of text, as CSV has them. */
export function selectText(signature: ModelSignature): InputSelection {
  return selectionOf(
    signature,
    signature.inputs.map(({ name, type }) => textCell(type, quoteIdentifier(name))),
  );
}

/** The same of columns that hold the JSON text of each cell. */
export function selectJson(signature: ModelSignature): InputSelection {
  return selectionOf(
    signature,
    signature.inputs.map(({ name, type }) => jsonCell(type, quoteIdentifier(name))),
  );
}

/** The query that turns a file of JSON lines into a row of JSON texts per line; a line that is no object gives the column `line`. */
export function jsonLinesSql(path: string, names: readonly string[]): string {
  const cells = names.map(
    (name) => `json_extract(object, ${quoteLiteral(jsonPath(name))})::VARCHAR AS ${quoteIdentifier(name)}`,
  );
  const lines = `read_csv(${quoteLiteral(path)}, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false, delim = '\\x00', quote = '', escape = '', null_padding = true, max_line_size = 2097152, parallel = false)`;
  // Step by step, each on what the one before let through: the functions throw on text that is no JSON.
  const documents = `SELECT line, CASE WHEN json_valid(line) THEN line END AS document FROM ${lines}`;
  const objects = `SELECT line, CASE WHEN json_type(document) = 'OBJECT' THEN document END AS object FROM (${documents})`;
  const broken = `CASE WHEN object IS NULL THEN left(coalesce(line, ''), 200) END AS ${BROKEN_LINE}`;
  return `SELECT ${[...cells, broken].join(', ')} FROM (${objects})`;
}

/** Column of a staged file of JSON lines. */
export const BROKEN_LINE = '"__broken_line"';

const jsonPath = (name: string) => `$."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const EXPECTED = {
  number: 'a column of numbers',
  integer: 'a column of numbers',
  boolean: 'a column of true and false',
  string: 'a column of texts',
  timestamp: 'a column of times, or of epoch milliseconds',
} as const satisfies Record<ModelInput['type'], string>;

function selectionOf(
  { inputs }: ModelSignature,
  parts: readonly (readonly [value: string, odd: string | null])[],
): InputSelection {
  const expressions: string[] = [];
  const selected = parts.map(([value, odd], i): SelectedInput => {
    expressions.push(`${value} AS v${i}`);
    if (odd !== null) expressions.push(`${odd} AS o${i}`);
    return { input: inputs[i] as ModelInput, value: `v${i}`, odd: odd === null ? null : `o${i}` };
  });
  return { expressions, inputs: selected };
}

const NUMERIC =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|DOUBLE|DECIMAL)/;

function typedCell(type: ModelInput['type'], ref: string, got: string): [string, string | null] | undefined {
  switch (type) {
    case 'number':
    case 'integer':
      if (got === 'FLOAT') return [ref, null];
      return NUMERIC.test(got) ? [`CAST(${ref} AS DOUBLE)`, null] : undefined;
    case 'boolean':
      return got === 'BOOLEAN' ? [`CAST(${ref} AS FLOAT)`, null] : undefined;
    case 'string':
      return got === 'VARCHAR' || got.startsWith('ENUM') ? [`CAST(${ref} AS VARCHAR)`, null] : undefined;
    case 'timestamp':
      if (/^(DATE|TIMESTAMP)/.test(got)) return finiteTime(`CAST(${ref} AS TIMESTAMP)`, ref);
      return NUMERIC.test(got) ? [`CAST(${ref} AS DOUBLE)`, null] : undefined;
  }
}

function finiteTime(time: string, ref: string): [string, string] {
  return [
    `CASE WHEN isfinite(${time}) THEN epoch_us(${time}) / 1000 END`,
    `CASE WHEN NOT isfinite(${time}) THEN CAST(${ref} AS VARCHAR) END`,
  ];
}

function textCell(type: ModelInput['type'], ref: string): [string, string | null] {
  switch (type) {
    case 'string':
      return [ref, null];
    case 'boolean':
      return withOdd(ref, `CASE lower(${ref}) WHEN 'true' THEN 1::FLOAT WHEN 'false' THEN 0::FLOAT END`);
    case 'timestamp':
      return withOdd(ref, timeOfText(ref));
    default:
      // The engine would read 1_000 as a number.
      return withOdd(ref, `CASE WHEN NOT contains(${ref}, '_') THEN TRY_CAST(${ref} AS DOUBLE) END`);
  }
}

function timeOfText(ref: string): string {
  const time = `TRY_CAST(${ref} AS TIMESTAMPTZ)`;
  return `CASE WHEN regexp_matches(${ref}, '^\\d{4}-') AND isfinite(${time}) THEN epoch_us(${time}) / 1000 END`;
}

const withOdd = (ref: string, value: string): [string, string] => [
  value,
  `CASE WHEN ${ref} IS NOT NULL AND (${value}) IS NULL THEN ${ref} END`,
];

function jsonCell(type: ModelInput['type'], ref: string): [string, string | null] {
  const isText = `starts_with(${ref}, '"')`;
  const cell = `nullif(${ref}, 'null')`;
  const text = `json_extract_string(${ref}, '$')`;
  const number = `CASE WHEN NOT ${isText} THEN TRY_CAST(${ref} AS DOUBLE) END`;
  switch (type) {
    case 'string':
      return withOdd(cell, `CASE WHEN ${isText} THEN ${text} END`);
    case 'boolean':
      return withOdd(cell, `CASE ${ref} WHEN 'true' THEN 1::FLOAT WHEN 'false' THEN 0::FLOAT END`);
    case 'timestamp':
      return withOdd(cell, `CASE WHEN ${isText} THEN ${timeOfText(text)} ELSE ${number} END`);
    default:
      return withOdd(cell, number);
  }
}
