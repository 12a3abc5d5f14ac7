import type { Row } from '@fairlead/frame';
import { quoteIdentifier, quoteLiteral } from '../../../platform/lake/index.js';
import type { CapturedRow } from '../serving-types.js';
import type { InputKinds } from './capture-types.js';
import type { Segment } from './segment-format.js';

const FIXED = [
  ['id', 'string', 'id'],
  ['request_id', 'string', 'requestId'],
  ['at_ms', 'float64', 'atMs'],
  ['endpoint', 'string', 'endpoint'],
  ['environment', 'string', 'environment'],
  ['deployment_id', 'string', 'deploymentId'],
  ['model', 'string', 'model'],
  ['version', 'float64', 'version'],
  ['shadow', 'boolean', 'shadow'],
  ['route_reason', 'string', 'routeReason'],
  ['consumer', 'string', 'consumer'],
  ['latency_ms', 'float64', 'latencyMs'],
  ['queue_ms', 'float64', 'queueMs'],
  ['compute_ms', 'float64', 'computeMs'],
  ['propensity', 'float64', 'propensity'],
  ['status', 'float64', 'status'],
  ['error_code', 'string', 'errorCode'],
  ['label', 'string', 'label'],
  ['probability', 'float64', 'probability'],
] as const;

/** Place of the row in its segment: orders rows of the same millisecond. */
const LINE = 'line';
const INPUTS = 'inputs';

/** Columns that {@link toCapturedRow} needs; the typed input columns are there for SQL. */
export const ROW_COLUMNS: readonly string[] = [LINE, ...FIXED.map(([column]) => column), INPUTS];

const TYPE_OF = { string: 'VARCHAR', float64: 'DOUBLE', boolean: 'BOOLEAN' } as const;

/**
 * SQL that gives the rows of a segment in their order: the facts, the inputs as JSON text, and for each input of the signature a
 * typed column `input_<name>`, empty where the cell as sent was of another type. Lines that are no row are left out.
 */
export function segmentQuery(path: string, { kinds, longestBytes }: Pick<Segment, 'kinds' | 'longestBytes'>): string {
  const inputs = [...mergeKinds([...kinds.values()])];
  const types = [...FIXED.map(([, kind, member]) => `${member}: '${TYPE_OF[kind]}'`), `${INPUTS}: 'JSON'`];
  const lines =
    `read_json(${quoteLiteral(path)}, format = 'newline_delimited', compression = 'uncompressed', ignore_errors = true, ` +
    `maximum_object_size = ${Math.max(2 ** 20, 2 * longestBytes)}, columns = {${types.join(', ')}})`;
  // Read once as a structure: asked for one by one, each cell would read the text again.
  const structure = JSON.stringify(Object.fromEntries(inputs.map(([name]) => [name, 'JSON'])));
  const cells = inputs.length === 0 ? '' : `, from_json(${INPUTS}, ${quoteLiteral(structure)}) AS cells`;
  const columns = [
    `CAST(row_number() OVER () - 1 AS DOUBLE) AS ${LINE}`,
    ...FIXED.map(([column, , member]) => `${member} AS ${column}`),
    `CAST(${INPUTS} AS VARCHAR) AS ${INPUTS}`,
    ...inputs.map(
      ([name, kind]) => `${typedCell(`cells.${quoteIdentifier(name)}`, kind)} AS ${quoteIdentifier(`input_${name}`)}`,
    ),
  ];
  return `SELECT ${columns.join(', ')} FROM (SELECT *${cells} FROM ${lines} WHERE id IS NOT NULL)`;
}

/** One kind per column; text where deployments disagree. SQL ignores case, so of names that differ only in it one stays. */
function mergeKinds(all: readonly InputKinds[]): Map<string, InputKinds[string]> {
  const merged = new Map<string, InputKinds[string]>();
  const lower = new Set<string>();
  for (const [name, kind] of all.flatMap((kinds) => Object.entries(kinds))) {
    const present = merged.get(name);
    if (present !== undefined) {
      if (present !== kind) merged.set(name, 'string');
    } else if (!lower.has(name.toLowerCase())) {
      lower.add(name.toLowerCase());
      merged.set(name, kind);
    }
  }
  return merged;
}

/** A cell is the JSON of a scalar, so its first character tells a text from all others. */
function typedCell(cell: string, kind: InputKinds[string]): string {
  const text = `CAST(${cell} AS VARCHAR)`;
  if (kind === 'string') return `(${cell} ->> '$')`;
  if (kind === 'boolean') return `CASE ${text} WHEN 'true' THEN true WHEN 'false' THEN false END`;
  return `CASE WHEN left(${text}, 1) <> '"' AND ${text} NOT IN ('true', 'false') THEN TRY_CAST(${text} AS DOUBLE) END`;
}

/** A row read from Parquet. */
export function toCapturedRow(cells: Row): { readonly row: CapturedRow; readonly line: number } {
  const facts = Object.fromEntries(FIXED.map(([column, , member]) => [member, cells[column] ?? null]));
  const inputs = JSON.parse(String(cells[INPUTS])) as CapturedRow['inputs'];
  return { row: { ...(facts as unknown as Omit<CapturedRow, 'inputs'>), inputs }, line: Number(cells[LINE]) };
}
