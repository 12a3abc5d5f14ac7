import type { NamedTensor } from '../../../platform/inference/index.js';
import type { DecodedRow } from '../predict/output-decoder.js';
import type { CapturedRow, PredictRequest } from '../serving-types.js';
import type { CaptureBatch } from './capture-types.js';

type CapturedInputs = CapturedRow['inputs'];

/** Facts that all rows of one answer share. */
export type AnswerFacts = Pick<
  CapturedRow,
  | 'atMs'
  | 'deploymentId'
  | 'model'
  | 'version'
  | 'shadow'
  | 'routeReason'
  | 'latencyMs'
  | 'queueMs'
  | 'computeMs'
  | 'propensity'
  | 'status'
  | 'errorCode'
>;

/** How many rows a request carries; for tensors the first dimension of the first. */
export function countRows({ input }: PredictRequest): number {
  return input.kind === 'rows' ? input.rows.length : (input.tensors[0]?.shape[0] ?? 0);
}

/** The id that joins a row with its truth later: the caller's own, or the request's with the row's place. */
export function predictionId({ requestId, input }: PredictRequest, row: number): string {
  const own: unknown = input.ids?.[row];
  return typeof own === 'string' && own !== '' ? own : `${requestId}/${row}`;
}

/**
 * One line per row of the request, answered or not: a {@link CapturedRow} as JSON. What the rows share is written once, and no
 * object is made per row: with tens of rows in a request, this is most of what an answer costs.
 */
export function encodeRows(
  request: PredictRequest,
  facts: AnswerFacts,
  { decoded, limit }: { decoded: readonly DecodedRow[]; limit: number },
): Pick<CaptureBatch, 'rows' | 'ids' | 'text'> {
  const { requestId, endpoint, environment, consumer } = request;
  const rows = Math.min(limit, countRows(request));
  const inputsOf = compileInputs(request, facts.status === 200);
  const shared = JSON.stringify({ requestId, endpoint, environment, consumer, ...facts }).slice(1);
  const ids: string[] = [];
  let text = '';
  for (let row = 0; row < rows; row += 1) {
    const id = predictionId(request, row);
    if (!facts.shadow) ids.push(id);
    const answer = decoded[row];
    const label = answer === undefined ? 'null' : JSON.stringify(answer.label);
    const probability = answer === undefined ? null : lastOf(answer.probabilities);
    text += `{"id":${JSON.stringify(id)},"label":${label},"probability":${probability},"inputs":${inputsOf(row)},${shared}\n`;
  }
  return { rows, ids, text };
}

/** Gives the inputs of a row as JSON. Of a request that was answered every cell is known to be a scalar. */
function compileInputs({ input }: PredictRequest, answered: boolean): (row: number) => string {
  if (input.kind === 'rows') {
    const { rows } = input;
    return answered ? (row) => JSON.stringify(rows[row]) : (row) => JSON.stringify(scalarsOf(rows[row]));
  }
  const cells = input.tensors.map((tensor) => ({
    key: `${JSON.stringify(tensor.name)}:`,
    cellOf: compileCell(tensor),
  }));
  return (row) => {
    let text = '';
    for (const { key, cellOf } of cells) text += `${text === '' ? '{' : ','}${key}${cellOf(row)}`;
    return text === '' ? '{}' : `${text}}`;
  };
}

function scalarsOf(cells: unknown): CapturedInputs {
  if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) return { '': scalarOf(cells) };
  return Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, scalarOf(value)]));
}

function lastOf(probabilities: DecodedRow['probabilities']): number | null {
  let last: number | null = null;
  for (const label in probabilities) last = probabilities[label] as number;
  return last;
}

/** What is no scalar is kept as its JSON text. */
function scalarOf(value: unknown): CapturedInputs[string] {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return JSON.stringify(value);
}

/** The cell of a column tensor as JSON, or as a text the JSON of a row that is wider. */
function compileCell({ data, shape, datatype }: NamedTensor): (row: number) => string {
  const width = shape.slice(1).reduce((product, dim) => product * dim, 1);
  if (width === 1 && (data instanceof Float32Array || data instanceof Float64Array)) {
    return (row) => {
      const value = data[row] as number;
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    };
  }
  const read = (index: number): CapturedInputs[string] => {
    const value = data[index] as number | bigint | string | undefined;
    if (datatype === 'BOOL') return value === 1;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return scalarOf(value);
  };
  if (width === 1) return (row) => JSON.stringify(read(row));
  return (row) => JSON.stringify(JSON.stringify(Array.from({ length: width }, (_, i) => read(row * width + i))));
}
