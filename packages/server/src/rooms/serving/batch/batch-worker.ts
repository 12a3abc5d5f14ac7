import { serveProcess } from '../../../platform/compute/index.js';
import type { BatchPlan, BatchResult } from './batch-types.js';
import { scoreFile } from './score-file.js';

/** How far the batch is. */
export interface BatchNews {
  readonly rows: number;
  readonly ofRows: number;
}

// Entry of the process that scores a file for a server.
serveProcess<BatchPlan, BatchResult, BatchNews>((plan, { signal, tell }) =>
  scoreFile(plan, { signal, progress: (rows, ofRows) => tell({ rows, ofRows }) }),
);
