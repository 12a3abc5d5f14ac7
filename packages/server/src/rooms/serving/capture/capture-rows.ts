import type { NamedTensor } from '../../../platform/inference/index.js';
import type { DecodedRow } from '../predict/output-decoder.js';
import type { CapturedRow, PredictRequest } from '../serving-types.js';

type CapturedInputs = Record<string, string | number | boolean | null>;

/** Facts that all rows of one answer share. */
export type AnswerFacts = Pick<
  CapturedRow,
  'atMs' | 'deploymentId' | 'model' | 'version' | 'shadow' | 'routeReason' | 'latencyMs' | 'status' | 'errorCode'
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

/** One captured row per row of the request, answered or not. */
export function captureRows(
  request: PredictRequest,
  facts: AnswerFacts,
  { decoded, limit }: { decoded: readonly DecodedRow[]; limit: number },
): CapturedRow[] {
  const { requestId, endpoint, environment, consumer } = request;
  const count = Math.min(limit, countRows(request));
  return Array.from({ length: count }, (_, row) => {
    const answer = decoded[row];
    return {
      id: predictionId(request, row),
      requestId,
      endpoint,
      environment,
      consumer,
      ...facts,
      label: answer?.label ?? null,
      probability: answer === undefined ? null : lastOf(answer.probabilities),
      inputs: inputsOf(request, row),
    };
  });
}

function inputsOf({ input }: PredictRequest, row: number): CapturedInputs {
  if (input.kind === 'tensors') {
    return Object.fromEntries(input.tensors.map((tensor) => [tensor.name, tensorCell(tensor, row)]));
  }
  const cells: unknown = input.rows[row];
  if (typeof cells !== 'object' || cells === null || Array.isArray(cells)) return { '': scalarOf(cells) };
  // Nearly always: what was sent is what is kept.
  if (isPlain(cells)) return cells;
  return Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, scalarOf(value)]));
}

function isPlain(cells: object): cells is CapturedInputs {
  for (const name in cells) {
    const value: unknown = (cells as Record<string, unknown>)[name];
    const type = typeof value;
    if (type === 'number' ? !Number.isFinite(value) : type !== 'string' && type !== 'boolean' && value !== null)
      return false;
  }
  return true;
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

/** The cell of a column tensor, or the JSON text of a row that is wider. */
function tensorCell({ data, shape, datatype }: NamedTensor, row: number): CapturedInputs[string] {
  const width = shape.slice(1).reduce((product, dim) => product * dim, 1);
  const read = (index: number): CapturedInputs[string] => {
    const value = data[index] as number | bigint | string | undefined;
    if (datatype === 'BOOL') return value === 1;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    return scalarOf(value);
  };
  if (width === 1) return read(row);
  return JSON.stringify(Array.from({ length: width }, (_, i) => read(row * width + i)));
}
