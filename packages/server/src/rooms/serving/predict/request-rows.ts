import type { PredictRequest } from '../serving-types.js';

/** How many rows a request carries; for tensors the first dimension of the first. */
export function countRows({ input }: Pick<PredictRequest, 'input'>): number {
  return input.kind === 'rows' ? input.rows.length : (input.tensors[0]?.shape[0] ?? 0);
}

/** The id that joins a row with its truth later: the caller's own, or the request's with the row's place. */
export function predictionId({ requestId, input }: Pick<PredictRequest, 'requestId' | 'input'>, row: number): string {
  const own: unknown = input.ids?.[row];
  return typeof own === 'string' && own !== '' ? own : `${requestId}/${row}`;
}
