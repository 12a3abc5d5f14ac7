import {
  type Cell,
  type Column,
  type ColumnKind,
  columnFromValues,
  createTable,
  type Row,
  type Table,
} from '@fairlead/frame';
import type { CapturedRow } from '../serving-types.js';
import type { InputKinds } from './capture-types.js';
import { nextTurn, type Segment } from './segment-format.js';

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

/**
 * The rows of a segment as one table: the facts, the inputs as JSON text, and for each input of the signature a typed column
 * `input_<name>`, missing where the cell as sent was of another type.
 */
export async function segmentTable(segment: Pick<Segment, 'rows' | 'kinds'>): Promise<Table> {
  const { rows, kinds } = segment;
  const columns: [string, Column][] = [];
  // One column per turn of the event loop: a segment has thousands of rows, and requests are served in between.
  const add = async (column: string, kind: ColumnKind, cellOf: (row: CapturedRow, line: number) => Cell) => {
    columns.push([column, columnFromValues(kind, rows.map(cellOf), column)]);
    await nextTurn();
  };
  await add(LINE, 'float64', (_, line) => line);
  for (const [column, kind, member] of FIXED) await add(column, kind, (row) => row[member]);
  await add(INPUTS, 'string', (row) => JSON.stringify(row.inputs));
  for (const [name, kind] of mergeKinds([...kinds.values()])) {
    await add(`input_${name}`, kind, (row) => typedCell(row.inputs[name], kind));
  }
  return createTable(columns);
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

function typedCell(value: CapturedRow['inputs'][string] | undefined, kind: InputKinds[string]): Cell {
  if (value === undefined || value === null) return null;
  if (kind === 'string') return String(value);
  const type = kind === 'boolean' ? 'boolean' : 'number';
  return typeof value === type ? value : null;
}

/** A row read from Parquet. */
export function toCapturedRow(cells: Row): { readonly row: CapturedRow; readonly line: number } {
  const facts = Object.fromEntries(FIXED.map(([column, , member]) => [member, cells[column] ?? null]));
  const inputs = JSON.parse(String(cells[INPUTS])) as CapturedRow['inputs'];
  return { row: { ...(facts as unknown as Omit<CapturedRow, 'inputs'>), inputs }, line: Number(cells[LINE]) };
}
