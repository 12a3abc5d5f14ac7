import { isFairleadError, messageOf } from '@fairlead/kernel';
import type { LoadedModel, NamedTensor } from '../../../platform/inference/index.js';
import type { RowIssue } from './batch-types.js';
import type { RowWindow } from './row-window.js';

/** A run's answers to the rows from `start` on, or why the row at `start` has none. */
export interface RunPiece {
  readonly start: number;
  readonly count: number;
  readonly tensors: readonly NamedTensor[];
  readonly failure: Omit<RowIssue, 'row'> | null;
}

export interface RunOptions {
  readonly outputs: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What a run can fail with because of its rows. In a process of its own a row may also take it down or keep it for ever. */
const FAULTS_OF_ROWS: Readonly<Record<string, readonly string[]>> = {
  process: ['INF_RUN_FAILED', 'INF_WORKER_LOST', 'INF_RUN_TIMEOUT', 'INF_RUN_MEMORY'],
};

/**
 * Runs all rows of a window at once. A run that fails by its rows is cut in halves until the row is found that it fails by, so
 * that only that one has no answer.
 *
 * @throws what is no fault of the rows: the model cannot be reached, is not loaded, or the signal's reason
 */
export async function runRows(model: LoadedModel, window: RowWindow, options: RunOptions): Promise<RunPiece[]> {
  const { outputs, signal } = options;
  const run = async (tensors: readonly NamedTensor[], start: number, count: number): Promise<RunPiece[]> => {
    try {
      // The arrays are copied to the thread, not given away: a run that fails is repeated in parts.
      const result = await model.run(tensors, { outputs, ...(signal && { signal }) });
      return [{ start, count, tensors: result.outputs, failure: null }];
    } catch (error) {
      signal?.throwIfAborted();
      const codes = FAULTS_OF_ROWS[model.placement] ?? ['INF_RUN_FAILED'];
      if (!isFairleadError(error) || !codes.includes(error.code)) throw error;
      if (count === 1) {
        const failure = { column: '', code: error.code, reason: messageOf(error).slice(0, 500) };
        return [{ start, count, tensors: [], failure }];
      }
      const half = count >> 1;
      return [
        ...(await run(window.tensors(start, start + half), start, half)),
        ...(await run(window.tensors(start + half, start + count), start + half, count - half)),
      ];
    }
  };
  return run(window.tensors(), 0, window.rows);
}
